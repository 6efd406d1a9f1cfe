package redisstore

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// A server that has too many clients, or is in protected mode, says so to a new
// connection and hangs up. go-redis takes that for the answer of an old server
// to its HELLO, goes on, and returns "broken pipe" or "EOF". A greeter asks such
// a server again, to find out what it says.
type greeter struct {
	mu    sync.Mutex
	heard map[string]heard // by address; "" is the one server, or a node that an error does not name
}

// heard is what a server said the last time.
type heard struct {
	asked time.Time
	said  string // the error reply, or ""
}

const (
	greetingWait = 100 * time.Millisecond // a server that will serve says nothing
	greetingKept = time.Second            // so that not every failing call asks
)

// A greeting is an error reply that a server gave to a new connection.
type greeting string

func (g greeting) Error() string { return string(g) }

// RedisError implements [redis.Error].
func (greeting) RedisError() {}

// explain returns the greeting of the server in place of an err that looks as if
// there had been one, and any other err as it is.
func (g *greeter) explain(ctx context.Context, c *client, err error) error {
	if !hungUp(err) {
		return err
	}
	addr := ""
	var op *net.OpError
	if c.cluster != nil && errors.As(err, &op) && op.Addr != nil {
		addr = op.Addr.String()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.heard[addr]
	if time.Since(h.asked) > greetingKept {
		h = heard{time.Now(), c.greeting(ctx, addr)}
		if g.heard == nil {
			g.heard = make(map[string]heard)
		}
		g.heard[addr] = h
	}
	if h.said == "" {
		return err
	}
	return greeting(h.said)
}

func hungUp(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}

// greeting returns with what error reply the server at addr begins, or "". With
// no addr it asks those that the client was given. An addr is where a connection
// really was to: a Dialer of the client, which may take it elsewhere, is not for it.
func (c *client) greeting(ctx context.Context, addr string) string {
	ctx, cancel := context.WithTimeout(ctx, greetingWait)
	defer cancel()
	if single, ok := c.UniversalClient.(*redis.Client); ok {
		o := single.Options()
		return listen(ctx, o.Dialer, o.Network, o.Addr)
	}
	o := c.cluster.Options()
	addrs, dial := o.Addrs, o.Dialer
	if addr != "" {
		addrs = []string{addr}
	}
	if addr != "" || dial == nil {
		dial = redis.NewDialer(&redis.Options{DialTimeout: greetingWait, TLSConfig: o.TLSConfig})
	}
	said := make(chan string, len(addrs))
	for _, addr := range addrs {
		go func() { said <- listen(ctx, dial, "tcp", addr) }()
	}
	var first string
	for range addrs {
		first = cmp.Or(first, <-said)
	}
	return first
}

// listen connects and returns the error reply that the server begins with, or "".
func listen(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), network, addr string) string {
	conn, err := dial(ctx, network, addr)
	if err != nil {
		return ""
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok && conn.SetReadDeadline(deadline) != nil {
		return ""
	}
	line, err := bufio.NewReaderSize(conn, 512).ReadString('\n')
	said, isError := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "-")
	if err != nil || !isError {
		return ""
	}
	return said
}

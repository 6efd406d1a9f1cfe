package redisstore

import (
	"bufio"
	"context"
	"errors"
	"io"
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
	asked time.Time
	said  string // the error reply of the last time, or ""
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
func (g *greeter) explain(ctx context.Context, client redis.UniversalClient, err error) error {
	c, ok := client.(*redis.Client)
	if !ok || !hungUp(err) {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if time.Since(g.asked) > greetingKept {
		g.said = ask(ctx, c.Options())
		g.asked = time.Now()
	}
	if g.said == "" {
		return err
	}
	return greeting(g.said)
}

func hungUp(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}

// ask connects and returns the error reply that the server begins with, or "".
func ask(ctx context.Context, o *redis.Options) string {
	ctx, cancel := context.WithTimeout(ctx, greetingWait)
	defer cancel()
	conn, err := o.Dialer(ctx, o.Network, o.Addr)
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

package suite

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"

	"github.com/tunica-go/tunica/internal/bench/contest"
)

// raw is what one pipelined connection gives in Go, without a client: whoever
// comes while a batch is on its way is in the next one. It knows no contexts, no
// errors but the first, and no second connection.
type raw struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte

	mu      sync.Mutex
	waiting []*rawCall
	flying  bool
}

type rawCall struct {
	request []byte
	landed  chan error
}

func (e *Env) raw(h *contest.Host, _ int) client {
	conn, err := net.Dial("tcp", e.redis(h).Addr())
	h.Must(err)
	h.Cleanup(func() { _ = conn.Close() })
	r := &raw{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}
	return client{
		get: func(key string) error { return r.do("GET", key) },
		set: func(key string, value []byte) error { return r.do("SET", key, string(value)) },
	}
}

// do sends a request alone if none is on its way, and else with the next batch.
func (r *raw) do(args ...string) error {
	c := &rawCall{landed: make(chan error, 1)}
	c.request = fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, arg := range args {
		c.request = fmt.Appendf(c.request, "$%d\r\n%s\r\n", len(arg), arg)
	}
	r.mu.Lock()
	r.waiting = append(r.waiting, c)
	lead := !r.flying
	r.flying = true
	r.mu.Unlock()
	if lead {
		r.fly()
	}
	return <-c.landed
}

// fly sends one batch, and leaves what has come meanwhile to a goroutine.
func (r *raw) fly() {
	r.mu.Lock()
	batch := r.waiting
	r.waiting = nil
	r.flying = len(batch) > 0
	r.mu.Unlock()
	if len(batch) == 0 {
		return
	}
	r.out = r.out[:0]
	for _, c := range batch {
		r.out = append(r.out, c.request...)
	}
	_, err := r.conn.Write(r.out)
	for _, c := range batch {
		if err == nil {
			err = r.reply()
		}
		c.landed <- err
	}
	r.mu.Lock()
	r.flying = len(r.waiting) > 0
	more := r.flying
	r.mu.Unlock()
	if more {
		go r.fly()
	}
}

var errReply = errors.New("not a reply that was expected")

// reply reads a value, as a caller would have it, or an OK.
func (r *raw) reply() error {
	line, err := r.in.ReadSlice('\n')
	switch {
	case err != nil:
		return err
	case len(line) < 4 || line[0] != '$' && line[0] != '+':
		return errReply
	case line[0] == '+':
		return nil
	}
	n, err := strconv.Atoi(string(line[1 : len(line)-2]))
	if err != nil || n < 0 {
		return errReply
	}
	value := make([]byte, n)
	if _, err := io.ReadFull(r.in, value); err != nil {
		return err
	}
	_, err = r.in.Discard(2)
	return err
}

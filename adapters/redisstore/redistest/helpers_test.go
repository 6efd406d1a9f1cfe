package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

const patience = 20 * time.Second

// A client speaks RESP over one connection; a reply is text: +OK, -ERR …, :1,
// the bulk itself, (nil), or the elements of an array joined by spaces.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, conn)
}

func newClient(t *testing.T, conn net.Conn) *client {
	t.Helper()
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil { // for who reads first
		t.Fatal(err)
	}
	return &client{t, conn, bufio.NewReader(conn)}
}

func (c *client) do(args ...string) string {
	c.t.Helper()
	got, err := c.try(args...)
	if err != nil {
		c.t.Fatalf("%s: %v", args[0], err)
	}
	return got
}

func (c *client) try(args ...string) (string, error) {
	if err := c.write(args...); err != nil {
		return "", err
	}
	return c.reply()
}

func (c *client) send(args ...string) {
	c.t.Helper()
	if err := c.write(args...); err != nil {
		c.t.Fatalf("%s: %v", args[0], err)
	}
}

func (c *client) write(args ...string) error {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := c.conn.Write(encode(args))
	return err
}

func (c *client) reply() (string, error) {
	line, err := c.r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch {
	case n < 0 && line[0] != ':':
		return "(nil)", nil
	case line[0] == '$':
		bulk := make([]byte, n+2)
		_, err := io.ReadFull(c.r, bulk)
		return string(bulk[:n]), err
	case line[0] == '*':
		items := make([]string, n)
		for i := range items {
			if items[i], err = c.reply(); err != nil {
				return "", err
			}
		}
		return strings.Join(items, " "), nil
	}
	return line, nil
}

func wantRefused(t *testing.T, addr string) {
	t.Helper()
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Errorf("the server at %s still accepts connections", addr)
	}
}

func wantGone(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat %s: got %v, want that it is gone", path, err)
	}
}

// until polls the condition and fails the test when it does not come true.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); <-time.After(pollInterval) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// recorder is a test that keeps what it is told; what else it is asked, it asks
// the real one.
type recorder struct {
	testing.TB
	failed, skipped bool
	said            string
	cleanups        []func()
}

// record runs f with a test of its own and returns what became of that.
func record(t *testing.T, f func(testing.TB)) *recorder {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(r.cleanups) - 1; i >= 0; i-- {
				r.cleanups[i]()
			}
		}()
		f(r)
	}()
	<-done
	return r
}

func (r *recorder) say(format string, args ...any) { r.said += fmt.Sprintf(format, args...) + "\n" }

func (r *recorder) Errorf(format string, args ...any) { r.failed = true; r.say(format, args...) }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); runtime.Goexit() }

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = true
	r.say(format, args...)
	runtime.Goexit()
}
func (r *recorder) Skip(args ...any)                { r.Skipf("%s", fmt.Sprint(args...)) }
func (r *recorder) Logf(format string, args ...any) { r.say(format, args...) }
func (r *recorder) Failed() bool                    { return r.failed }
func (r *recorder) Cleanup(f func())                { r.cleanups = append(r.cleanups, f) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func itoa(n int) string { return strconv.Itoa(n) }

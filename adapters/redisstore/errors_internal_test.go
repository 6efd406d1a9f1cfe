package redisstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// The words of servers, some of which no test can provoke, and what they are.
func TestReplies(t *testing.T) {
	for _, c := range []struct {
		reply string
		means error
		shown string
	}{
		{"WRONGTYPE Operation against a key holding the wrong kind of value", storage.ErrCorrupt, "WRONGTYPE: the key holds another type than a string"},
		{"READONLY You can't write against a read only replica.", storage.ErrReadOnly, "READONLY"},
		{"NOAUTH Authentication required.", storage.ErrUnauthorized, "NOAUTH"},
		{"WRONGPASS invalid username-password pair or user is disabled.", storage.ErrUnauthorized, "WRONGPASS"},
		{"NOPERM this user has no permissions to run the 'get' command", storage.ErrUnauthorized, "NOPERM"},
		{"DENIED Redis is running in protected mode because …", storage.ErrUnauthorized, "DENIED: the server is in protected mode"},
		{"ERR invalid password", storage.ErrUnauthorized, "ERR: invalid password"},
		{"ERR Client sent AUTH, but no password is set", storage.ErrUnauthorized, "ERR: a password was sent, but the server has none"},
		{"ERR ACL failure in script: x", storage.ErrUnauthorized, "ERR: the user may not run a command of a script"},
		{"OOM command not allowed when used memory > 'maxmemory'.", storage.ErrOverloaded, "OOM"},
		{"ERR max number of clients reached", storage.ErrOverloaded, "ERR: max number of clients reached"},
		{"ERR max number of clients + cluster connections reached", storage.ErrOverloaded, "ERR: max number of clients reached"},
		{"LOADING Redis is loading the dataset in memory", storage.ErrUnavailable, "LOADING"},
		{"MASTERDOWN Link with MASTER is down", storage.ErrUnavailable, "MASTERDOWN"},
		{"CLUSTERDOWN The cluster is down", storage.ErrUnavailable, "CLUSTERDOWN"},
		{"TRYAGAIN Multiple keys request during rehashing of slot", storage.ErrUnavailable, "TRYAGAIN"},
		{"BUSY Redis is busy running a script.", storage.ErrUnavailable, "BUSY"},
		{"NOREPLICAS Not enough good replicas to write.", storage.ErrUnavailable, "NOREPLICAS"},
		{"MISCONF Redis is configured to save RDB snapshots", storage.ErrUnavailable, "MISCONF"},
		{"MOVED 3999 127.0.0.1:6381", storage.ErrUnavailable, "MOVED: the server belongs to a Cluster"},
		{"ERR unknown command 'GETDEL', with args beginning with: 's3cr3t'", storage.ErrUnavailable, "ERR: unknown command; Redis 6.2 or newer is needed"},
		{"ERR s3cr3t", storage.ErrUnavailable, "ERR"},
		{"NEWCODE_2 s3cr3t", storage.ErrUnavailable, "NEWCODE_2"},
		{"s3cr3t", storage.ErrUnavailable, "an error without a code"},
		{"S3cr3t x", storage.ErrUnavailable, "an error without a code"},
		{"2ND x", storage.ErrUnavailable, "an error without a code"},
		{strings.Repeat("S", 33), storage.ErrUnavailable, "an error without a code"},
		{"", storage.ErrUnavailable, "an error without a code"},
	} {
		if shown, means := meaningOf(c.reply); means != c.means || shown != c.shown {
			t.Errorf("%q: %v, %q, want %v, %q", c.reply, means, shown, c.means, c.shown)
		}
		w := newWrite("k")
		if _, err := w.MarshalBinary(); err != nil {
			t.Fatal(err)
		}
		newOnce(t.Context(), []any{"set", w}).SetErr(greeting(c.reply))
		err := newLink(nil, false, 0).fail(t.Context(), storage.OpSet, greeting(c.reply), w.fate)
		if want := "redisstore: set: " + c.means.Error() + ": " + c.shown; err.Error() != want || errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("%q: %q, want %q, definite", c.reply, err, want)
		}
	}
}

// The errors of the client and of the network: what they are, and what of them
// is shown. Once a write was sent, they leave its outcome unknown.
func TestTransportErrors(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 6379}
	for _, c := range []struct {
		err   error
		means error
		shown string
	}{
		{io.EOF, storage.ErrUnavailable, "the connection was closed"},
		{io.ErrUnexpectedEOF, storage.ErrUnavailable, "the connection was closed"},
		{&net.OpError{Op: "read", Net: "tcp", Addr: addr, Err: os.NewSyscallError("read", syscall.ECONNRESET)}, storage.ErrUnavailable, "read tcp 127.0.0.1:6379: " + syscall.ECONNRESET.Error()},
		{&net.OpError{Op: "read", Net: "tcp", Addr: addr, Err: os.ErrDeadlineExceeded}, storage.ErrUnavailable, "read tcp 127.0.0.1:6379: i/o timeout"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "redis"}}, storage.ErrUnavailable, "dial tcp: lookup redis: no such host"},
		{&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("s3cr3t")}, storage.ErrUnavailable, "dial tcp: an error of type *errors.errorString"},
		{os.NewSyscallError("write", syscall.EPIPE), storage.ErrUnavailable, syscall.EPIPE.Error()},
		{net.ErrClosed, storage.ErrUnavailable, "use of closed network connection"},
		{redis.ErrClosed, storage.ErrClosed, redis.ErrClosed.Error()},
		{redis.ErrPoolTimeout, storage.ErrOverloaded, redis.ErrPoolTimeout.Error()},
		{fmt.Errorf("s3cr3t: %w", redis.ErrPoolExhausted), storage.ErrOverloaded, redis.ErrPoolExhausted.Error()},
		{context.DeadlineExceeded, storage.ErrUnavailable, "i/o timeout"}, // the client's own: the caller's has not ended
		{tls.AlertError(40), storage.ErrUnavailable, "tls: handshake failure"},
		{errReply, storage.ErrUnavailable, errReply.Error()},
		{errors.New(`redis: can't parse "s3cr3t"`), storage.ErrUnavailable, "an error of type *errors.errorString"},
	} {
		waits, gone := newWrite("k"), newWrite("k")
		if _, err := gone.MarshalBinary(); err != nil {
			t.Fatal(err)
		}
		l := newLink(nil, false, 0)
		for name, f := range map[string]*fate{"read": nil, "waiting": waits.fate, "sent": gone.fate} {
			err := l.fail(t.Context(), storage.OpSet, c.err, f)
			want := "redisstore: set: " + c.means.Error() + ": " + c.shown
			if f == gone.fate {
				want = "redisstore: set: " + storage.ErrUnknownOutcome.Error() + ": " + c.means.Error() + ": " + c.shown
			}
			if err.Error() != want || !errors.Is(err, c.means) || errors.Is(err, storage.ErrUnknownOutcome) != (f == gone.fate) {
				t.Errorf("%s: %v: %q, want %q", name, c.err, err, want)
			}
			if errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v looks like a caller's deadline", name, c.err)
			}
		}
	}
}

// Of a pipeline's errors the one counts that leaves most in doubt.
func TestOutcome(t *testing.T) {
	oom, readonly := greeting("OOM"), greeting("READONLY")
	for _, c := range []struct {
		commands       []error
		pipeline, want error
	}{
		{[]error{nil, redis.Nil}, redis.Nil, nil},
		{[]error{nil, oom, readonly}, oom, oom},
		{[]error{oom, io.EOF, io.EOF}, io.EOF, io.EOF},
		{[]error{oom, nil}, io.EOF, io.EOF},
		{[]error{nil, nil}, io.EOF, io.EOF},
		{nil, redis.ErrPoolTimeout, redis.ErrPoolTimeout},
	} {
		var o outcome
		for _, err := range c.commands {
			o.add(err)
		}
		if got := o.of(c.pipeline); got != c.want {
			t.Errorf("%v: got %v, want %v", c, got, c.want)
		}
	}
}

// The greeting of a server is asked for once, not by every call that fails.
func TestGreetingIsKept(t *testing.T) {
	dials := 0
	client := redis.NewClient(&redis.Options{Dialer: func(context.Context, string, string) (net.Conn, error) {
		dials++
		here, there := net.Pipe()
		go func() {
			_, _ = io.WriteString(there, "-DENIED go away\r\n")
			_ = there.Close()
		}()
		return here, nil
	}})
	defer client.Close()
	var g greeter
	for _, hung := range []error{syscall.EPIPE, syscall.ECONNRESET, io.EOF} {
		if err := g.explain(t.Context(), newClient(client), hung); err.Error() != "DENIED go away" {
			t.Errorf("got %v, want the greeting", err)
		}
	}
	if err := g.explain(t.Context(), newClient(client), syscall.ECONNREFUSED); err != syscall.ECONNREFUSED {
		t.Errorf("got %v, want the error as it was", err)
	}
	if dials != 1 {
		t.Errorf("%d dials, want 1", dials)
	}
}

// Where a connection of a Cluster really was to, another one is made without the
// Dialer of the client, which may take the address for the name of something else.
func TestGreetingOfANode(t *testing.T) {
	node, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer node.Close()
	go func() {
		for {
			conn, err := node.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "-DENIED go away\r\n")
			_ = conn.Close()
		}
	}()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{"seed:6379"},
		Dialer: func(_ context.Context, _, addr string) (net.Conn, error) {
			if addr != "seed:6379" {
				t.Errorf("the Dialer is asked for %s", addr)
			}
			return nil, io.EOF
		},
	})
	defer cluster.Close()
	c := newClient(cluster)
	if said := c.greeting(t.Context(), node.Addr().String()); said != "DENIED go away" {
		t.Errorf("the node says %q", said)
	}
	if said := c.greeting(t.Context(), ""); said != "" {
		t.Errorf("nobody says %q", said)
	}
}

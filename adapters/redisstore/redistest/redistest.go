// Package redistest starts real Redis servers for tests, and breaks them on
// demand.
//
// [Start] runs a redis-server (or valkey-server) of its own for one test, on a
// free port of the loopback interface, without persistence and in a temporary
// directory. [Shared] lends one server to all the tests of a test binary, which
// is what most tests want: a server costs some 50 milliseconds to start. On Unix no
// server outlives its test binary, however that ends.
//
//	func TestSessions(t *testing.T) {
//		server := redistest.Shared(t)
//		store, err := redisstore.Open(ctx, server.URL(), redisstore.Prefix(server.Prefix()))
//		…
//	}
//
// A server from Start can be killed, restarted on the same port, paused and
// resumed, so that a test sees how a program takes a dead and a hung server.
//
// [StartCluster] runs a Redis Cluster of three masters with a replica each, and
// moves slots and roles about; [StartSentinel] a master and a replica that three
// sentinels watch. A [Proxy] stands before any of these servers and delays, loses
// and breaks off what it says. The options [TLS] and [Socket] are other ways to
// reach a server.
//
// # The server program
//
// The program is the one that the environment variable [EnvServer] names, or
// else redis-server or valkey-server on PATH. Where there is none, the test is
// skipped with a message that says how to get one; with [EnvRequire] set to 1
// it fails instead, which is the setting for continuous integration.
package redistest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// The environment variables that this package reads.
const (
	EnvServer  = "TUNICA_REDIS_SERVER"  // path of the server program; empty: look on PATH
	EnvRequire = "TUNICA_REQUIRE_REDIS" // 1: a missing server program fails a test instead of skipping it
)

// A Server is a running Redis server. Its methods are safe for concurrent use.
// Kill, Restart, Pause and Resume report what goes wrong with t.Errorf, so that
// any goroutine of the test may call them; on a server from [Shared] they are
// refused, for the server is not the caller's alone.
type Server struct {
	t      testing.TB
	p      *process
	prefix string
	shared bool
}

// Start starts a server for the test t, and ends it when t is over. It returns
// when the server answers; a server that does not start fails the test, with
// the server's log. When t fails the log is added to the test's output.
//
// Start skips or fails t where there is no server program, as the package
// comment says.
func Start(t testing.TB, opts ...Option) *Server {
	t.Helper()
	bin := program(t)
	c, err := newConf(opts)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	s := newServer(t, bin, c)
	started(t, s.p.startOnFreePort(freePort))
	return s
}

// started skips or fails the test when a server did not start.
func started(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errNoTLS) {
		t.Skipf("redistest: skipped: %v", err)
	}
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
}

// newServer returns a server that is yet to be started, and ends with t.
func newServer(t testing.TB, bin string, c *conf) *Server {
	t.Helper()
	p, err := newProcess(bin, c)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("redistest: log of the server at %s:\n%s", p.addr(), p.log.String())
		}
		if err := os.RemoveAll(p.dir); err != nil {
			t.Errorf("redistest: %v", err)
		}
	})
	return &Server{t: t, p: p, prefix: nextPrefix()}
}

// Shared returns the one server that all the callers of Shared in a test binary
// have in common. The first call starts it; it ends with the test binary, not
// with t. Each caller keeps to the keys under its own [Server.Prefix], and leaves
// FLUSHALL and the server's configuration alone.
//
// Where a process cannot be made to end with its parent (Windows), Shared is
// [Start] without options.
func Shared(t testing.TB) *Server {
	t.Helper()
	if !canEndAlone {
		return Start(t)
	}
	bin := program(t)
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.p == nil && shared.err == nil {
		shared.p, shared.err = startShared(bin)
	}
	if shared.err != nil {
		t.Fatalf("redistest: shared server: %v", shared.err)
	}
	return &Server{t: t, p: shared.p, prefix: nextPrefix(), shared: true}
}

var shared struct {
	mu  sync.Mutex
	p   *process
	err error
}

func startShared(bin string) (*process, error) {
	p, err := newProcess(bin, new(conf))
	if err != nil {
		return nil, err
	}
	if err := p.startOnFreePort(freePort); err != nil {
		os.RemoveAll(p.dir)
		return nil, err
	}
	return p, nil
}

// Addr returns the server's host:port. It stays the same over a Restart.
func (s *Server) Addr() string { return s.p.addr() }

// URL returns the server's address as redis://host:port, or rediss://host:port if
// it has the option [TLS]: the form that redis.ParseURL takes. It names no
// password, even if the configuration sets one.
func (s *Server) URL() string { return s.p.conf.scheme("") + "://" + s.p.addr() }

// Prefix returns a prefix for the keys of this caller: each [Start] and each
// [Shared] in a test binary gives another one, and none is the beginning of
// another.
func (s *Server) Prefix() string { return s.prefix }

// Log returns what the server has logged so far, over all its restarts.
func (s *Server) Log() string { return s.p.log.String() }

// Kill ends the server at once, as a crash would (SIGKILL), and returns when it
// is gone: connections are broken and new ones refused. Killing a dead server
// does nothing.
func (s *Server) Kill() {
	s.t.Helper()
	if s.own("Kill") {
		s.p.kill()
	}
}

// Restart starts the server again on the same port and with the same
// configuration, after a Kill if it is still running, and returns when it
// answers. The data is lost, unless the configuration keeps it, as
// Config("appendonly", "yes") does, all of it with Config("appendfsync", "no").
func (s *Server) Restart() {
	s.t.Helper()
	if !s.own("Restart") {
		return
	}
	if err := s.p.restart(); err != nil {
		s.t.Errorf("redistest: restart: %v", err)
	}
}

// Pause stops the server from running (SIGSTOP): its connections stay open and
// new ones are still accepted by the operating system, but nothing is answered
// until [Server.Resume]. Pause returns when the server has stopped.
//
// Where processes cannot be paused (Windows) Pause skips the test.
func (s *Server) Pause() {
	s.t.Helper()
	if !canPause {
		s.t.Skip("redistest: this system cannot pause a process")
	}
	if !s.own("Pause") {
		return
	}
	if err := s.p.pause(); err != nil {
		s.t.Errorf("redistest: pause: %v", err)
	}
}

// Resume lets a paused server go on (SIGCONT). It then answers what it was sent
// meanwhile. Resuming a server that is not paused does nothing.
func (s *Server) Resume() {
	s.t.Helper()
	if !s.own("Resume") {
		return
	}
	if err := s.p.resume(); err != nil {
		s.t.Errorf("redistest: resume: %v", err)
	}
}

// own reports whether the server is this test's alone, and fails the test if not.
func (s *Server) own(method string) bool {
	s.t.Helper()
	if s.shared {
		s.t.Errorf("redistest: %s of a shared server: other tests use it; take one of your own with Start", method)
	}
	return !s.shared
}

var prefixes atomic.Int64

func nextPrefix() string { return fmt.Sprintf("t%d:", prefixes.Add(1)) }

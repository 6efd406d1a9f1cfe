package redistest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// through starts a server and a proxy in front of it.
func through(t *testing.T) (*Server, *Proxy) {
	t.Helper()
	s := Start(t)
	return s, NewProxy(t, s.Addr())
}

// How a connection is made through a proxy.
var ways = map[string]func(*testing.T, *Proxy) *client{
	"Addr": func(t *testing.T, p *Proxy) *client { return dial(t, p.Addr()) },
	"Dial": func(t *testing.T, p *Proxy) *client {
		conn, err := p.Dial(t.Context(), "tcp", "whatever:1")
		if err != nil {
			t.Fatal(err)
		}
		return newClient(t, conn)
	},
}

func TestProxy(t *testing.T) {
	t.Parallel()
	_, p := through(t)
	for name, connect := range ways {
		c := connect(t, p)
		long := strings.Repeat("x", 1<<20)
		if got := c.do("SET", "k", long); got != "+OK" {
			t.Errorf("%s: SET: got %q", name, got)
		}
		if got := c.do("GET", "k"); got != long {
			t.Errorf("%s: GET: got %d bytes, want %d", name, len(got), len(long))
		}
		until(t, "the proxy has one connection", func() bool { return p.Conns() == 1 })
		c.conn.Close()
		until(t, "the proxy has no connection", func() bool { return p.Conns() == 0 })
	}
	if set, get := p.Requests("set"), p.Requests("GET"); set != 2 || get != 2 {
		t.Errorf("Requests: got %d SET and %d GET, want 2 each", set, get)
	}
	if !p.Struck() {
		t.Error("Struck: got false with nothing armed")
	}
}

// wantEnd wants the connection to end as the fault says.
func wantEnd(t *testing.T, c *client, f Fault) {
	t.Helper()
	got, err := c.reply()
	want := io.EOF
	if f == Reset {
		want = syscall.ECONNRESET
	}
	if !errors.Is(err, want) {
		t.Errorf("got %q and %v, want %v", got, err, want)
	}
}

// wantBroken wants that a new connection fails: as it is made, or at once after.
func wantBroken(t *testing.T, addr string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err == nil {
		_, err = newClient(t, conn).reply()
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("new connection: got %v, want that it is broken", err)
	}
}

// wantNothing wants no reply for a while.
func wantNothing(t *testing.T, c *client) {
	t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got, err := c.reply(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %q and %v, want no reply", got, err)
	}
	if err := c.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}

// The reply to the second SET is struck, in a pipeline that comes in pieces and
// whose values speak of SET too.
func TestStrike(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin := dial(t, s.Addr())
	struck := string(encode(
		[]string{"ECHO", "set"}, []string{"RPUSH", "list", "*1\r\n$3\r\nSET\r\n", "SET"}, []string{"SET", "a", "1"},
		[]string{"LRANGE", "list", "0", "-1"}, []string{"Set", "b", "2"}))
	before := []string{"set", ":2", "+OK", "*1\r\n$3\r\nSET\r\n SET"}
	for name, connect := range ways {
		for end, f := range map[string]Fault{
			"Reset": Reset, "EOF": EOF, "Silence": Silence, "HalfClose": HalfClose, "Delay": Delay(300 * time.Millisecond),
		} {
			// What is sent behind arrives if the connection stays open.
			open := f != Reset && f != EOF
			pipeline := struck
			if open {
				pipeline += string(encode([]string{"INCR", "n"}))
			}
			for _, size := range []int{1, 7, len(pipeline)} {
				admin.do("FLUSHALL")
				p.Heal()
				p.Strike("set", Delay(time.Millisecond)) // has the first, and does no harm
				p.Strike("SET", f)
				c := connect(t, p)
				start := time.Now()
				for rest := pipeline; rest != ""; {
					n := min(size, len(rest))
					if _, err := io.WriteString(c.conn, rest[:n]); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
				}
				for i, want := range before {
					if f == Reset {
						break // may take the replies that were not read with it
					}
					if got, err := c.reply(); got != want || err != nil {
						t.Fatalf("%s by %s in pieces of %d: reply %d: got %q and %v, want %q", end, name, size, i, got, err, want)
					}
				}
				switch f {
				case Reset:
					_, err := io.Copy(io.Discard, c.r)
					if !errors.Is(err, syscall.ECONNRESET) {
						t.Errorf("%s by %s: got %v, want a reset", end, name, err)
					}
				case EOF, HalfClose:
					wantEnd(t, c, f)
				case Silence:
					wantNothing(t, c)
					if got := p.Conns(); got == 0 {
						t.Error("the silent connection is not counted")
					}
					p.Heal()
					fallthrough
				default:
					for _, want := range []string{"+OK", ":1"} {
						if got, err := c.reply(); got != want || err != nil {
							t.Errorf("%s by %s: got %q and %v, want %q late", end, name, got, err, want)
						}
					}
					if d := time.Since(start); f.kind == late && d < f.delay {
						t.Errorf("%s by %s: the reply came after %v", end, name, d)
					}
				}
				if !p.Struck() {
					t.Errorf("%s by %s: has not struck", end, name)
				}
				until(t, "all has been executed", func() bool { return admin.do("GET", "n") == "1" || !open })
				if got := admin.do("GET", "b"); got != "2" {
					t.Errorf("%s by %s: GET b: got %q, want that the struck SET was executed", end, name, got)
				}
				c.conn.Close()
			}
		}
	}
}

// After a half close the client hears nothing, and the server everything.
func TestHalfClosedClientIsHeard(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin := dial(t, s.Addr())
	c := dial(t, p.Addr())
	p.Strike("ping", HalfClose)
	c.send("PING")
	wantEnd(t, c, HalfClose)
	c.send("SET", "k", "v")
	until(t, "the server has it", func() bool { return admin.do("GET", "k") == "v" })
	if got := p.Conns(); got != 1 {
		t.Errorf("Conns: got %d, want the half-closed one", got)
	}
	c.conn.Close()
	until(t, "the proxy has no connection", func() bool { return p.Conns() == 0 })
}

// What the server says unasked is no reply.
func TestStrikeAmongPushes(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin, c := dial(t, s.Addr()), dial(t, p.Addr())
	c.send("HELLO", "3")
	c.send("CLIENT", "TRACKING", "ON", "BCAST")
	c.send("PING")
	readUntil(t, c, "+PONG\r\n")
	p.Strike("echo", EOF)
	admin.do("SET", "a", "1")
	readUntil(t, c, ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n")
	admin.do("SET", "b", "1")
	if got := admin.do("SET", "c", "1"); got != "+OK" || p.Struck() {
		t.Fatalf("SET: got %q; struck: %v", got, p.Struck())
	}
	readUntil(t, c, "*1\r\n$1\r\nc\r\n")
	c.send("PING")
	readUntil(t, c, "+PONG\r\n")
	c.send("ECHO", "x")
	if rest, err := io.ReadAll(c.r); len(rest) > 0 || err != nil || !p.Struck() {
		t.Errorf("got %q and %v, want EOF at the reply; struck: %v", rest, err, p.Struck())
	}
}

func TestStrikeOfSubscriber(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin, c := dial(t, s.Addr()), dial(t, p.Addr())
	c.send("SUBSCRIBE", "a", "b")
	readUntil(t, c, "$1\r\nb\r\n:2\r\n")
	admin.do("PUBLISH", "a", "1")
	readUntil(t, c, "$1\r\n1\r\n")
	p.Strike("ping", Silence)
	c.send("PING")
	wantNothing(t, c)
	if !p.Struck() {
		t.Error("has not struck")
	}
	p.Heal()
	readUntil(t, c, "$4\r\npong\r\n$0\r\n\r\n")
}

// readUntil reads what ends like this.
func readUntil(t *testing.T, c *client, end string) {
	t.Helper()
	var got strings.Builder
	for !strings.HasSuffix(got.String(), end) {
		b, err := c.r.ReadByte()
		if err != nil {
			t.Fatalf("read %q and %v, want it to end with %q", got.String(), err, end)
		}
		got.WriteByte(b)
	}
}

func TestBreakAndHeal(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin := dial(t, s.Addr())
	for name, connect := range ways {
		for end, f := range map[string]Fault{"Reset": Reset, "EOF": EOF, "HalfClose": HalfClose} {
			old := connect(t, p)
			old.do("PING")
			p.Break(f)
			wantEnd(t, old, f)
			wantBroken(t, p.Addr())
			young := ways["Dial"](t, p)
			wantEnd(t, young, f)
			p.Heal()
			if got := connect(t, p).do("PING"); got != "+PONG" {
				t.Errorf("%s by %s: PING after Heal: got %q", end, name, got)
			}
		}

		old := connect(t, p)
		old.do("PING")
		admin.do("DEL", name)
		seen := p.Requests("incr")
		p.Break(Silence)
		young := connect(t, p)
		for _, c := range []*client{old, young} {
			c.send("INCR", name)
			wantNothing(t, c)
		}
		if got := p.Requests("incr"); got != seen+1 { // the new one is not read
			t.Errorf("Silence by %s: Requests: got %d more, want 1", name, got-seen)
		}
		if got := admin.do("GET", name); got != "(nil)" {
			t.Errorf("Silence by %s: GET: got %q, want that nothing got through", name, got)
		}
		p.Heal()
		for _, c := range []*client{old, young} {
			if got, err := c.reply(); err != nil || got != ":1" && got != ":2" {
				t.Errorf("Silence by %s: after Heal: got %q and %v, want the late reply", name, got, err)
			}
		}

		start := time.Now()
		p.Break(Delay(200 * time.Millisecond))
		old.send("PING")
		old.send("PING")
		for range 2 {
			if got, err := old.reply(); got != "+PONG" || err != nil {
				t.Errorf("Delay by %s: got %q and %v", name, got, err)
			}
		}
		if d := time.Since(start); d < 200*time.Millisecond {
			t.Errorf("Delay by %s: the replies came after %v", name, d)
		}
		p.Break(Delay(time.Hour))
		old.send("PING")
		wantNothing(t, old)
		p.Heal()
		if got, err := old.reply(); got != "+PONG" || err != nil {
			t.Errorf("Delay by %s: after Heal: got %q and %v", name, got, err)
		}

		p.Break(Refuse)
		if got := old.do("PING"); got != "+PONG" {
			t.Errorf("Refuse by %s: open connection: got %q", name, got)
		}
		if _, err := p.Dial(t.Context(), "tcp", ""); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Refuse: Dial: got %v, want ECONNREFUSED", err)
		}
		wantRefused(t, p.Addr())
		p.Heal()
		if got := connect(t, p).do("PING"); got != "+PONG" {
			t.Errorf("Refuse by %s: PING after Heal: got %q", name, got)
		}
	}
}

func TestHealDisarms(t *testing.T) {
	t.Parallel()
	_, p := through(t)
	c := dial(t, p.Addr())
	c.do("PING")
	p.Strike("ping", Reset)
	p.Strike("blpop", Reset)
	c.send("BLPOP", "k", "0.2")
	until(t, "the request is seen", func() bool { return p.Requests("blpop") == 1 })
	if p.Struck() {
		t.Error("Struck: got true before the reply")
	}
	p.Heal()
	if !p.Struck() {
		t.Error("Struck: got false after Heal")
	}
	if got, err := c.reply(); got != "(nil)" || err != nil {
		t.Errorf("BLPOP: got %q and %v", got, err)
	}
	if got := c.do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q", got)
	}
}

// A fault that was due is disarmed too, when its reply had come and was late.
func TestHealDisarmsWhatIsDue(t *testing.T) {
	t.Parallel()
	_, p := through(t)
	c := dial(t, p.Addr())
	c.do("PING")
	p.Break(Delay(time.Hour))
	p.Strike("ping", Reset)
	c.send("PING")
	wantNothing(t, c)
	p.Heal()
	if got, err := c.reply(); got != "+PONG" || err != nil {
		t.Errorf("PING after Heal: got %q and %v", got, err)
	}
	p.Strike("ping", EOF)
	c.send("PING")
	wantEnd(t, c, EOF)
	if !p.Struck() {
		t.Error("what was armed after Heal has not struck")
	}
}

// A black hole takes what the server says unasked, and the end of its connections.
func TestBlackHoleHoldsReplies(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	admin, c := dial(t, s.Addr()), dial(t, p.Addr())
	c.send("BLPOP", "list", "0")
	until(t, "the client waits", func() bool { return strings.Contains(admin.do("INFO", "clients"), "blocked_clients:1") })
	p.Break(Silence)
	admin.do("RPUSH", "list", "v")
	wantNothing(t, c)
	s.Kill()
	wantNothing(t, c)
	p.Heal()
	if got, err := c.reply(); got != "list v" || err != nil {
		t.Errorf("after Heal: got %q and %v, want the late reply", got, err)
	}
	if _, err := c.reply(); err == nil {
		t.Error("after Heal the connection of the dead server is open")
	}
}

// A client that has left does not count, though the server has not noticed.
func TestConnsOfHungServer(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	c := dial(t, p.Addr())
	c.do("PING")
	s.Pause()
	c.conn.Close()
	until(t, "the proxy has no connection", func() bool { return p.Conns() == 0 })
	s.Resume()
}

func TestProxyOfDeadServer(t *testing.T) {
	t.Parallel()
	s, p := through(t)
	c := dial(t, p.Addr())
	c.do("PING")
	s.Kill()
	if got, err := c.reply(); err == nil {
		t.Errorf("connection of the killed server: got %q, want an error", got)
	}
	if _, err := p.Dial(t.Context(), "tcp", ""); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("Dial: got %v, want ECONNREFUSED", err)
	}
	wantBroken(t, p.Addr())
	s.Restart()
	if got := dial(t, p.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING after Restart: got %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Dial(ctx, "tcp", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("Dial with an ended context: got %v", err)
	}
}

// Not parallel: it counts goroutines. Connections in every state go with the test.
func TestProxyLeavesNothing(t *testing.T) {
	server := Shared(t)
	before := runtime.NumGoroutine()
	var conns []*client
	var addr string
	t.Run("test", func(t *testing.T) {
		for _, f := range []Fault{{}, Reset, EOF, Silence, HalfClose, Refuse, Delay(time.Hour)} {
			p := NewProxy(t, server.Addr())
			addr = p.Addr()
			for _, connect := range ways {
				idle, struck := connect(t, p), connect(t, p)
				idle.do("PING")
				p.Strike("ping", Silence)
				struck.send("PING")
				until(t, "it has struck", p.Struck)
				conns = append(conns, idle, struck)
			}
			blocked := dial(t, p.Addr())
			p.Strike("blpop", Reset)
			blocked.send("BLPOP", server.Prefix()+"none", "0")
			until(t, "the request is seen", func() bool { return p.Requests("blpop") == 1 })
			conns = append(conns, blocked)
			if f.kind == sound {
				continue
			}
			p.Break(f)
			if f != Refuse {
				conns = append(conns, ways["Dial"](t, p))
				if conn, err := net.Dial("tcp", p.Addr()); err == nil { // not reset already
					conns = append(conns, newClient(t, conn))
				}
			}
		}
	})
	wantRefused(t, addr)
	for _, c := range conns {
		if _, err := c.reply(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a connection is open after its test: %v", err)
		}
	}
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
	admin := dial(t, server.Addr())
	until(t, "the server has no other client", func() bool {
		return strings.Contains(admin.do("INFO", "clients"), "connected_clients:1\r\n")
	})
}

func TestProxyMisuse(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*Proxy){
		"Strike without a fault": func(p *Proxy) { p.Strike("get", Fault{}) },
		"Strike with Refuse":     func(p *Proxy) { p.Strike("get", Refuse) },
		"Break without a fault":  func(p *Proxy) { p.Break(Fault{}) },
	} {
		if r := record(t, func(tb testing.TB) { f(NewProxy(tb, "127.0.0.1:1")) }); !r.failed {
			t.Errorf("%s did not fail the test", name)
		}
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	a, b := Start(t), Start(t)
	var ps *Proxies
	t.Run("test", func(t *testing.T) {
		ps = NewProxies(t)
		for _, s := range []*Server{a, b, a} {
			conn, err := ps.Dial(t.Context(), "tcp", s.Addr())
			if err != nil {
				t.Fatal(err)
			}
			c := newClient(t, conn)
			if got := c.do("CONFIG", "GET", "port"); got != "port "+itoa(s.p.port) {
				t.Errorf("CONFIG GET: got %q of the server at %s", got, s.Addr())
			}
		}
		if got := len(ps.All()); got != 2 || ps.To(a.Addr()) == ps.To(b.Addr()) {
			t.Errorf("got %d proxies, want 2", got)
		}
		if got := ps.To(a.Addr()).Requests("config"); got != 2 {
			t.Errorf("Requests: got %d, want 2", got)
		}
		if _, err := net.Dial("tcp", ps.To(b.Addr()).Addr()); err != nil {
			t.Error(err)
		}
	})
	for _, addr := range []string{a.Addr(), "127.0.0.1:1"} {
		if _, err := ps.Dial(t.Context(), "tcp", addr); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Dial after the test: got %v, want net.ErrClosed", err)
		}
	}
}

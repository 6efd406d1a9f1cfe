package tracking_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/internal/tracking"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

const patience = 10 * time.Second

// watched is a link that runs, and what it tells.
type watched struct {
	t      *testing.T
	events chan tracking.Event
	over   chan error
}

func to(addr string) tracking.Options {
	return tracking.Options{
		Dial: func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Interval: 10 * time.Millisecond,
		Silence:  2 * time.Second,
	}
}

func watch(t *testing.T, o tracking.Options) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watched{t, make(chan tracking.Event), make(chan error, 1)}
	go func() {
		w.over <- tracking.Run(ctx, o, func(e tracking.Event) {
			select {
			case w.events <- e:
			case <-ctx.Done():
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		_ = w.end()
	})
	return w
}

// next returns the next event but beats, after which a beat has to follow.
func (w *watched) next() tracking.Event {
	w.t.Helper()
	for {
		if e := w.any(); e.Kind != tracking.Beat {
			return e
		}
	}
}

func (w *watched) any() tracking.Event {
	w.t.Helper()
	select {
	case e := <-w.events:
		return e
	case err := <-w.over:
		w.over <- err
		w.t.Fatalf("the link has ended: %v", err)
	case <-time.After(patience):
		w.t.Fatal("nothing is told")
	}
	panic("unreachable")
}

// beat waits for one that was sent after now.
func (w *watched) beat() {
	w.t.Helper()
	for now := time.Now(); ; {
		if e := w.any(); e.Kind == tracking.Beat && e.Sent.After(now) {
			return
		}
	}
}

// end returns why the link has ended.
func (w *watched) end() error {
	w.t.Helper()
	for late := time.After(patience); ; {
		select {
		case <-w.events:
		case err := <-w.over:
			w.over <- err
			return err
		case <-late:
			w.t.Fatal("the link does not end")
		}
	}
}

func (w *watched) want(key string) {
	w.t.Helper()
	if e := w.next(); e.Kind != tracking.Changed || e.Key != key {
		w.t.Fatalf("got %v %q, want a change of %q", e.Kind, e.Key, key)
	}
}

func admin(t *testing.T, addr string) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func do(t *testing.T, c *redis.Client, args ...any) {
	t.Helper()
	if err := c.Do(t.Context(), args...).Err(); err != nil {
		t.Fatalf("%v: %v", args[0], err)
	}
}

// What anybody does to a key is told, and nothing of keys with another prefix.
func TestChanges(t *testing.T) {
	server := redistest.Start(t)
	c := admin(t, server.Addr())
	o := to(server.Addr())
	o.Prefix = "app:"
	w := watch(t, o)
	if e := w.any(); e.Kind != tracking.Beat {
		t.Fatalf("the first event is %v", e.Kind)
	}
	odd := "app:\x00\r\n$5\xff*?"
	for _, command := range [][]any{
		{"set", "app:k", "v"},
		{"set", odd, "v"},
		{"pexpire", odd, "100000"},
		{"persist", odd},
		{"append", odd, "v"},
		{"del", odd},
		{"rename", "app:k", "other:k"},
		{"eval", "return redis.call('SET', KEYS[1], 'v')", "1", "app:k"},
		{"set", "app:k", "v", "px", "1"},
	} {
		do(t, c, "set", "other:"+fmt.Sprint(command...), "v")
		do(t, c, command...)
		key := command[1].(string)
		if command[0] == "eval" {
			key = "app:k"
		}
		w.want(key)
	}
	w.want("app:k") // its ttl is over
	for range 2 {
		do(t, c, "select", "0")
		do(t, c, "mset", "app:a", "1", "other", "2", "app:b", "3")
		keys := map[string]bool{w.next().Key: true, w.next().Key: true}
		if !keys["app:a"] || !keys["app:b"] {
			t.Errorf("of two keys are told %v", keys)
		}
	}
	for _, flush := range []string{"flushdb", "flushall"} {
		do(t, c, "set", "app:k", "v")
		w.want("app:k")
		do(t, c, flush)
		if e := w.next(); e.Kind != tracking.Flushed {
			t.Errorf("%s: got %v", flush, e.Kind)
		}
	}
}

func TestAllKeysAndLongNames(t *testing.T) {
	server := redistest.Start(t)
	c := admin(t, server.Addr())
	w := watch(t, to(server.Addr()))
	w.beat()
	do(t, c, "set", "anything", "v")
	w.want("anything")
	do(t, c, "set", strings.Repeat("k", 1<<20), "v")
	w.want(strings.Repeat("k", 1<<20))
	do(t, c, "set", strings.Repeat("k", 1<<20+1), "v")
	if e := w.next(); e.Kind != tracking.Flushed {
		t.Errorf("a name that is too long to be kept: %v", e.Kind)
	}
	do(t, c, "set", "after", "v")
	w.want("after")
}

// A change that its writer was told of is told before a beat that was sent later.
func TestBeatComesAfterChanges(t *testing.T) {
	server := redistest.Start(t)
	c := admin(t, server.Addr())
	o := to(server.Addr())
	o.Interval = time.Millisecond
	w := watch(t, o)
	w.beat()
	for i := range 300 {
		key := fmt.Sprint("k", i)
		do(t, c, "set", key, "v")
		written := time.Now()
		for told := false; ; {
			e := w.any()
			told = told || e.Kind == tracking.Changed && e.Key == key
			if e.Kind == tracking.Beat && e.Sent.After(written) {
				if !told {
					t.Fatalf("a beat vouches for %s, which was not told", key)
				}
				break
			}
		}
	}
}

func TestLost(t *testing.T) {
	for name, lose := range map[string]func(*redistest.Proxy, *redistest.Server, *redis.Client){
		"killed server": func(_ *redistest.Proxy, s *redistest.Server, _ *redis.Client) { s.Kill() },
		"frozen server": func(_ *redistest.Proxy, s *redistest.Server, _ *redis.Client) { s.Pause() },
		"reset":         func(p *redistest.Proxy, _ *redistest.Server, _ *redis.Client) { p.Break(redistest.Reset) },
		"silence":       func(p *redistest.Proxy, _ *redistest.Server, _ *redis.Client) { p.Break(redistest.Silence) },
		"client kill": func(_ *redistest.Proxy, _ *redistest.Server, c *redis.Client) {
			do(t, c, "client", "kill", "type", "pubsub")
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			proxy := redistest.NewProxy(t, server.Addr())
			c := admin(t, server.Addr())
			o := to(proxy.Addr())
			o.Silence = 100 * time.Millisecond
			w := watch(t, o)
			w.beat()
			lose(proxy, server, c)
			var refusal *tracking.Refusal
			if err := w.end(); err == nil || errors.As(err, &refusal) || errors.Is(err, context.Canceled) {
				t.Errorf("the link ends with %v", err)
			}
			if name == "frozen server" {
				server.Resume()
			}
		})
	}
}

// A link that does not read is cut off by the server before long.
func TestOverrun(t *testing.T) {
	server := redistest.Start(t, redistest.Config("client-output-buffer-limit", "pubsub", "1mb", "1mb", "0"))
	c := admin(t, server.Addr())
	reading, goOn := make(chan struct{}), make(chan struct{})
	over := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := true
	go func() {
		over <- tracking.Run(ctx, to(server.Addr()), func(tracking.Event) {
			if first {
				first = false
				close(reading)
				<-goOn
			}
		})
	}()
	<-reading
	deadline := time.Now().Add(patience)
	for cut := false; !cut; {
		p := c.Pipeline()
		for range 100 {
			p.Set(t.Context(), strings.Repeat("k", 10_000), "v", 0)
		}
		if _, err := p.Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := c.Do(t.Context(), "client", "list", "type", "pubsub").Text()
		if err != nil {
			t.Fatal(err)
		}
		cut = list == ""
		if time.Now().After(deadline) {
			t.Fatal("the server keeps everything for a link that does not read")
		}
	}
	close(goOn)
	select {
	case err := <-over:
		if err == nil || ctx.Err() != nil {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the link does not notice")
	}
}

func TestUsers(t *testing.T) {
	server := redistest.Start(t)
	c := admin(t, server.Addr())
	do(t, c, "acl", "setuser", "reader", "on", ">secret", "resetchannels", "&"+tracking.Channel,
		"+hello", "+ping", "+subscribe", "+client|tracking")
	do(t, c, "acl", "setuser", "untracked", "on", ">secret", "allchannels", "+hello", "+ping", "+subscribe")
	do(t, c, "acl", "setuser", "deaf", "on", ">secret", "resetchannels", "+hello", "+ping", "+subscribe", "+client|tracking")
	login := func(user, password string) tracking.Options {
		o := to(server.Addr())
		o.Credentials = func(context.Context) (string, string, error) { return user, password, nil }
		return o
	}
	w := watch(t, login("reader", "secret"))
	w.beat()
	do(t, c, "set", "k", "v")
	w.want("k")
	for name, row := range map[string]struct {
		options    tracking.Options
		step, word string
	}{
		"wrong password":  {login("reader", "canary"), "HELLO 3", "WRONGPASS"},
		"no tracking":     {login("untracked", "secret"), "CLIENT TRACKING", "NOPERM"},
		"another channel": {login("deaf", "secret"), "SUBSCRIBE " + tracking.Channel, "NOPERM"},
	} {
		err := watch(t, row.options).end()
		var refusal *tracking.Refusal
		if !errors.As(err, &refusal) || !strings.HasPrefix(refusal.Step, row.step) || !redis.HasErrorPrefix(refusal.Reply, row.word) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells a password: %v", name, err)
		}
	}
	broken := to(server.Addr())
	broken.Credentials = func(context.Context) (string, string, error) { return "", "", errors.ErrUnsupported }
	if err := watch(t, broken).end(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("credentials that cannot be had: %v", err)
	}
}

func TestContextEndsLink(t *testing.T) {
	server := redistest.Start(t)
	c := admin(t, server.Addr())
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() {
		over <- tracking.Run(ctx, to(server.Addr()), func(tracking.Event) { cancel() })
	}()
	select {
	case err := <-over:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the link goes on")
	}
	for deadline := time.Now().Add(patience); ; {
		list, err := c.Do(t.Context(), "client", "list", "type", "pubsub").Text()
		if err != nil {
			t.Fatal(err)
		}
		if list == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the connection is left: %s", list)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	server := redistest.Start(t)
	server.Kill()
	if err := watch(t, to(server.Addr())).end(); err == nil {
		t.Error("a link to nobody")
	}
}

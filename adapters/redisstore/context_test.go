package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// stubborn are the settings of a client that looks at no context.
func stubborn(addr string) *redis.Options {
	return &redis.Options{Addr: addr, MaxRetries: -1, DialerRetries: 1}
}

// A caller leaves a silent server when its context ends. What it leaves behind
// is counted, and goes on when the server does.
func TestSilentServer(t *testing.T) {
	const patience = 100 * time.Millisecond
	endings := map[string]struct {
		begin func(context.Context) (context.Context, context.CancelFunc)
		want  error
	}{
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, patience)
		}, context.DeadlineExceeded},
		"cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			timer := time.AfterFunc(patience, cancel)
			return ctx, func() { timer.Stop(); cancel() }
		}, context.Canceled},
	}
	for name, ending := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			o := stubborn(server.Addr())
			sending := make(chan struct{})
			o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &largeWrites{Conn: conn, begin: sending}, err
			}
			store := borrow(t, o)
			if err := store.Set(t.Context(), "k", []byte("1"), 0); err != nil {
				t.Fatal(err)
			}
			admin := connect(t, &redis.Options{Addr: server.Addr()})
			before := executed(t, admin, "set")
			value := bytes.Repeat([]byte("2"), 8<<20) // more than the system's buffers hold
			server.Pause()

			// On the connection that is there, so it is sent.
			ctx, end := endable(t.Context(), ending.want)
			var left time.Time
			go func() {
				<-sending
				left = time.Now()
				end()
			}()
			err := store.Set(ctx, "k", value, 0)
			took := time.Since(left)
			clear(value) // it is the caller's again
			if !errors.Is(err, ending.want) || !errors.Is(err, storage.ErrUnknownOutcome) {
				t.Errorf("Set: %v, want %v and ErrUnknownOutcome", err, ending.want)
			}
			if took > time.Second {
				t.Errorf("Set returned %v after its context had ended", took)
			}
			if n := store.Stats().Left; n != 1 {
				t.Errorf("%d calls are left running, want 1", n)
			}

			// On a new connection, on which the server says nothing: it is not sent.
			ctx, cancel := ending.begin(t.Context())
			defer cancel()
			err = store.Set(ctx, "k", []byte("3"), 0)
			if !errors.Is(err, ending.want) || errors.Is(err, storage.ErrUnknownOutcome) {
				t.Errorf("Set on a new connection: %v, want %v, definite", err, ending.want)
			}
			ctx, cancel = ending.begin(t.Context())
			defer cancel()
			_, err = store.Get(ctx, "k")
			if !errors.Is(err, ending.want) || errors.Is(err, storage.ErrUnknownOutcome) || storage.Failed(err) != (name == "deadline") {
				t.Errorf("Get: %v, want %v", err, ending.want)
			}

			server.Resume()
			eventually(t, "the calls end", func() bool { return store.Stats().Left == 0 })
			if n := executed(t, admin, "set") - before; n != 1 {
				t.Errorf("the server executed %d SETs, want the one that was sent", n)
			}
			got, err := store.Get(t.Context(), "k")
			if err != nil || len(got) != len(value) || bytes.Count(got, []byte("2")) != len(got) {
				t.Errorf("got %d bytes, %v, want those that the caller had when it called", len(got), err)
			}
		})
	}
}

// endable returns a context that ends with err when end is called.
func endable(parent context.Context, err error) (ctx context.Context, end func()) {
	inner, cancel := context.WithCancel(parent)
	return endsWith{inner, err}, cancel
}

type endsWith struct {
	context.Context
	err error
}

func (c endsWith) Err() error {
	if c.Context.Err() == nil {
		return nil
	}
	return c.err
}

// largeWrites is a connection that closes begin when it begins to write a
// mebibyte or more at once.
type largeWrites struct {
	net.Conn
	begin chan struct{}
}

func (c *largeWrites) Write(b []byte) (int, error) {
	if len(b) >= 1<<20 {
		close(c.begin)
	}
	return c.Conn.Write(b)
}

// Open's client obeys a deadline by itself: nothing is left when it has passed.
func TestOpenLeavesNothingAtDeadline(t *testing.T) {
	server := redistest.Start(t)
	store, err := redisstore.Open(t.Context(), server.URL()+"?read_timeout=-1")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	server.Pause()
	defer server.Resume()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := store.Get(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v, want context.DeadlineExceeded", err)
	}
	eventually(t, "the call ends by itself", func() bool { return store.Stats().Left == 0 })
}

// Without a deadline of the caller, the client's timeouts bound a call.
func TestTimeouts(t *testing.T) {
	server := redistest.Start(t)
	store, err := redisstore.Open(t.Context(), server.URL()+"?read_timeout=100ms")
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	server.Pause()
	defer server.Resume()
	if err := store.Set(context.Background(), "k", nil, 0); !errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("Set: %v, want ErrUnavailable and ErrUnknownOutcome", err)
	}
	if _, err := store.Get(context.Background(), "k"); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Get: %v, want ErrUnavailable and no deadline, for there was none", err)
	}
}

// A context that has ended sends nothing, by any operation, and the hooks of the
// client hear nothing of it.
func TestEndedContext(t *testing.T) {
	client := connect(t, &redis.Options{Dialer: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was dialled")
		return nil, errors.New("no")
	}})
	var heard sync.Map
	client.AddHook(hears(func(cmd redis.Cmder) { heard.Store(cmd.Name(), true) }))
	store := redisstore.New(client)
	defer func() {
		_ = store.Close() // what is left running ends
		for name := range heard.Range {
			t.Errorf("a hook heard of %s", name)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range operations {
		if err := call(ctx, store, "k"); !errors.Is(err, context.Canceled) || storage.Failed(err) {
			t.Errorf("%s: %v, want context.Canceled", name, err)
		}
	}
}

// A context may end at any moment: what has begun is over when it is.
func TestContextEndsMeanwhile(t *testing.T) {
	store := open(t, redistest.Shared(t))
	ctx := &endsSoon{Context: t.Context()}
	if _, err := store.Get(ctx, "k"); !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := store.Close(); err != nil { // hangs if a call is missing
		t.Error(err)
	}
}

// endsSoon has ended when it is asked for the second time.
type endsSoon struct {
	context.Context
	asked atomic.Bool
}

func (c *endsSoon) Err() error {
	if c.asked.Swap(true) {
		return context.Canceled
	}
	return nil
}

// A connection's timer may go off before the context's, which has the same
// deadline: when the call returns, the context has ended too, unless it is one
// that does not keep its deadline.
func TestConnectionTimesOutFirst(t *testing.T) {
	for name, late := range map[string]bool{"a little later": true, "never": false} {
		client := connect(t, stubborn(redistest.Shared(t).Addr()))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		client.AddHook(fails(func() error {
			if late {
				time.AfterFunc(2*time.Millisecond, cancel)
			}
			return os.ErrDeadlineExceeded
		}))
		store := redisstore.New(client)
		defer store.Close()
		_, err := store.Get(deadlineContext{ctx, time.Now()}, "k")
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v, want that the context has ended", name, err)
		}
		if ended := ctx.Err() != nil; ended != late {
			t.Errorf("%s: the context has ended: %v", name, ended)
		}
	}
}

type deadlineContext struct {
	context.Context
	deadline time.Time
}

func (c deadlineContext) Deadline() (time.Time, bool) { return c.deadline, true }

// A panic below, in a hook of the client, reaches the caller.
func TestPanicReachesCaller(t *testing.T) {
	client := connect(t, &redis.Options{Addr: redistest.Shared(t).Addr()})
	client.AddHook(fails(func() error { panic("hook") }))
	store := redisstore.New(client)
	defer store.Close()
	for how, ctx := range map[string]context.Context{"inline": context.Background(), "cancellable": t.Context()} {
		func() {
			defer func() {
				if reason := recover(); reason != "hook" {
					t.Errorf("%s: recovered %v, want the panic of the hook", how, reason)
				}
			}()
			_, _ = store.Get(ctx, "k")
		}()
	}
	if n := store.Stats().Left; n != 0 {
		t.Errorf("%d calls are left running", n)
	}
}

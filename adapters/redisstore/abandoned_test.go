package redisstore_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// The calls that are left running have a bound, and Close waits for them.
func TestLeftRunningIsBounded(t *testing.T) {
	const most = 3
	connecting, proceed := make(chan struct{}, most), make(chan struct{})
	letGo := sync.OnceFunc(func() { close(proceed) })
	defer letGo()
	o := stubborn(redistest.Shared(t).Addr())
	o.OnConnect = func(context.Context, *redis.Conn) error {
		connecting <- struct{}{}
		<-proceed
		return nil
	}
	store := redisstore.New(connect(t, o))
	store.SetMaxLeft(most)
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	for range most {
		calls.Go(func() { _, _ = store.Get(ctx, "k") })
		<-connecting
	}
	cancel()
	eventually(t, "all callers leave", func() bool { return store.Stats().Left == most })
	calls.Wait()
	late, over := context.WithTimeout(t.Context(), 10*time.Second)
	defer over()
	if err := store.Set(late, "k", nil, 0); !errors.Is(err, storage.ErrOverloaded) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want ErrOverloaded, definite", err)
	}
	closed := make(chan error)
	go func() { closed <- store.Close() }()
	select {
	case err := <-closed:
		t.Fatalf("Close did not wait for what is left running: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	letGo()
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if got, want := store.Stats(), (redisstore.Stats{TotalLeft: most}); got != want {
		t.Errorf("after Close: %+v, want %+v", got, want)
	}
}

// A write whose caller left before it was sent is not sent later, although the
// client, which looks at no context, is about to.
func TestAbandonedIsNotSent(t *testing.T) {
	server := redistest.Start(t)
	admin := connect(t, &redis.Options{Addr: server.Addr()})
	dialing, proceed := make(chan struct{}), make(chan struct{})
	o := stubborn(server.Addr())
	o.OnConnect = func(context.Context, *redis.Conn) error {
		close(dialing)
		<-proceed
		return nil
	}
	store := borrow(t, o)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-dialing
		cancel()
	}()
	if err := store.Set(ctx, "k", []byte("1"), 0); !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want context.Canceled, definite", err)
	}
	close(proceed)
	eventually(t, "the call ends", func() bool { return store.Stats().Left == 0 })
	if n := executed(t, admin, "set"); n != 0 {
		t.Errorf("the server executed %d SETs, but the caller was told that nothing happened", n)
	}
}

// A script that the server does not have is not sent as a whole if the caller
// has left meanwhile.
func TestAbandonedBeforeSecondTry(t *testing.T) {
	server := redistest.Start(t)
	admin := connect(t, &redis.Options{Addr: server.Addr()})
	client := connect(t, stubborn(server.Addr()))
	answered, proceed := make(chan struct{}), make(chan struct{})
	client.AddHook(after(func(cmd redis.Cmder) {
		if cmd.Name() == "evalsha" {
			close(answered)
			<-proceed
		}
	}))
	store := redisstore.New(client)
	defer store.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-answered
		cancel()
	}()
	if _, err := store.CompareAndSwap(ctx, "k", "", []byte("1"), 0); !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want context.Canceled and ErrUnknownOutcome", err)
	}
	close(proceed)
	eventually(t, "the call ends", func() bool { return store.Stats().Left == 0 })
	if n := executed(t, admin, "eval"); n != 0 {
		t.Errorf("%d EVALs after the caller had left", n)
	}
}

// NOSCRIPT is an answer: what fails before the whole script is sent is definite.
func TestFailureBeforeSecondTry(t *testing.T) {
	server := redistest.Start(t)
	client := connect(t, stubborn(server.Addr()))
	client.AddHook(after(func(cmd redis.Cmder) {
		if cmd.Name() == "evalsha" {
			_ = client.Close()
		}
	}))
	store := redisstore.New(client)
	defer store.Close()
	if _, err := store.CompareAndSwap(t.Context(), "k", "", nil, 0); !errors.Is(err, storage.ErrClosed) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want ErrClosed, definite", err)
	}
}

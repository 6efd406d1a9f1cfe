package breaker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// The hook may use the store, and is told of what that changes after it has
// returned.
func TestHookUsesTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, faults := storagetest.Faulty(memstore.New[string]())
		var store storage.Store[string]
		var changes []breaker.State
		inside := 0
		store = breaker.New(next, breaker.Options{MinCalls: 1, Probes: 1, OnStateChange: func(_, to breaker.State) {
			inside++
			defer func() { inside-- }()
			if inside > 1 {
				t.Error("the hook is called in itself")
			}
			changes = append(changes, to)
			if len(changes) > 6 {
				return
			}
			time.Sleep(5 * time.Second) // so that each use changes the state
			_, _ = store.Get(t.Context(), "k")
		}})
		faults.Fail(errDown)
		_, _ = store.Get(t.Context(), "k")
		if len(changes) < 7 {
			t.Errorf("changes %v", changes)
		}
		for i, to := range changes {
			if want := []breaker.State{breaker.Open, breaker.HalfOpen}[i%2]; to != want {
				t.Errorf("changes %v", changes)
			}
		}
	})
}

// A hook that panics fails one operation, and is told of the next change.
func TestHookPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, faults := storagetest.Faulty(memstore.New[string]())
		told := 0
		store := breaker.New(next, breaker.Options{MinCalls: 1, Probes: 1, OnStateChange: func(_, to breaker.State) {
			told++
			panic("hook")
		}})
		faults.Fail(errDown)
		for i := range 4 {
			func() {
				defer func() { _ = recover() }()
				_, _ = store.Get(t.Context(), "k")
			}()
			if i == 0 && told != 1 {
				t.Errorf("told %d times", told)
			}
			time.Sleep(5 * time.Second)
		}
		if told < 4 {
			t.Errorf("told %d times", told)
		}
	})
}

// TestHammer has many callers, and a store that fails and heals by chance. In
// whatever order things happen, the changes make sense (states panics if not),
// no call is refused while the breaker is closed for good, and with a healthy
// store it closes.
func TestHammer(t *testing.T) {
	ctx := t.Context()
	var down, inside, most atomic.Int64
	backend := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		n := inside.Add(1)
		defer inside.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if rand.IntN(100) < int(down.Load()) {
			return errDown
		}
		return next(ctx)
	})
	seen := new(states)
	store := breaker.New(storage.Intercept(memstore.New[string](), backend), breaker.Options{
		MinCalls: 10, Window: 5 * time.Millisecond, Cooldown: time.Millisecond, OnStateChange: seen.change,
	})
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for i := range 3000 {
				if i%100 == 0 {
					down.Store(int64([]int{0, 100, 40}[rand.IntN(3)]))
				}
				ctx, cancel := context.WithCancel(ctx)
				if rand.IntN(10) == 0 {
					cancel()
				}
				_, err := store.Get(ctx, "k")
				if err != storage.ErrNotFound && !errors.Is(err, storage.ErrUnavailable) && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				cancel()
			}
		})
	}
	running.Wait()
	down.Store(0)
	deadline := time.Now().Add(10 * time.Second)
	for seen.now() != breaker.Closed {
		if time.Now().After(deadline) {
			t.Fatalf("over a healthy store the breaker stays %v", seen.now())
		}
		_, _ = store.Get(ctx, "k")
	}
	for range 100 {
		if _, err := store.Get(ctx, "k"); err != storage.ErrNotFound {
			t.Fatal(err)
		}
	}
	if len(seen.all()) < 4 {
		t.Errorf("the breaker changed only %d times", len(seen.all()))
	}
}

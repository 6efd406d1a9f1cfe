package laws

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// The laws of an outage hold through everything that reacts to one.
func TestOutageOfGuarded(t *testing.T) {
	for name, over := range map[string]func(testing.TB, storage.ByteStore) storage.ByteStore{
		"Retry(Limit(Breaker(Timeout)))": func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return guarded(next)
		},
		"Retry(Cache(Retry(Limit(Breaker(Timeout)))))": func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return retry.New(closing(t, cache.New(guarded(next), cache.Options{})), retry.Options{Writes: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := storagetest.Options{Native: storagetest.AllPowers, Bubble: true, SharesReads: true}
			storagetest.TestOutage(t, func(t testing.TB) (storage.ByteStore, storagetest.Outage) {
				next, faults := storagetest.Faulty(memstore.New[[]byte]())
				return over(t, next), faults.Outage()
			}, storagetest.Bytes, options)
		})
	}
}

// An open breaker fails fast through a retry, which takes nothing from its
// budget for that.
func TestRetryHeedsTheBreaker(t *testing.T) {
	next, faults := storagetest.Faulty(memstore.New[[]byte]())
	faults.Fail(storage.ErrUnavailable)
	store := storage.Intercept(next,
		retry.Interceptor(retry.Options{Base: time.Hour}),
		breaker.Interceptor(breaker.Options{MinCalls: 1}))
	hasty, cancel := context.WithTimeout(t.Context(), time.Minute) // too soon for a wait
	defer cancel()
	_, _ = store.Get(hasty, "key")
	for range 1000 {
		if _, err := store.Get(t.Context(), "key"); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatal(err)
		}
	}
}

// A server is killed under load, and comes back. Callers get failures and no
// misses, the breaker opens and keeps calls from the server, and closes when it
// is back; then writes are there.
func TestServerIsKilled(t *testing.T) {
	for name, fault := range map[string]struct{ strike, heal func(*redistest.Server) }{
		"killed": {(*redistest.Server).Kill, (*redistest.Server).Restart},
		"silent": {(*redistest.Server).Pause, (*redistest.Server).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			backend, err := redisstore.Open(t.Context(), server.URL())
			if err != nil {
				t.Fatal(err)
			}
			defer backend.Close()
			var state atomic.Uint32
			var reached atomic.Int64
			store := storage.Intercept[[]byte](
				backend,
				retry.Interceptor(retry.Options{Writes: true, Base: time.Millisecond}),
				limit.Interceptor(limit.Options{}),
				breaker.Interceptor(breaker.Options{
					MinCalls: 5, Cooldown: time.Second,
					OnStateChange: func(_, to breaker.State) { state.Store(uint32(to)) },
				}),
				timeout.Interceptor(timeout.Options{Read: 100 * time.Millisecond, Write: 100 * time.Millisecond}),
				storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
					reached.Add(1)
					return next(ctx)
				}),
			)
			ctx := t.Context()
			write := func() error { return store.Set(ctx, "key", []byte("value"), storage.NoExpiry) }
			until(t, "a healthy server takes writes", func() bool { return write() == nil })

			fault.strike(server)
			until(t, "the breaker opens", func() bool {
				if _, err := store.Get(ctx, "key"); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("Get without a server: %v", err)
				}
				if err := write(); !storage.Failed(err) {
					t.Errorf("Set without a server: %v", err)
				}
				return breaker.State(state.Load()) == breaker.Open
			})
			before := reached.Load()
			for range 1000 {
				if _, err := store.Get(ctx, "key"); !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("Get without a server: %v", err)
				}
			}
			if asked := reached.Load() - before; asked > 900 {
				t.Errorf("of 1000 calls %d went to a server that is gone", asked)
			}

			fault.heal(server)
			until(t, "the breaker closes", func() bool {
				_, _ = store.Get(ctx, "key")
				return breaker.State(state.Load()) == breaker.Closed
			})
			until(t, "the server takes writes", func() bool { return write() == nil })
			until(t, "the server answers", func() bool {
				value, err := store.Get(ctx, "key")
				if err == nil && string(value) != "value" || errors.Is(err, storage.ErrNotFound) {
					t.Errorf("Get from a server that is back: %q, %v", value, err)
				}
				return err == nil
			})
		})
	}
}

// until looks for a while whether done.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after 30s not: %s", what)
		}
	}
}

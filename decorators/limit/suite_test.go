package limit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// suites are limits that nothing reaches, and limits that everything reaches.
var suites = map[string]limit.Options{
	"roomy":  {},
	"narrow": {Concurrent: 1, Queue: 10_000, Rate: 1e6, Burst: 1, MaxWait: time.Hour},
}

func TestLaws(t *testing.T) {
	for name, opts := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
				return limit.New(memstore.New[[]byte](), opts)
			}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
		})
	}
}

func TestDecorator(t *testing.T) {
	for name, opts := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
				return limit.New(next, opts)
			}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
		})
	}
}

func TestOutage(t *testing.T) {
	for name, opts := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestOutage(t, func(testing.TB) (storage.ByteStore, storagetest.Outage) {
				next, faults := storagetest.Faulty(memstore.New[[]byte]())
				return limit.New(next, opts), faults.Outage()
			}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers, Bubble: true})
		})
	}
}

// TestHammer has many callers, of whom some leave: there are never more than
// Concurrent in the store, and in the end every place is free.
func TestHammer(t *testing.T) {
	const places = 3
	ctx := t.Context()
	var inside, refusals, done atomic.Int64
	var met atomic.Int64
	var meeting atomic.Pointer[chan struct{}]
	backend := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		if n := inside.Add(1); n > places {
			t.Errorf("%d calls in the store", n)
		}
		defer inside.Add(-1)
		if all := meeting.Load(); all != nil {
			if met.Add(1) == places {
				close(*all)
			}
			select {
			case <-*all:
			case <-time.After(10 * time.Second):
				t.Error("a place is lost")
			}
		}
		if rand.IntN(20) == 0 {
			time.Sleep(time.Millisecond)
		}
		return next(ctx)
	})
	store := limit.New(storage.Intercept(memstore.New[string](), backend), limit.Options{
		Concurrent: places, Queue: 6, MaxWait: time.Millisecond, Rate: 50_000, Burst: 10,
	})
	var running sync.WaitGroup
	for range 16 {
		running.Go(func() {
			for range 500 {
				ctx, cancel := context.WithCancel(ctx)
				if rand.IntN(5) == 0 {
					time.AfterFunc(time.Duration(rand.IntN(300))*time.Microsecond, cancel)
				}
				switch _, err := store.Get(ctx, "k"); {
				case err == storage.ErrNotFound:
					done.Add(1)
				case errors.Is(err, storage.ErrOverloaded):
					refusals.Add(1)
				case !errors.Is(err, context.Canceled):
					t.Errorf("got %v", err)
				}
				cancel()
			}
		})
	}
	running.Wait()
	if done.Load() == 0 || refusals.Load() == 0 {
		t.Errorf("%d done and %d refused, want some of both", done.Load(), refusals.Load())
	}
	// Every place is free: as many as there are can be in the store together.
	all := make(chan struct{})
	meeting.Store(&all)
	for range places {
		running.Go(func() {
			for { // the rate may have to recover
				if _, err := store.Get(ctx, "k"); err == storage.ErrNotFound {
					return
				}
			}
		})
	}
	running.Wait()
}

func TestAllocs(t *testing.T) {
	bare := memstore.New[string]()
	intercepttest.NoMoreAllocs(t, bare, limit.New(bare, limit.Options{Rate: 1e9}))
}

func BenchmarkGet(b *testing.B) {
	ctx := b.Context()
	bare := memstore.New[string]()
	_ = bare.Set(ctx, "k", "value", 0)
	for name, opts := range map[string]limit.Options{
		"concurrency": {},
		"rate":        {Concurrent: limit.Unlimited, Rate: 1e9},
		"both":        {Rate: 1e9},
	} {
		b.Run(name, func(b *testing.B) {
			store := limit.New(bare, opts)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = store.Get(ctx, "k")
				}
			})
		})
	}
}

package cache_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/storage"
)

func TestStampede(t *testing.T) {
	const callers = 1000
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "k", "v")
		slow := b.holdIn(storage.OpGetEntry)
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				if got := get(c, "k"); got != "v" {
					t.Errorf("got %q", got)
				}
			})
		}
		synctest.Wait()
		slow.release()
		all.Wait()
		wantCalls(t, b, storage.OpGetEntry, 1)
		if got := c.Stats(); got.Misses != callers || got.Loads != 1 {
			t.Fatalf("stats are %+v", got)
		}
	})
}

func TestCancelledLeaderFailsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "k", "v")
		slow := b.holdIn(storage.OpGetEntry)
		leader, cancel := context.WithCancel(ctx)
		led := later(func() error { return second(c.Get(leader, "k")) })
		slow.await(t)
		follower := later(func() string { return get(c, "k") })
		synctest.Wait()
		cancel()
		if err := <-led; !errors.Is(err, context.Canceled) || storage.Failed(err) {
			t.Fatalf("the leader got %v, want its own cancel", err)
		}
		slow.release()
		want(t, <-follower, "v")
		wantCalls(t, b, storage.OpGetEntry, 1)
	})
}

func TestFollowerLeavesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "k", "v")
		slow := b.holdIn(storage.OpGetEntry)
		leader := later(func() string { return get(c, "k") })
		slow.await(t)
		patience, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Get(patience, "k")
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 20*time.Millisecond {
			t.Fatalf("got %v after %v, want its own deadline after 20ms", err, took)
		}
		slow.release()
		want(t, <-leader, "v")
	})
}

func TestLastToLeaveCancelsTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "k", "v")
		b.Hang(storage.OpGetEntry)
		patience, cancel := context.WithCancel(ctx)
		left := later(func() error { return second(c.Get(patience, "k")) })
		synctest.Wait()
		if b.Hanging() != 1 {
			t.Fatal("no load hangs")
		}
		cancel()
		<-left
		synctest.Wait()
		if b.Hanging() != 0 {
			t.Fatal("the load goes on although nobody waits for it")
		}
		b.Heal()
		want(t, get(c, "k"), "v")
	})
}

func TestPanicReachesEveryCaller(t *testing.T) {
	type abnormal struct {
		name string
		end  func()
		want func(err error, recovered any) bool
	}
	for _, test := range []abnormal{
		{"panic", func() { panic("boom") }, func(_ error, r any) bool {
			p, ok := r.(*flight.PanicError)
			return ok && p.Value == "boom"
		}},
		{"goexit", runtime.Goexit, func(err error, _ any) bool { return errors.Is(err, storage.ErrUnavailable) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				letGo := make(chan struct{})
				c := cache.New(storage.Intercept(storage.ByteStore(memstore.New[[]byte]()), storage.InterceptorFunc(
					func(context.Context, *storage.Call, func(context.Context) error) error {
						<-letGo
						test.end()
						return nil
					})), cache.Options{})
				defer c.Close()
				outcome := func(call func() error) <-chan bool {
					return later(func() (ok bool) {
						var err error
						defer func() { ok = test.want(err, recover()) }()
						err = call()
						return false
					})
				}
				// Contexts that can end: else the caller who begins the load performs it,
				// and ends with it by Goexit.
				a := outcome(func() error { return second(c.Get(t.Context(), "k")) })
				b := outcome(func() error { return second(c.Get(t.Context(), "k")) })
				d := outcome(func() error { return second(storage.GetMany(ctx, c, []string{"k", "l"})) })
				synctest.Wait()
				close(letGo)
				for i, o := range []<-chan bool{a, b, d} {
					if !<-o {
						t.Errorf("caller %d did not learn how the load ended", i)
					}
				}
			})
		})
	}
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		ns := sessions(c)
		set(t, c, "held", "v")
		get(c, "held")
		b.Hang(storage.OpGetEntry)
		waiting := later(func() error { return second(ns.Get(t.Context(), "k")) })
		synctest.Wait()
		must(t, storage.Close(ns)) // a view closes nothing
		want(t, get(c, "held"), "v")
		must(t, c.Close())
		must(t, c.Close())
		if err := <-waiting; !errors.Is(err, storage.ErrClosed) {
			t.Errorf("who waited got %v, want ErrClosed", err)
		}
		if b.Hanging() != 0 {
			t.Error("a load outlives Close")
		}
		for name, err := range map[string]error{
			"get":          second(c.Get(ctx, "held")),
			"get in view":  second(ns.Get(ctx, "k")),
			"getmany":      second(storage.GetMany(ctx, c, []string{"held", "k"})),
			"getorload":    second(cache.GetOrLoad(ctx, c, "k", 0, nil)),
			"has":          second(storage.Has(ctx, c, "k")),
			"getentry":     second(storage.GetEntry(ctx, c, "k")),
			"getentries":   second(storage.GetEntries(ctx, c, []string{"k"})),
			"set":          c.Set(ctx, "k", nil, 0),
			"delete":       ns.Delete(ctx, "k"),
			"setmany":      storage.SetMany(ctx, c, map[string][]byte{"k": nil}, 0),
			"deletemany":   storage.DeleteMany(ctx, c, []string{"k"}),
			"cas":          second(storage.CompareAndSwap(ctx, c, "k", "", nil, 0)),
			"take":         second(storage.Take(ctx, c, "k")),
			"touch":        storage.Touch(ctx, c, "k", 0),
			"deleteprefix": storage.DeletePrefix(ctx, c, "k"),
			"ping":         storage.Ping(ctx, c),
		} {
			if !errors.Is(err, storage.ErrClosed) {
				t.Errorf("%s after Close: %v, want ErrClosed", name, err)
			}
		}
		for _, err := range storage.Keys(ctx, c, "") {
			if !errors.Is(err, storage.ErrClosed) {
				t.Errorf("keys after Close: %v, want ErrClosed", err)
			}
		}
		if has, err := b.Get(ctx, "held"); err != nil {
			t.Errorf("Close reached the store below: %v, %v", has, err)
		}
	})
}

// Who brings a context that cannot end waits for its load, and so does Close.
func TestCloseWaitsForTheEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "k", "v")
		slow := b.holdIn(storage.OpGetEntry)
		leader := later(func() error { return second(c.Get(context.Background(), "k")) })
		slow.await(t)
		follower := later(func() error { return second(c.Get(t.Context(), "k")) })
		synctest.Wait()
		closed := later(c.Close)
		if err := <-follower; !errors.Is(err, storage.ErrClosed) {
			t.Errorf("who shared the load got %v, want ErrClosed", err)
		}
		synctest.Wait()
		if len(leader) != 0 || len(closed) != 0 {
			t.Error("Get or Close returned while the load was in progress")
		}
		slow.release()
		if err := <-leader; !errors.Is(err, storage.ErrClosed) {
			t.Errorf("Get returned %v, want ErrClosed", err)
		}
		must(t, <-closed)
	})
}

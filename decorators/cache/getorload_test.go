package cache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func timeout(d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// source is where GetOrLoad's function takes values from.
func source(value string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(value), nil }
}

func load(s storage.ByteStore, fn func(context.Context) ([]byte, error)) string {
	value, err := cache.GetOrLoad(ctx, s, "k", time.Hour, fn)
	if err != nil {
		return "[" + err.Error() + "]"
	}
	return string(value)
}

func unwanted(context.Context) ([]byte, error) { panic("not to be called") }

func TestGetOrLoad(t *testing.T) {
	for name, s := range map[string]storage.ByteStore{
		"cache":     first(newCache(t, cache.Options{})),
		"negative":  first(newCache(t, cache.Options{NegativeTTL: time.Hour})),
		"namespace": sessions(first(newCache(t, cache.Options{}))),
		"memstore":  memstore.New[[]byte](),
	} {
		t.Run(name, func(t *testing.T) {
			broken := errors.New("broken")
			_, err := cache.GetOrLoad(ctx, s, "k", 0, func(context.Context) ([]byte, error) { return nil, broken })
			if err != broken {
				t.Fatalf("got %v, want the function's error", err)
			}
			want(t, get(s, "k"), miss)
			want(t, load(s, source("v")), "v")
			want(t, load(s, unwanted), "v")
			want(t, get(s, "k"), "v")
			e, err := storage.GetEntry(ctx, s, "k")
			must(t, err)
			if ttl := e.TTL(); ttl > time.Hour || ttl < 59*time.Minute {
				t.Fatalf("stored with a ttl of %v, want an hour", ttl)
			}
			want(t, load(s, unwanted), "v")
			if _, err := cache.GetOrLoad(ctx, s, "other", -1, unwanted); !errors.Is(err, storage.ErrInvalidTTL) {
				t.Fatalf("got %v, want ErrInvalidTTL", err)
			}
		})
	}
}

func first[T, U any](v T, _ U) T { return v }

func TestGetOrLoadStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		var calls atomic.Int32
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				got := load(c, func(context.Context) ([]byte, error) {
					calls.Add(1)
					time.Sleep(time.Second)
					return []byte("v"), nil
				})
				if got != "v" {
					t.Errorf("got %q", got)
				}
			})
		}
		all.Wait()
		if calls.Load() != 1 {
			t.Errorf("%d calls of the function, want 1", calls.Load())
		}
		wantCalls(t, b, storage.OpGetEntry, 1)
		wantCalls(t, b, storage.OpCompareAndSwap, 1)
	})
}

// The source changes while the function works on the old state, and who
// changed it deletes the key, or writes the new value: what the function made
// goes to who waited, and is not stored.
func TestGetOrLoadOvertaken(t *testing.T) {
	for _, w := range writes {
		if w.op == storage.OpCompareAndSwap || w.op == storage.OpTake {
			continue // of an absent key
		}
		t.Run(w.op.String(), func(t *testing.T) {
			c, _ := newCache(t, cache.Options{NegativeTTL: time.Hour})
			working, goOn := make(chan struct{}), make(chan struct{})
			old := later(func() string {
				return load(c, func(context.Context) ([]byte, error) {
					close(working)
					<-goOn
					return []byte("old"), nil
				})
			})
			receive(t, working)
			must(t, w.do(c))
			// Who comes now gets what is true now, not what is being made.
			now := later(func() string { return load(c, source("now")) })
			close(goOn)
			want(t, receive(t, old), "old")
			if w.after == miss {
				want(t, receive(t, now), "now")
				want(t, get(c, "k"), "now")
			} else {
				want(t, receive(t, now), w.after)
				want(t, get(c, "k"), w.after)
			}
		})
	}
}

// The Delete falls between the fence's check and the write of the fill.
func TestGetOrLoadCrossesDelete(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	storing := b.holdIn(storage.OpCompareAndSwap)
	old := later(func() string { return load(c, source("old")) })
	storing.await(t)
	must(t, c.Delete(ctx, "k"))
	storing.release()
	want(t, receive(t, old), "old")
	want(t, get(c, "k"), miss)
	want(t, get(b, "k"), miss)
}

// The write is done below and not yet known here when the fill is stored.
func TestGetOrLoadCrossesWriteUnderWay(t *testing.T) {
	for _, w := range writes {
		if w.op != storage.OpDelete && w.op != storage.OpDeletePrefix {
			continue
		}
		t.Run(w.op.String(), func(t *testing.T) {
			c, b := newCache(t, cache.Options{})
			deleted := make(chan (<-chan error), 1)
			var deleting *stop
			got := load(c, func(context.Context) ([]byte, error) {
				deleting = b.holdOut(w.op)
				deleted <- later(func() error { return w.do(c) })
				deleting.await(t)
				return []byte("old"), nil
			})
			want(t, got, "old")
			want(t, get(b, "k"), miss)
			deleting.release()
			must(t, receive(t, <-deleted))
			want(t, get(c, "k"), miss)
		})
	}
}

// The write is begun when the fill begins and done before the fill is stored,
// in a store that cannot compare.
func TestGetOrLoadBeginsDuringWrite(t *testing.T) {
	b := newBackend()
	c := cache.New(storagetest.Minimal(b.ByteStore), cache.Options{TTL: time.Hour})
	defer c.Close()
	setting := b.holdIn(storage.OpSet)
	written := later(func() error { return c.Set(ctx, "k", []byte("new"), 0) })
	setting.await(t)
	working, goOn := make(chan struct{}), make(chan struct{})
	old := later(func() string {
		return load(c, func(context.Context) ([]byte, error) {
			close(working)
			<-goOn
			return []byte("old"), nil
		})
	})
	receive(t, working)
	setting.release()
	must(t, receive(t, written))
	want(t, get(c, "k"), "new")
	after := later(func() string { return load(c, unwanted) })
	close(goOn)
	want(t, receive(t, old), "old")
	want(t, receive(t, after), "new")
	want(t, get(b, "k"), "new")
}

// The write was begun before the fill and ends when the cache is closed, while the
// fill is being stored, in a store that cannot compare.
func TestGetOrLoadOvertakenAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		c := cache.New(storagetest.Minimal(b.ByteStore), cache.Options{TTL: time.Hour})
		setting := b.holdIn(storage.OpSet)
		written := later(func() error { return c.Set(ctx, "k", []byte("new"), 0) })
		setting.await(t)
		storing := b.holdIn(storage.OpSet)
		filled := later(func() error {
			_, err := cache.GetOrLoad(ctx, c, "k", 0, source("old"))
			return err
		})
		storing.await(t)
		closed := later(c.Close)
		synctest.Wait()
		setting.release()
		must(t, <-written)
		storing.release()
		must(t, <-closed)
		if err := <-filled; !errors.Is(err, storage.ErrClosed) {
			t.Errorf("got %v", err)
		}
		want(t, get(b, "k"), miss)
	})
}

func TestGetOrLoadOvertakenByPurge(t *testing.T) {
	c, _ := newCache(t, cache.Options{})
	got := load(c, func(context.Context) ([]byte, error) {
		c.Purge()
		return []byte("old"), nil
	})
	want(t, got, "old")
	want(t, get(c, "k"), miss)
}

// The fill may yet be stored, perhaps over a newer value.
func TestGetOrLoadWithUnknownOutcomeHolds(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	b.LoseReply(storage.OpCompareAndSwap)
	value, err := cache.GetOrLoad(ctx, c, "k", 0, source("v"))
	if string(value) != "v" || !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Fatalf("got %q, %v; want the value and ErrUnknownOutcome", value, err)
	}
	before := b.Calls(storage.OpGetEntry)
	want(t, get(c, "k"), "v")
	want(t, get(c, "k"), "v")
	wantCalls(t, b, storage.OpGetEntry, before+2)
}

func TestGetOrLoadLosesToAnotherClient(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	got := load(c, func(context.Context) ([]byte, error) {
		set(t, b, "k", "theirs") // by another process
		return []byte("ours"), nil
	})
	want(t, got, "theirs")
}

func TestGetOrLoadCannotStore(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	b.Fail(storage.ErrUnavailable, storage.OpCompareAndSwap)
	value, err := cache.GetOrLoad(ctx, c, "k", 0, source("v"))
	if string(value) != "v" || !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("got %q, %v; want the value and ErrUnavailable", value, err)
	}
	b.Fail(storage.ErrUnavailable)
	value, err = cache.GetOrLoad(ctx, c, "k", 0, unwanted)
	if value != nil || !errors.Is(err, storage.ErrUnavailable) {
		t.Fatalf("got %q, %v; want ErrUnavailable: a failure is no miss", value, err)
	}
}

func TestGetOrLoadLeavers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newCache(t, cache.Options{})
		cancelled := make(chan struct{})
		patience, cancel := timeout(time.Second)
		defer cancel()
		_, err := cache.GetOrLoad(patience, c, "k", 0, func(ctx context.Context) ([]byte, error) {
			<-ctx.Done()
			close(cancelled)
			return nil, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want its own deadline", err)
		}
		receive(t, cancelled)
		want(t, load(c, source("v")), "v")
	})
}

func TestGetOrLoadPanics(t *testing.T) {
	c, _ := newCache(t, cache.Options{}, cache.Clone(func([]byte) []byte { panic("clone of nothing") }))
	defer func() {
		if recover() == nil {
			t.Fatal("no panic")
		}
	}()
	load(c, func(context.Context) ([]byte, error) { panic("boom") })
}

// leftWhileStoring starts a GetOrLoad and cancels it while its write of "old" is
// on its way back, where the stop that it returns keeps it.
func leftWhileStoring(t *testing.T, c storage.ByteStore, b *backend) *stop {
	t.Helper()
	late := b.holdOut(storage.OpCompareAndSwap)
	leaver, leave := context.WithCancel(ctx)
	left := later(func() error {
		_, err := cache.GetOrLoad(leaver, c, "k", 0, source("old"))
		return err
	})
	late.await(t)
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	return late
}

// What a fill has stored too late is removed also when its caller has left.
func TestGetOrLoadOvertakenAndLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		late := leftWhileStoring(t, c, b)
		must(t, c.Delete(ctx, "k"))
		set(t, b, "k", "old") // the fill's write comes after all
		late.release()
		synctest.Wait()
		want(t, get(b, "k"), miss)
	})
}

// A fill whose write may have happened after another's removes it as well.
func TestGetOrLoadOvertakenWithUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		late := b.holdOut(storage.OpCompareAndSwap)
		b.LoseReply(storage.OpCompareAndSwap)
		var made string
		lost := later(func() error {
			value, err := cache.GetOrLoad(ctx, c, "k", 0, source("old"))
			made = string(value)
			return err
		})
		late.await(t)
		must(t, c.Delete(ctx, "k"))
		set(t, b, "k", "old") // the fill's write comes after all
		late.release()
		if err := <-lost; !errors.Is(err, storage.ErrUnknownOutcome) {
			t.Fatalf("got %v", err)
		}
		want(t, made, "old")
		want(t, get(b, "k"), miss)
	})
}

// The next GetOrLoad does not find what a fill stored too late, and is about to
// remove.
func TestGetOrLoadWaitsForALateStore(t *testing.T) {
	for _, wait := range []time.Duration{0, time.Hour} { // for a fill that nobody wants, and for one that is slow
		synctest.Test(t, func(t *testing.T) {
			c, b := newCache(t, cache.Options{})
			late := b.holdOut(storage.OpCompareAndSwap)
			leaver, leave := context.WithCancel(ctx)
			old := later(func() error {
				_, err := cache.GetOrLoad(leaver, c, "k", 0, source("old"))
				return err
			})
			late.await(t)
			deleting := later(func() error { return c.Delete(ctx, "k") })
			must(t, <-deleting)
			set(t, b, "k", "old") // the fill's write comes after all
			if wait == 0 {
				leave()
			}
			next := later(func() string { return load(c, source("new")) })
			time.Sleep(wait)
			synctest.Wait()
			late.release()
			want(t, <-next, "new")
			want(t, get(b, "k"), "new")
			leave()
			<-old
		})
	}
}

// A fill that was given up for the next one while fn ran stores nothing, also in
// a store that does not look at the context.
func TestGetOrLoadStoresNothingWhenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		c := cache.New(storage.Intercept(b.ByteStore, storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				return next(context.WithoutCancel(ctx))
			})), cache.Options{})
		defer c.Close()
		working, goOn := make(chan struct{}), make(chan struct{})
		leaver, leave := context.WithCancel(ctx)
		left := later(func() error {
			_, err := cache.GetOrLoad(leaver, c, "k", 0, func(context.Context) ([]byte, error) {
				close(working)
				<-goOn
				return []byte("old"), nil
			})
			return err
		})
		receive(t, working)
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		want(t, load(c, source("new")), "new")
		must(t, b.Delete(ctx, "k"))
		close(goOn)
		synctest.Wait()
		want(t, get(b, "k"), miss)
	})
}

// A panic does not say that nothing was stored.
func TestGetOrLoadOvertakenAndPanicked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		late := b.holdOut(storage.OpCompareAndSwap)
		c := cache.New(storage.Intercept(b.ByteStore, storage.InterceptorFunc(
			func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
				err := next(ctx)
				if call.Op == storage.OpCompareAndSwap {
					panic("after the swap")
				}
				return err
			})), cache.Options{})
		defer c.Close()
		panicked := later(func() (value any) {
			defer func() { value = recover() }()
			load(c, source("old"))
			return nil
		})
		late.await(t)
		must(t, c.Delete(ctx, "k"))
		set(t, b, "k", "old") // the fill's write comes after all
		late.release()
		if <-panicked == nil {
			t.Error("the panic got lost")
		}
		want(t, get(b, "k"), miss)
	})
}

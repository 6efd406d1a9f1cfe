package cache_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// write is one way to change or remove a key "k" through s. After is what Get
// then returns.
type write struct {
	op    storage.Op
	after string
	do    func(s storage.ByteStore) error
}

var writes = []write{
	{storage.OpSet, "new", func(s storage.ByteStore) error { return s.Set(ctx, "k", []byte("new"), 0) }},
	{storage.OpDelete, miss, func(s storage.ByteStore) error { return s.Delete(ctx, "k") }},
	{storage.OpSetMany, "new", func(s storage.ByteStore) error {
		return storage.SetMany(ctx, s, map[string][]byte{"k": []byte("new"), "l": nil}, 0)
	}},
	{storage.OpDeleteMany, miss, func(s storage.ByteStore) error { return storage.DeleteMany(ctx, s, []string{"k", "l"}) }},
	{storage.OpTake, miss, func(s storage.ByteStore) error { return second(storage.Take(ctx, s, "k")) }},
	{storage.OpDeletePrefix, miss, func(s storage.ByteStore) error { return storage.DeletePrefix(ctx, s, "k") }},
	{storage.OpCompareAndSwap, "new", func(s storage.ByteStore) error {
		return second(storage.Update(ctx, s, "k", func(storage.Entry[[]byte]) ([]byte, time.Duration, error) {
			return []byte("new"), 0, nil
		}))
	}},
}

// views are pairs of a store to write through and one to read through.
var views = map[string]func(c storage.ByteStore) (writer, reader storage.ByteStore){
	"base":                       func(c storage.ByteStore) (w, r storage.ByteStore) { return c, c },
	"namespace":                  func(c storage.ByteStore) (w, r storage.ByteStore) { return sessions(c), sessions(c) },
	"write base, read namespace": func(c storage.ByteStore) (w, r storage.ByteStore) { return mapped(c), sessions(c) },
	"write namespace, read base": func(c storage.ByteStore) (w, r storage.ByteStore) { return sessions(c), mapped(c) },
}

// mapped is the base store with the prefix of sessions put before each key by
// a key map above the cache, which knows nothing of it.
func mapped(c storage.ByteStore) storage.ByteStore {
	return storage.In(storage.ByteStore(noIn{c.(full.Store[[]byte])}), storage.Scope{Prefix: "sessions:"})
}

// noIn hides In.
type noIn struct{ full.Store[[]byte] }

func (noIn) In() {}

func TestReadYourWrite(t *testing.T) {
	for name, pair := range views {
		for _, w := range writes {
			t.Run(name+"/"+w.op.String(), func(t *testing.T) {
				c, _ := newCache(t, cache.Options{NegativeTTL: time.Hour})
				writer, reader := pair(c)
				want(t, get(reader, "k"), miss) // now the absence is held
				set(t, writer, "k", "old")
				want(t, get(reader, "k"), "old")
				must(t, w.do(writer))
				want(t, get(reader, "k"), w.after)
			})
		}
	}
}

// A load that read the old value and is slow to come back must neither be
// kept nor shared once a write has returned.
func TestLoadOvertakenByWrite(t *testing.T) {
	for name, pair := range views {
		for _, w := range writes {
			t.Run(name+"/"+w.op.String(), func(t *testing.T) {
				c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
				writer, reader := pair(c)
				set(t, writer, "k", "old")

				slow := b.holdOut(storage.OpGetEntry)
				first := later(func() string { return get(reader, "k") })
				slow.await(t) // "old" has been read
				must(t, w.do(writer))

				after := later(func() string { return get(reader, "k") })
				slow.release()
				want(t, receive(t, first), "old") // it began before the write
				want(t, receive(t, after), w.after)
				want(t, get(reader, "k"), w.after) // nor was it kept
			})
		}
	}
}

// A load that began during a write, after the backend did it or before, may
// not be kept either.
func TestLoadDuringWrite(t *testing.T) {
	for _, w := range writes {
		t.Run(w.op.String(), func(t *testing.T) {
			c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
			set(t, c, "k", "old")
			writing := b.holdIn(w.op)
			written := later(func() error { return w.do(c) })
			writing.await(t)
			want(t, get(c, "k"), "old") // and kept
			writing.release()
			must(t, receive(t, written))
			want(t, get(c, "k"), w.after)
		})
	}
}

func TestFailedWriteForgetsToo(t *testing.T) {
	for _, w := range writes {
		t.Run(w.op.String(), func(t *testing.T) {
			c, b := newCache(t, cache.Options{})
			set(t, c, "k", "old")
			get(c, "k")
			set(t, b, "k", "other") // by another process
			want(t, get(c, "k"), "old")
			b.Fail(storage.ErrUnavailable, w.op)
			if err := w.do(c); !errors.Is(err, storage.ErrUnavailable) {
				t.Fatalf("got %v, want ErrUnavailable", err)
			}
			b.Heal()
			want(t, get(c, "k"), "other")
		})
	}
}

func TestPurgeFencesLoads(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "k", "old")
	slow := b.holdOut(storage.OpGetEntry)
	first := later(func() string { return get(c, "k") })
	slow.await(t)
	set(t, b, "k", "new") // by another process
	c.Purge()
	slow.release()
	want(t, receive(t, first), "old")
	want(t, get(c, "k"), "new")
	c.Purge()
	if got := c.Stats(); got.Entries != 0 || got.Bytes != 0 {
		t.Fatalf("after Purge %+v", got)
	}
}

// The prefix is literal and says what is dropped, and nothing else is.
func TestDeletePrefixDropsThePrefixOnly(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	ns := sessions(c)
	for _, key := range []string{"a*1", "a*2", "ab", "b"} {
		set(t, ns, key, "v")
		get(ns, key)
	}
	calls := b.Calls(storage.OpGetEntry)
	must(t, storage.DeletePrefix(ctx, ns, "a*"))
	want(t, get(ns, "ab"), "v")
	want(t, get(ns, "b"), "v")
	wantCalls(t, b, storage.OpGetEntry, calls)
	want(t, get(ns, "a*1"), miss)
}

// After a write whose outcome is unknown nothing of the key is kept for five
// seconds; the write may yet happen.
func TestUnknownOutcomeHolds(t *testing.T) {
	for _, w := range writes {
		t.Run(w.op.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
				set(t, c, "k", "old")
				b.LoseReply(w.op)
				if err := w.do(c); !errors.Is(err, storage.ErrUnknownOutcome) {
					t.Fatalf("got %v, want ErrUnknownOutcome", err)
				}
				b.Heal()
				loads := func() int {
					before := b.Calls(storage.OpGetEntry)
					want(t, get(c, "k"), w.after)
					want(t, get(c, "k"), w.after)
					return b.Calls(storage.OpGetEntry) - before
				}
				if n := loads(); n != 2 {
					t.Fatalf("%d loads for two Gets at once after the write, want 2: nothing is kept", n)
				}
				time.Sleep(4900 * time.Millisecond)
				if n := loads(); n != 2 {
					t.Fatalf("%d loads for two Gets after 4.9 s, want 2", n)
				}
				time.Sleep(200 * time.Millisecond)
				if n := loads(); n != 1 {
					t.Fatalf("%d loads for two Gets after 5.1 s, want 1: the hold is over", n)
				}
			})
		})
	}
}

func TestPanickingWriteForgetsAndHolds(t *testing.T) {
	b := newBackend()
	boom := true
	c := cache.New(storage.Intercept(b.ByteStore, storage.InterceptorFunc(
		func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			if call.Op == storage.OpSet && boom {
				panic("boom")
			}
			return next(ctx)
		})), cache.Options{})
	defer c.Close()
	set(t, b, "k", "old")
	get(c, "k")
	set(t, b, "k", "new")
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Fatalf("recovered %v", r)
			}
		}()
		c.Set(ctx, "k", nil, 0)
	}()
	want(t, get(c, "k"), "new")
	want(t, get(c, "k"), "new")
	wantCalls(t, b, storage.OpGetEntry, 3)
}

func TestTouchKeepsTheEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{TTL: time.Hour})
		must(t, c.Set(ctx, "k", []byte("v"), 30*time.Minute))
		get(c, "k")
		must(t, storage.Touch(ctx, c, "k", 10*time.Second)) // shorter than what is held
		want(t, get(c, "k"), "v")
		wantCalls(t, b, storage.OpGetEntry, 1)
		time.Sleep(10 * time.Second)
		want(t, get(c, "k"), miss)
	})
}

func TestTouchThatFailsForgets(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "k", "v")
	get(c, "k")
	must(t, b.Delete(ctx, "k")) // by another process
	if err := storage.Touch(ctx, c, "k", time.Hour); !errors.Is(err, storage.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
	want(t, get(c, "k"), miss)
}

// A load that saw the ttl from before a Touch may not be kept for that long.
func TestTouchFencesLoads(t *testing.T) {
	c, b := newCache(t, cache.Options{TTL: time.Hour})
	set(t, c, "k", "v")
	slow := b.holdOut(storage.OpGetEntry)
	first := later(func() string { return get(c, "k") })
	slow.await(t)
	must(t, storage.Touch(ctx, c, "k", time.Minute))
	slow.release()
	want(t, receive(t, first), "v")
	if n := c.Stats().Entries; n != 0 {
		t.Fatalf("%d entries held, want 0", n)
	}
}

// Touch that succeeded has seen that there is a value.
func TestTouchForgetsAbsence(t *testing.T) {
	c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
	want(t, get(c, "k"), miss)
	set(t, b, "k", "v") // by another process
	must(t, storage.Touch(ctx, c, "k", 0))
	want(t, get(c, "k"), "v")
}

package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// How long an entry is held: another process has written the key right after
// it was loaded, and the cache may tell the old value so long.
func TestHowLongAnEntryIsHeld(t *testing.T) {
	const forever = 1000 * time.Hour
	for _, test := range []struct {
		name  string
		o     cache.Options
		ttl   time.Duration // in the store below
		blind bool          // which cannot tell it
		held  time.Duration // 0: not at all
	}{
		{"a minute by default", cache.Options{}, 0, false, time.Minute},
		{"TTL", cache.Options{TTL: time.Hour}, 0, false, time.Hour},
		{"the shorter of both", cache.Options{TTL: time.Hour}, time.Second, false, time.Second},
		{"the shorter of both, reversed", cache.Options{TTL: time.Second}, time.Hour, false, time.Second},
		{"NoTTL", cache.Options{TTL: cache.NoTTL}, time.Hour, false, time.Hour},
		{"NoTTL of what never expires", cache.Options{TTL: cache.NoTTL}, 0, false, forever},
		{"blind", cache.Options{}, 0, true, 0},
		{"blind with NoTTL", cache.Options{TTL: cache.NoTTL}, 0, true, 0},
		{"blind with TTL", cache.Options{TTL: time.Second}, 0, true, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				mem := memstore.New[[]byte]()
				next := storage.ByteStore(mem)
				if test.blind {
					next = storagetest.Minimal(next)
				}
				c := cache.New(next, test.o)
				defer c.Close()
				must(t, mem.Set(ctx, "k", []byte("old"), test.ttl))
				want(t, get(c, "k"), "old")
				must(t, mem.Set(ctx, "k", []byte("new"), 0))
				if test.held > 0 {
					time.Sleep(test.held - 1)
					want(t, get(c, "k"), "old")
					if test.held == forever {
						return
					}
					time.Sleep(time.Nanosecond)
				}
				want(t, get(c, "k"), "new")
			})
		})
	}
}

func TestNegativeTTL(t *testing.T) {
	for held, o := range map[time.Duration]cache.Options{
		0:           {},
		time.Second: {NegativeTTL: time.Second, TTL: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, b := newCache(t, o)
			want(t, get(c, "k"), miss)
			set(t, b, "k", "v") // by another process
			if held > 0 {
				time.Sleep(held - 1)
				want(t, get(c, "k"), miss)
				time.Sleep(time.Nanosecond)
			}
			want(t, get(c, "k"), "v")
		})
	}
}

// The time that a load takes counts: what it read may be that old.
func TestDeadlineCountsFromTheBeginningOfTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{TTL: 10 * time.Second})
		set(t, c, "k", "old")
		slow := b.holdOut(storage.OpGetEntry)
		first := later(func() string { return get(c, "k") })
		slow.await(t)
		set(t, b, "k", "new") // by another process
		time.Sleep(9 * time.Second)
		slow.release()
		want(t, <-first, "old")
		want(t, get(c, "k"), "old")
		time.Sleep(time.Second)
		want(t, get(c, "k"), "new")
	})
}

// A load that takes longer than an entry may live is not kept.
func TestLoadSlowerThanItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		must(t, c.Set(ctx, "k", []byte("v"), time.Second))
		slow := b.holdOut(storage.OpGetEntry)
		first := later(func() string { return get(c, "k") })
		slow.await(t)
		time.Sleep(time.Second)
		slow.release()
		want(t, <-first, "v")
		want(t, get(c, "k"), miss)
	})
}

// A Get that begins when the value is over does not get it from a load that
// has read it before.
func TestSharedLoadOfWhatIsOver(t *testing.T) {
	for name, read := range map[string]func(testing.TB, storage.ByteStore) string{
		"single": func(_ testing.TB, s storage.ByteStore) string { return get(s, "k") },
		"batch": func(t testing.TB, s storage.ByteStore) string {
			if value, ok := getMany(t, s, "k")["k"]; ok {
				return value
			}
			return miss
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, b := newCache(t, cache.Options{})
				must(t, c.Set(ctx, "k", []byte("v"), time.Second))
				slow := b.holdOut(storage.OpGetEntry)
				before := later(func() string { return get(c, "k") })
				slow.await(t)
				time.Sleep(time.Second)
				after := later(func() string { return read(t, c) })
				synctest.Wait()
				slow.release()
				want(t, <-before, "v")
				want(t, <-after, miss)
				wantCalls(t, b, storage.OpGetEntry, 2)
			})
		})
	}
}

// behind is a store whose clock is behind: what it has is over by ours.
type behind struct {
	*memstore.Store[[]byte]
	reads int
}

func (b *behind) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	b.reads++
	e, err := b.Store.GetEntry(ctx, key)
	e.Expires = time.Now().Add(-time.Minute)
	return e, err
}

func (b *behind) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[[]byte], error) {
	b.reads++
	entries, err := b.Store.GetEntries(ctx, keys)
	for key, e := range entries {
		e.Expires = time.Now().Add(-time.Minute)
		entries[key] = e
	}
	return entries, err
}

// A caller believes its own load, whatever the time.
func TestClocksThatDisagree(t *testing.T) {
	b := &behind{Store: memstore.New[[]byte]()}
	c := cache.New[[]byte](b, cache.Options{})
	defer c.Close()
	set(t, c, "k", "v")
	want(t, get(c, "k"), "v")
	want(t, getMany(t, c, "k")["k"], "v")
	if b.reads != 2 {
		t.Errorf("%d reads, want one for Get and one for GetMany", b.reads)
	}
}

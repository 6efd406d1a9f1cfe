package cache_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

func TestLeastRecentlyUsedGoes(t *testing.T) {
	evicted := make(map[string]string)
	c, b := newCache(t, cache.Options{MaxEntries: 2, Policy: cache.LRU}, cache.OnEvict(func(key string, value []byte) {
		evicted[key] = string(value)
	}))
	ns := sessions(c)
	for _, key := range []string{"a", "b", "c"} {
		set(t, ns, key, "v"+key)
	}
	get(ns, "a")
	get(ns, "b")
	get(ns, "a")
	get(ns, "c")
	before := b.Calls(storage.OpGetEntry)
	get(ns, "a")
	get(ns, "c")
	wantCalls(t, b, storage.OpGetEntry, before)
	if want := (map[string]string{"sessions:b": "vb"}); !maps.Equal(evicted, want) {
		t.Fatalf("evicted %v, want %v", evicted, want)
	}
	if got := c.Stats(); got.Entries != 2 || got.Evictions != 1 || got.Names["sessions"] != got.Counts {
		t.Fatalf("stats are %+v", got)
	}
}

// What was asked for twice stays while others come by once, also within a share.
func TestUsedStays(t *testing.T) {
	for _, o := range []cache.Options{{MaxEntries: 20}, {MaxEntries: 40, Share: 0.5}} {
		c, b := newCache(t, o)
		ns := sessions(c)
		for i := range 100 {
			set(t, ns, fmt.Sprint(i), "v")
		}
		get(ns, "0")
		get(ns, "0")
		for i := 1; i < 100; i++ {
			get(ns, fmt.Sprint(i))
		}
		before := b.Calls(storage.OpGetEntry)
		get(ns, "0")
		wantCalls(t, b, storage.OpGetEntry, before)
		get(ns, "50")
		wantCalls(t, b, storage.OpGetEntry, before+1)
	}
}

func TestOnEvictMayCallTheCache(t *testing.T) {
	var c *cache.Store[[]byte]
	calls := 0
	c, _ = newCache(t, cache.Options{MaxEntries: 1}, cache.OnEvict(func(key string, _ []byte) {
		calls++
		must(t, c.Delete(ctx, key))
		c.Stats()
	}))
	set(t, c, "a", "v")
	set(t, c, "b", "v")
	get(c, "a")
	get(c, "b")
	must(t, c.Close()) // waits for the load, which calls the hook
	if calls != 1 {
		t.Fatalf("%d calls of the hook, want 1", calls)
	}
}

func TestExpiredEntriesAreNotEvicted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newCache(t, cache.Options{MaxEntries: 1}, cache.OnEvict(func(key string, _ []byte) {
			t.Errorf("evicted %s", key)
		}))
		set(t, c, "a", "v")
		set(t, c, "b", "v")
		get(c, "a")
		time.Sleep(time.Hour)
		get(c, "b")
		if got := c.Stats(); got.Evictions != 0 || got.Entries != 1 {
			t.Fatalf("stats are %+v", got)
		}
	})
}

// However many keys come by, the bounds hold, in all and for each name.
func TestBoundsHold(t *testing.T) {
	for _, o := range []cache.Options{
		{MaxEntries: 1},
		{MaxEntries: 10},
		{MaxEntries: 1000},
		{MaxEntries: 5000, MaxBytes: 10_000},
		{MaxEntries: 100_000, MaxBytes: 40 << 20},
		{MaxEntries: 10_000, MaxBytes: 10_000, Share: 0.3},
		{MaxEntries: 7000, Share: 0.1},
		{MaxEntries: 7000, MaxBytes: 100_000, Share: 0.1, Policy: cache.LRU},
	} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			c, _ := newCache(t, o)
			for _, name := range []string{"a", "b", "c"} {
				s := namespace.New(c, name)
				for i := range min(4000, 2*o.MaxEntries) {
					key := fmt.Sprint(i)
					must(t, s.Set(ctx, key, make([]byte, i%50), 0))
					get(s, key)
				}
			}
			got := c.Stats()
			if got.Entries > o.MaxEntries || o.MaxBytes > 0 && got.Bytes > o.MaxBytes {
				t.Errorf("%d entries of %d bytes", got.Entries, got.Bytes)
			}
			if got.Entries < o.MaxEntries/2 && o.MaxBytes == 0 && o.Share == 0 {
				t.Errorf("only %d entries", got.Entries)
			}
			share := o.Share
			if share == 0 {
				return
			}
			for name, counts := range got.Names { // 16 shards may round up by one each
				if max := int(math.Ceil(share*float64(o.MaxEntries))) + 16; counts.Entries > max {
					t.Errorf("%s has %d entries, want %d at most", name, counts.Entries, max)
				}
				if max := int64(math.Ceil(share*float64(o.MaxBytes))) + 16; o.MaxBytes > 0 && counts.Bytes > max {
					t.Errorf("%s has %d bytes, want %d at most", name, counts.Bytes, max)
				}
			}
		})
	}
}

func TestFloodLeavesOthersAlone(t *testing.T) {
	for share, survive := range map[float64]bool{0: false, 0.5: true} {
		c, b := newCache(t, cache.Options{MaxEntries: 100, Share: share})
		small, flood := namespace.New(c, "small"), namespace.New(c, "flood")
		set(t, small, "k", "v")
		get(small, "k")
		for i := range 1000 {
			key := fmt.Sprint(i)
			set(t, flood, key, "v")
			get(flood, key)
		}
		before := b.Calls(storage.OpGetEntry)
		get(small, "k")
		if survived := b.Calls(storage.OpGetEntry) == before; survived != survive {
			t.Errorf("share %v: the other's entry survived: %v", share, survived)
		}
		if n := c.Stats().Names["small"].Evictions; (n == 0) != survive {
			t.Errorf("share %v: %d evictions", share, n)
		}
	}
}

// Within its share a name keeps what it used last.
func TestShareIsLeastRecentlyUsedToo(t *testing.T) {
	c, b := newCache(t, cache.Options{MaxEntries: 4, Share: 0.5, Policy: cache.LRU})
	ns := sessions(c)
	for _, key := range []string{"a", "b", "c"} {
		set(t, ns, key, "v")
	}
	get(ns, "a")
	get(ns, "b")
	get(ns, "a")
	get(ns, "c")
	before := b.Calls(storage.OpGetEntry)
	get(ns, "a")
	wantCalls(t, b, storage.OpGetEntry, before)
	get(ns, "b")
	wantCalls(t, b, storage.OpGetEntry, before+1)
}

func TestNamesCountForTheOutermost(t *testing.T) {
	c, _ := newCache(t, cache.Options{})
	nested := namespace.New(namespace.New(c, "outer"), "inner")
	dynamic := namespace.Dynamic(c, "tenants", "42")
	for _, s := range []storage.ByteStore{nested, dynamic, c} {
		set(t, s, "k", "v")
		get(s, "k")
		get(s, "k")
	}
	names := c.Stats().Names
	if got, want := slices.Sorted(maps.Keys(names)), []string{"", "outer", "tenants"}; !slices.Equal(got, want) {
		t.Fatalf("names are %q, want %q", got, want)
	}
	for name, got := range names {
		got.Bytes = 0
		if got != (cache.Counts{Hits: 1, Misses: 1, Loads: 1, Entries: 1}) {
			t.Errorf("%q: %+v", name, got)
		}
	}
}

func TestTooLargeIsNotKept(t *testing.T) {
	c, b := newCache(t, cache.Options{MaxBytes: 10})
	set(t, c, "small", "v")
	get(c, "small")
	set(t, c, "large", strings.Repeat("v", 10))
	get(c, "large")
	get(c, "small")
	wantCalls(t, b, storage.OpGetEntry, 2)
	if got := c.Stats(); got.Bytes != 6 || got.Evictions != 0 {
		t.Fatalf("stats are %+v", got)
	}
}

func TestWeigh(t *testing.T) {
	mem := memstore.New[int]()
	c := cache.New(mem, cache.Options{MaxBytes: 10}, cache.Weigh(func(n int) int { return n }))
	defer c.Close()
	must(t, c.Set(ctx, "a", 5, 0))
	if _, err := c.Get(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if got := c.Stats().Bytes; got != 6 {
		t.Fatalf("%d bytes, want 6", got)
	}
}

func TestOptionsThatMakeNoSensePanic(t *testing.T) {
	for want, call := range map[string]func(){
		"MaxEntries":        func() { newCache(t, cache.Options{MaxEntries: -1}) },
		"MaxBytes":          func() { newCache(t, cache.Options{MaxBytes: -1}) },
		"NoTTL":             func() { newCache(t, cache.Options{TTL: -2}) },
		"NegativeTTL":       func() { newCache(t, cache.Options{NegativeTTL: -1}) },
		"Share":             func() { newCache(t, cache.Options{Share: math.NaN()}) },
		"0 (no bound) to 1": func() { newCache(t, cache.Options{Share: 1.1}) },
		"cache.Weigh":       func() { cache.New(memstore.New[int](), cache.Options{MaxBytes: 1}) },
		"nil store":         func() { cache.New[int](nil, cache.Options{}) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) || !strings.HasPrefix(got, "cache: ") {
					t.Errorf("panic %q, want one that names %q", got, want)
				}
			}()
			call()
		}()
	}
}

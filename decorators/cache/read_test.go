package cache_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

func TestSecondGetIsAHit(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "k", "v")
	want(t, get(c, "k"), "v")
	want(t, get(c, "k"), "v")
	wantCalls(t, b, storage.OpGetEntry, 1) // and Set put nothing: the first Get had to ask
	if got := c.Stats().Counts; got != (cache.Counts{Hits: 1, Misses: 1, Loads: 1, Entries: 1, Bytes: 2}) {
		t.Fatalf("stats are %+v", got)
	}
}

func TestEntryIsKnownByWireKeyInAllViews(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	ns := sessions(c)
	nested := namespace.New(ns, "drafts")
	set(t, nested, "k", "v")
	for _, read := range []struct {
		s   storage.ByteStore
		key string
	}{{nested, "k"}, {ns, "drafts:k"}, {c, "sessions:drafts:k"}} {
		want(t, get(read.s, read.key), "v")
	}
	wantCalls(t, b, storage.OpGetEntry, 1)
}

func TestEmptyKeyIsNoHitOnThePrefix(t *testing.T) {
	c, _ := newCache(t, cache.Options{})
	set(t, c, "sessions:", "v")
	want(t, get(c, "sessions:"), "v") // held under the very key that a careless view would look up
	ns := sessions(c)
	for name, err := range map[string]error{
		"get":     second(ns.Get(ctx, "")),
		"has":     second(storage.Has(ctx, ns, "")),
		"getmany": second(storage.GetMany(ctx, ns, []string{"a", ""})),
		"load":    second(cache.GetOrLoad(ctx, ns, "", 0, nil)),
	} {
		if !errors.Is(err, storage.ErrInvalidKey) {
			t.Errorf("%s: got %v, want ErrInvalidKey", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestHasAnswersFromMemory(t *testing.T) {
	c, b := newCache(t, cache.Options{NegativeTTL: 1 << 40})
	set(t, c, "k", "v")
	get(c, "k")
	get(c, "gone")
	for key, want := range map[string]bool{"k": true, "gone": false} {
		if has, err := storage.Has(ctx, c, key); has != want || err != nil {
			t.Errorf("Has(%q) = %v, %v", key, has, err)
		}
	}
	wantCalls(t, b, storage.OpHas, 0)
	if has, err := storage.Has(ctx, c, "other"); has || err != nil {
		t.Errorf("Has of an absent key = %v, %v", has, err)
	}
	wantCalls(t, b, storage.OpHas, 1)
}

func TestBackendOperationsAlwaysReachTheBackend(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "k", "v")
	get(c, "k")
	for range 2 {
		e, err := storage.GetEntry(ctx, c, "k")
		must(t, err)
		_, err = storage.CompareAndSwap(ctx, c, "k", e.Version, []byte("v"), 0)
		must(t, err)
		must(t, storage.Touch(ctx, c, "k", 0))
		_, err = storage.GetEntries(ctx, c, []string{"k"})
		must(t, err)
	}
	for op, n := range map[storage.Op]int{storage.OpGetEntry: 3, storage.OpCompareAndSwap: 2, storage.OpTouch: 2, storage.OpGetEntries: 2} {
		wantCalls(t, b, op, n)
	}
}

// A GetEntry, Has, Keys or conflict that saw something newer than what is held
// must not be followed by a Get that returns the older value.
func TestWhatIsSeenElsewhereIsForgottenHere(t *testing.T) {
	for name, see := range map[string]func(c storage.ByteStore) error{
		"getentry":   func(c storage.ByteStore) error { return second(storage.GetEntry(ctx, c, "k")) },
		"getentries": func(c storage.ByteStore) error { return second(storage.GetEntries(ctx, c, []string{"k"})) },
		"conflict": func(c storage.ByteStore) error {
			if _, err := storage.CompareAndSwap(ctx, c, "k", "stale", nil, 0); !errors.Is(err, storage.ErrConflict) {
				return errors.New("no conflict")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := newCache(t, cache.Options{})
			set(t, c, "k", "old")
			get(c, "k")
			set(t, b, "k", "new") // by another process
			want(t, get(c, "k"), "old")
			must(t, see(c))
			want(t, get(c, "k"), "new")
		})
	}
}

// The same for a load that is under way when the newer value is seen.
func TestWhatIsSeenElsewhereFencesLoads(t *testing.T) {
	for name, see := range map[string]func(c storage.ByteStore) error{
		"has":      func(c storage.ByteStore) error { return second(storage.Has(ctx, c, "k")) },
		"getentry": func(c storage.ByteStore) error { return second(storage.GetEntry(ctx, c, "k")) },
		"keys": func(c storage.ByteStore) (err error) {
			for _, err = range storage.Keys(ctx, c, "") {
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
			slow := b.holdOut(storage.OpGetEntry)
			first := later(func() string { return get(c, "k") })
			slow.await(t)
			set(t, b, "k", "v") // by another process
			must(t, see(c))
			after := later(func() string { return get(c, "k") })
			slow.release()
			want(t, receive(t, first), miss)
			want(t, receive(t, after), "v")
			want(t, get(c, "k"), "v")
		})
	}
}

func TestKeysForgetHeldAbsence(t *testing.T) {
	c, b := newCache(t, cache.Options{NegativeTTL: 1 << 40})
	ns := sessions(c)
	want(t, get(ns, "k"), miss)
	set(t, b, "sessions:k", "v") // by another process
	want(t, get(ns, "k"), miss)
	for key, err := range storage.Keys(ctx, ns, "") {
		must(t, err)
		want(t, get(ns, key), "v")
	}
}

// spare is a store whose values have room behind them.
type spare struct{ storage.ByteStore }

func (s spare) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.ByteStore.Get(ctx, key)
	return append(make([]byte, 0, 100), value...), err
}

func TestReadersShareAndMayAppend(t *testing.T) {
	c := cache.New(storage.ByteStore(spare{newBackend().ByteStore}), cache.Options{TTL: time.Hour})
	defer c.Close()
	read := map[string]func() []byte{
		"get": func() []byte { return first(c.Get(ctx, "k")) },
		"getmany": func() []byte {
			return first(storage.GetMany(ctx, c, []string{"k"}))["k"]
		},
	}
	for name, get := range read {
		set(t, c, "k", "v")
		one, two := get(), get() // a load and a hit
		if len(one) != 1 || cap(one) != 1 {
			t.Errorf("%s: a value of %d bytes with capacity %d, want 1: append would write into it", name, len(one), cap(one))
		}
		if &one[0] != &two[0] {
			t.Errorf("%s: a hit copied the value", name)
		}
	}
	if v := first(cache.GetOrLoad(ctx, c, "made", 0, func(context.Context) ([]byte, error) {
		return append(make([]byte, 0, 100), 'v'), nil
	})); cap(v) != 1 {
		t.Errorf("GetOrLoad: capacity %d of a shared value of one byte", cap(v))
	}
}

func TestClone(t *testing.T) {
	c, _ := newCache(t, cache.Options{}, cache.Clone(func(b []byte) []byte { return append([]byte("c"), b...) }))
	set(t, c, "k", "v")
	want(t, get(c, "k"), "cv") // a load
	want(t, get(c, "k"), "cv") // a hit
	got, err := storage.GetMany(ctx, c, []string{"k"})
	must(t, err)
	want(t, string(got["k"]), "cv")
}

func TestHitAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	c, _ := newCache(t, cache.Options{Share: 0.5})
	for name, s := range map[string]storage.ByteStore{
		"bare":      c,
		"namespace": sessions(c),
		"nested":    namespace.New(sessions(c), "drafts"),
	} {
		set(t, s, "k", "v")
		get(s, "k")
		n := testing.AllocsPerRun(100, func() {
			if v, err := s.Get(ctx, "k"); err != nil || len(v) != 1 {
				t.Fatal(v, err)
			}
		})
		if n != 0 {
			t.Errorf("%s: a hit allocates %v times", name, n)
		}
	}
}

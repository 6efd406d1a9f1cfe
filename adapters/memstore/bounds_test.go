package memstore_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

func TestRefuse(t *testing.T) {
	ctx := t.Context()
	for name, opt := range map[string]memstore.Option{
		"entries": memstore.MaxEntries(3),
		"bytes":   memstore.MaxBytes(3 * 6),
	} {
		t.Run(name, func(t *testing.T) {
			s := memstore.New[string](opt)
			a := s.In(storage.Scope{Prefix: "a:"})
			for _, key := range []string{"a:1", "a:2", "a:3"} {
				ok(t, s.Set(ctx, key, "old", time.Hour))
			}
			before := contents(t, s)

			want(t, storage.ErrOverloaded, s.Set(ctx, "b:1", "new", 0))
			want(t, storage.ErrOverloaded, a.Set(ctx, "4", "new", 0))
			want(t, storage.ErrOverloaded, s.SetMany(ctx, map[string]string{"b:1": "new"}, 0))
			_, err := s.CompareAndSwap(ctx, "b:1", "", "new", 0)
			want(t, storage.ErrOverloaded, err)
			_, err = s.CompareAndSwap(ctx, "b:1", "other", "new", 0)
			want(t, storage.ErrConflict, err)
			if after := contents(t, s); !same(before, after) {
				t.Errorf("refused writes changed %v to %v", before, after)
			}

			ok(t, s.Set(ctx, "a:1", "new", 0))
			ok(t, s.Set(ctx, "a:2", "", 0))
			ok(t, s.Delete(ctx, "a:3"))
			ok(t, s.Set(ctx, "b:1", "new", 0))
			if _, err := s.Take(ctx, "b:1"); err != nil {
				t.Error(err)
			}
			ok(t, s.Set(ctx, "c:1", "new", 0))
			ok(t, s.DeletePrefix(ctx, "a:"))
			if held := s.Verify(t); held.Entries != 1 {
				t.Errorf("holds %+v, want c:1 only", held)
			}
		})
	}
}

func TestRefusedGrowthChangesNothing(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[string](memstore.MaxBytes(20))
	ok(t, s.Set(ctx, "a", "123456789", time.Hour))
	ok(t, s.Set(ctx, "b", "123456789", 0))
	before := contents(t, s)
	want(t, storage.ErrOverloaded, s.Set(ctx, "a", "1234567890", 0))
	_, err := s.CompareAndSwap(ctx, "a", before["a"].Version, "1234567890", 0)
	want(t, storage.ErrOverloaded, err)
	if after := contents(t, s); !same(before, after) {
		t.Errorf("refused writes changed %v to %v", before, after)
	}
	ok(t, s.Set(ctx, "a", "12345678", 0))
	ok(t, s.Set(ctx, "b", "1234567890", 0))
	if held := s.Verify(t); held.Bytes != 20 {
		t.Errorf("holds %+v, want 20 bytes", held)
	}
}

func TestExpiredEntriesMakeRoom(t *testing.T) {
	for name, opts := range map[string][]memstore.Option{
		"refusing":        {memstore.MaxEntries(1000)},
		"refusing bytes":  {memstore.MaxBytes(1000 * 5)},
		"evicting":        {memstore.MaxEntries(1000), memstore.Evict()},
		"evicting, parts": {memstore.MaxEntries(100_000), memstore.MaxBytes(1000 * 5), memstore.Evict()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				s := memstore.New[string](opts...)
				for i := range 1000 {
					ttl := time.Duration(0)
					if i >= 500 {
						ttl = time.Second
					}
					ok(t, s.Set(ctx, fmt.Sprintf("%04d", i), "v", ttl))
				}
				time.Sleep(time.Second)
				for i := range 500 {
					ok(t, s.Set(ctx, fmt.Sprintf("n%03d", i), "v", 0))
				}
				live := contents(t, s)
				for i := range 500 {
					if _, ok := live[fmt.Sprintf("%04d", i)]; !ok {
						t.Fatalf("live entry %d went, of the %d that are left, before the expired ones", i, len(live))
					}
				}
				if len(live) != 1000 {
					t.Errorf("%d entries are live, want 1000", len(live))
				}
				s.Verify(t)
			})
		})
	}
}

func TestTooLarge(t *testing.T) {
	ctx := t.Context()
	for _, opts := range [][]memstore.Option{
		{memstore.MaxBytes(10)},
		{memstore.MaxBytes(10), memstore.Evict()},
	} {
		s := memstore.New[[]byte](opts...)
		v := s.In(storage.Scope{Prefix: "v:"})
		ok(t, s.Set(ctx, "key", []byte("1234567"), 0))
		want(t, storage.ErrTooLarge, s.Set(ctx, "key", []byte("12345678"), 0))
		want(t, storage.ErrTooLarge, v.Set(ctx, "key", []byte("123456"), 0))
		want(t, storage.ErrTooLarge, s.Set(ctx, strings.Repeat("k", 11), nil, 0))
		_, err := s.CompareAndSwap(ctx, "new", "", []byte("12345678"), 0)
		want(t, storage.ErrTooLarge, err)
		for range 10 { // in any order of the map
			want(t, storage.ErrTooLarge, s.SetMany(ctx, map[string][]byte{"a": nil, "b": make([]byte, 10)}, 0))
		}
		if held := s.Verify(t); held.Entries != 1 || held.Bytes != 10 {
			t.Errorf("holds %+v, want the first value only", held)
		}
		if s, err := s.Get(ctx, "key"); string(s) != "1234567" {
			t.Errorf("Get = %q, %v", s, err)
		}
	}
}

func TestWeigh(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[*session](memstore.MaxBytes(100), memstore.Weigh(func(s *session) int { return len(s.User) }))
	ok(t, s.Set(ctx, "key", &session{User: strings.Repeat("u", 97)}, 0))
	want(t, storage.ErrOverloaded, s.Set(ctx, "k", &session{}, 0))
	want(t, storage.ErrTooLarge, s.Set(ctx, "key", &session{User: strings.Repeat("u", 98)}, 0))
}

func TestBytesOfNamedTypes(t *testing.T) {
	ctx := t.Context()
	type name string
	names := memstore.New[name](memstore.MaxBytes(8))
	ok(t, names.Set(ctx, "key", "12345", 0))
	want(t, storage.ErrTooLarge, names.Set(ctx, "key", "123456", 0))
	raw := memstore.New[json.RawMessage](memstore.MaxBytes(8))
	ok(t, raw.Set(ctx, "key", json.RawMessage("12345"), 0))
	want(t, storage.ErrTooLarge, raw.Set(ctx, "key", json.RawMessage("123456"), 0))
}

func TestEvictTheLeastRecentlyUsed(t *testing.T) {
	ctx := t.Context()
	for _, test := range []struct {
		name string
		use  func(s *memstore.Store[string]) error
		left []string // of a, b, c, d after e was written
	}{
		{"nothing", func(*memstore.Store[string]) error { return nil }, []string{"b", "c", "d"}},
		{"Get", func(s *memstore.Store[string]) error { _, err := s.Get(ctx, "a"); return err }, []string{"a", "c", "d"}},
		{"GetMany", func(s *memstore.Store[string]) error {
			_, err := s.GetMany(ctx, []string{"b", "a"})
			return err
		}, []string{"a", "b", "d"}},
		{"GetEntry", func(s *memstore.Store[string]) error { _, err := s.GetEntry(ctx, "a"); return err }, []string{"a", "c", "d"}},
		{"Touch", func(s *memstore.Store[string]) error { return s.Touch(ctx, "a", time.Hour) }, []string{"a", "c", "d"}},
		{"Set", func(s *memstore.Store[string]) error { return s.Set(ctx, "a", "new", 0) }, []string{"a", "c", "d"}},
		{"Has", func(s *memstore.Store[string]) error { _, err := s.Has(ctx, "a"); return err }, []string{"b", "c", "d"}},
		{"Keys", func(s *memstore.Store[string]) error {
			for _, err := range s.Keys(ctx, "") {
				if err != nil {
					return err
				}
			}
			return nil
		}, []string{"b", "c", "d"}},
		{"lost CompareAndSwap", func(s *memstore.Store[string]) error {
			_, err := s.CompareAndSwap(ctx, "a", "other", "new", 0)
			if errors.Is(err, storage.ErrConflict) {
				return nil
			}
			return fmt.Errorf("%v, want ErrConflict", err)
		}, []string{"b", "c", "d"}},
	} {
		s := memstore.New[string](memstore.MaxEntries(4), memstore.Evict())
		for _, key := range []string{"a", "b", "c", "d"} {
			ok(t, s.Set(ctx, key, "v", 0))
		}
		ok(t, test.use(s))
		ok(t, s.Set(ctx, "e", "v", 0))
		if left := slices.Sorted(maps.Keys(contents(t, s))); !slices.Equal(left, append(test.left, "e")) {
			t.Errorf("after %s, %q are left, want %q and e", test.name, left, test.left)
		}
		s.Verify(t)
	}
}

// In a store of many shards, too, the oldest goes first, whichever its shard.
func TestEvictAcrossShards(t *testing.T) {
	ctx := t.Context()
	const size = 20_000
	s := memstore.New[int](memstore.MaxEntries(size), memstore.Evict())
	for i := range size {
		ok(t, s.Set(ctx, fmt.Sprint(i), i, 0))
	}
	for i := range 100 {
		_, err := s.Get(ctx, fmt.Sprint(i))
		ok(t, err)
	}
	for i := range size {
		if i == 5000 {
			for i := range size {
				has, err := s.Has(ctx, fmt.Sprint(i))
				ok(t, err)
				if want := i < 100 || i >= 5100; has != want {
					t.Fatalf("entry %d is there: %t, want %t", i, has, want)
				}
			}
		}
		ok(t, s.Set(ctx, fmt.Sprint("new", i), i, 0))
	}
	// Those that were read went last, and before the first that was written
	// after that.
	if held := s.Verify(t); held.Entries != size {
		t.Errorf("holds %d entries, want %d", held.Entries, size)
	}
	if has, err := s.Has(ctx, "new0"); !has || err != nil {
		t.Errorf("the first new entry is there: %t, %v, want true", has, err)
	}
}

func TestEvictUntilItFits(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[string](memstore.MaxBytes(100), memstore.Evict())
	for i := range 10 {
		ok(t, s.Set(ctx, fmt.Sprint(i), "123456789", 0))
	}
	ok(t, s.Set(ctx, "large", strings.Repeat("x", 50), 0)) // 55 bytes: six others go
	if left := slices.Sorted(maps.Keys(contents(t, s))); !slices.Equal(left, []string{"6", "7", "8", "9", "large"}) {
		t.Errorf("%q are left", left)
	}
}

// In a small store the order of reads counts too, not only that of reads and
// writes.
func TestOrderOfReadsInASmallStore(t *testing.T) {
	ctx := t.Context()
	for name, bound := range map[string]memstore.Option{
		"entries": memstore.MaxEntries(500),
		"bytes":   memstore.MaxBytes(500 * 4),
	} {
		s := memstore.New[string](bound, memstore.Evict())
		for i := range 500 {
			ok(t, s.Set(ctx, fmt.Sprintf("%03d", i), "v", 0))
		}
		for i := 499; i >= 0; i-- {
			_, err := s.Get(ctx, fmt.Sprintf("%03d", i))
			ok(t, err)
		}
		for i := range 250 {
			ok(t, s.Set(ctx, fmt.Sprintf("n%02x", i), "v", 0))
		}
		for i := range 500 {
			if has, err := s.Has(ctx, fmt.Sprintf("%03d", i)); has != (i < 250) || err != nil {
				t.Fatalf("bound of %s: %03d is there: %t, %v, want %t", name, i, has, err, i < 250)
			}
		}
	}
}

// A counter that grows must not be evicted to make room for itself, and start
// again from nothing, however much the others are used.
func TestGrowingValueIsNotEvictedForItself(t *testing.T) {
	for name, size := range map[string]int{"one shard": 100, "many shards": 8 << 20} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			half := strings.Repeat("x", size/2-8)
			for i := range 20 {
				s := memstore.New[string](memstore.MaxBytes(int64(size)), memstore.Evict())
				growing, other := fmt.Sprint("grow", i), fmt.Sprint("othr", i) // in some shards
				ok(t, s.Set(ctx, growing, half, 0))
				ok(t, s.Set(ctx, other, half, 0))
				value, err := storage.Update(ctx, s, growing, func(e storage.Entry[string]) (string, time.Duration, error) {
					_, err := s.Get(ctx, other)
					return e.Value + "longer than what is left", 0, err
				})
				if err != nil || len(value) != len(half)+24 {
					t.Fatalf("Update stored %d bytes, %v, want %d", len(value), err, len(half)+24)
				}
				if left := slices.Collect(maps.Keys(contents(t, s))); !slices.Equal(left, []string{growing}) {
					t.Errorf("%q are left, want the one that grew", left)
				}
				s.Verify(t)
			}
		})
	}
}

func TestNoBound(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[string](memstore.MaxEntries(0), memstore.MaxBytes(0), memstore.Evict())
	for i := range 1000 {
		ok(t, s.Set(ctx, fmt.Sprint(i), "v", 0))
	}
	if held := s.Verify(t); held.Entries != 1000 {
		t.Errorf("holds %d entries, want 1000", held.Entries)
	}
}

// contents returns the live entries.
func contents[V any](tb testing.TB, s *memstore.Store[V]) map[string]storage.Entry[V] {
	tb.Helper()
	var keys []string
	for key, err := range s.Keys(tb.Context(), "") {
		ok(tb, err)
		keys = append(keys, key)
	}
	entries, err := s.GetEntries(tb.Context(), keys)
	ok(tb, err)
	return entries
}

func same(a, b map[string]storage.Entry[string]) bool {
	return maps.EqualFunc(a, b, func(a, b storage.Entry[string]) bool {
		return a.Value == b.Value && a.Version == b.Version && a.Expires.Equal(b.Expires)
	})
}

func want(tb testing.TB, target, err error) {
	tb.Helper()
	if !errors.Is(err, target) {
		tb.Errorf("error %v, want %v", err, target)
	}
}

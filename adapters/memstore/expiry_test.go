package memstore_test

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

func TestTTLHoldsToTheNanosecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		for _, ttl := range []time.Duration{1, 999, time.Millisecond + 1, time.Hour + 1} {
			s := memstore.New[string]()
			ok(t, s.Set(ctx, "key", "value", ttl))
			end := time.Now().Add(ttl)

			time.Sleep(ttl - 1)
			entry, err := s.GetEntry(ctx, "key")
			if err != nil || !entry.Expires.Equal(end) {
				t.Errorf("ttl %v, 1ns before its end: expires %v, %v, want %v", ttl, entry.Expires, err, end)
			}

			time.Sleep(time.Nanosecond)
			if _, err := s.Get(ctx, "key"); err != storage.ErrNotFound {
				t.Errorf("ttl %v, at its end: Get = %v, want ErrNotFound", ttl, err)
			}
		}
	})
}

func TestLongestTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := memstore.New[string]()
		time.Sleep(365 * 24 * time.Hour)
		ok(t, s.Set(ctx, "set", "value", math.MaxInt64))
		ok(t, s.Set(ctx, "touched", "value", 1))
		ok(t, s.Touch(ctx, "touched", math.MaxInt64-1))
		time.Sleep(365 * 24 * time.Hour)
		for _, key := range []string{"set", "touched"} {
			entry, err := s.GetEntry(ctx, key)
			if err != nil || time.Until(entry.Expires) < 280*365*24*time.Hour {
				t.Errorf("%s for 292 years, one year later: expires %v, %v", key, entry.Expires, err)
			}
		}
	})
}

func TestExpiredKeyIsReplacedByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := memstore.New[string]()
		ok(t, s.Set(ctx, "key", "old", time.Second))
		entry, err := s.GetEntry(ctx, "key")
		ok(t, err)
		time.Sleep(time.Second)
		if _, err := s.CompareAndSwap(ctx, "key", entry.Version, "new", 0); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("swap of an expired version: %v, want ErrConflict", err)
		}
		if _, err := s.CompareAndSwap(ctx, "key", "", "new", 0); err != nil {
			t.Errorf("creating an expired key: %v", err)
		}
	})
}

// Keys that nobody names again go when others are written.
func TestExpiredEntriesDoNotAccumulate(t *testing.T) {
	for name, opts := range map[string][]memstore.Option{
		"unbounded": nil,
		"evicting":  {memstore.MaxEntries(1 << 20), memstore.Evict()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				s := memstore.New[int](opts...)
				const live = 1000 // keys at one time: one a millisecond, each for a second
				for i := range 50 * live {
					time.Sleep(time.Millisecond)
					ok(t, s.Set(ctx, fmt.Sprint(i), i, live*time.Millisecond))
				}
				// A shard holds at most its own peak of live entries, and the
				// peaks of shards are not at the same time.
				if held := s.Verify(t); held.Entries > 2*live {
					t.Errorf("%d entries, want about the %d that are live", held.Entries, live)
				}
			})
		})
	}
}

// The bound that the package comment states, on one part of the keys.
func TestExpiredEntriesGoTwoAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := memstore.New[int](memstore.MaxEntries(500), memstore.Evict()) // small enough for one shard
		for i := range 300 {
			ok(t, s.Set(ctx, fmt.Sprint("old", i), i, time.Second))
		}
		time.Sleep(time.Second)
		for i := range 300 {
			ok(t, s.Set(ctx, fmt.Sprint("new", i), i, 0))
			if held, want := s.Verify(t).Entries, max(300-2*(i+1), 0)+i+1; held != want {
				t.Fatalf("after %d writes over 300 expired entries: %d entries, want %d", i+1, held, want)
			}
		}
	})
}

func TestReadingAnExpiredKeyRemovesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		for op, read := range map[string]func(s *memstore.Store[int]) error{
			"Get":      func(s *memstore.Store[int]) error { _, err := s.Get(ctx, "key"); return err },
			"GetEntry": func(s *memstore.Store[int]) error { _, err := s.GetEntry(ctx, "key"); return err },
			"Take":     func(s *memstore.Store[int]) error { _, err := s.Take(ctx, "key"); return err },
			"Touch":    func(s *memstore.Store[int]) error { return s.Touch(ctx, "key", 0) },
			"Has": func(s *memstore.Store[int]) error {
				if has, err := s.Has(ctx, "key"); has || err != nil {
					return fmt.Errorf("%t, %w", has, err)
				}
				return storage.ErrNotFound
			},
		} {
			s := memstore.New[int](memstore.MaxEntries(10))
			ok(t, s.Set(ctx, "key", 1, time.Second))
			time.Sleep(time.Second)
			if held := s.Verify(t); held.Entries != 1 {
				t.Errorf("%s: %d entries before, want 1", op, held.Entries)
			}
			if err := read(s); err != storage.ErrNotFound {
				t.Errorf("%s of an expired key: %v, want ErrNotFound", op, err)
			}
			if held := s.Verify(t); held.Entries != 0 {
				t.Errorf("%s left %d entries", op, held.Entries)
			}
		}
	})
}

func TestMemoryIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		s := memstore.New[int]()
		const peak = 40_000
		for i := range peak {
			ok(t, s.Set(ctx, fmt.Sprint(i), i, time.Hour))
		}
		if held := s.Verify(t); held.Entries != peak || held.Room < peak {
			t.Fatalf("holds %+v", held)
		}
		for i := 10; i < peak; i++ {
			ok(t, s.Delete(ctx, fmt.Sprint(i)))
		}
		// 64 shards with 128 places each are not worth giving back.
		if held := s.Verify(t); held.Entries != 10 || held.Room > 64*256 {
			t.Errorf("after all but 10 keys were deleted it holds %+v", held)
		}
		for i := range 10 {
			if v, err := s.Get(ctx, fmt.Sprint(i)); v != i || err != nil {
				t.Errorf("Get(%d) = %d, %v", i, v, err)
			}
		}
	})
}

func TestNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // waits for those of the bubble for ever
		before := runtime.NumGoroutine()
		s := memstore.New[int]()
		ok(t, s.Set(t.Context(), "key", 1, time.Hour))
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, want no more than the %d before", n, before)
		}
	})
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

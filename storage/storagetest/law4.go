package storagetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func (c *check[V]) setReplacesExpiry() {
	s := c.new()
	var kept []string
	for _, w := range c.writes() {
		if w.effect != stores {
			continue
		}
		c.set(s, "kept by "+w.name, c.value(1), c.short())
		err := w.do(c.Context(), s, "kept by "+w.name, c.value(2), storage.NoExpiry)
		if errors.Is(err, storage.ErrConflict) { // it expired between the read and the swap: this machine was too slow
			err = w.do(c.Context(), s, "kept by "+w.name, c.value(2), storage.NoExpiry)
		}
		c.must(w.name, err)
		kept = append(kept, "kept by "+w.name)

		c.set(s, "ended by "+w.name, c.value(1), storage.NoExpiry)
		c.must(w.name, w.do(c.Context(), s, "ended by "+w.name, c.value(2), c.short()))
		c.untilAbsent(s, "ended by "+w.name, time.Time{}, "a key without expiry, given a ttl by "+w.name)
	}
	c.passed(s, c.short())
	for _, key := range kept {
		c.wantValue(s, key, c.value(2), "which had a ttl before and was written with none")
	}
}

// entry returns the entry of key, to prepare a case.
func (c *check[V]) entry(s storage.Store[V], key string) storage.Entry[V] {
	c.TB.Helper()
	entry, err := storage.GetEntry(c.Context(), s, key)
	c.must("GetEntry", err)
	return entry
}

func (c *check[V]) versions() {
	s := c.new()
	ctx := c.Context()
	first, err := storage.CompareAndSwap(ctx, s, "key", "", c.value(1), 0)
	c.must("CompareAndSwap with no version", err)
	if got := c.entry(s, "key").Version; got != first || got == "" {
		c.Errorf("GetEntry has another version than CompareAndSwap returned, or none")
	}
	second, err := storage.CompareAndSwap(ctx, s, "key", first, c.value(2), 0)
	c.must("CompareAndSwap with the right version", err)
	if second == first || second == "" {
		c.Errorf("CompareAndSwap of another value returned the same version, or none")
	}
	c.wantValue(s, "key", c.value(2), "after CompareAndSwap")
	for i, w := range c.writes() {
		if w.effect != stores {
			continue
		}
		before := c.entry(s, "key").Version
		c.must(w.name, w.do(ctx, s, "key", c.value(10+i), 0))
		after := c.entry(s, "key").Version
		if after == before || after == "" {
			c.Errorf("%s of another value left the version, or none", w.name)
		}
		entries, err := storage.GetEntries(ctx, s, []string{"key"})
		c.must("GetEntries", err)
		if entries["key"].Version != after {
			c.Errorf("GetEntries has another version than GetEntry")
		}
	}
	version := c.entry(s, "key").Version
	c.must("Delete", s.Delete(ctx, "key"))
	if _, err := storage.CompareAndSwap(ctx, s, "key", version, c.value(3), 0); !errors.Is(err, storage.ErrConflict) {
		c.Errorf("CompareAndSwap of a deleted key: %v, want ErrConflict", err)
	}
	c.wantAbsent(s, "key", "deleted before CompareAndSwap")
	if _, err := storage.CompareAndSwap(ctx, s, "never", version, c.value(3), 0); !errors.Is(err, storage.ErrConflict) {
		c.Errorf("CompareAndSwap of an absent key: %v, want ErrConflict", err)
	}
	c.wantAbsent(s, "never", "after CompareAndSwap with some version")
}

func (c *check[V]) staleSwapChangesNothing() {
	s := c.new()
	ctx := c.Context()
	stale := func(key string, ttl time.Duration) {
		c.TB.Helper()
		for _, old := range []storage.Version{"", "no such version", c.entry(s, "stale").Version} {
			before := c.entry(s, key)
			_, err := storage.CompareAndSwap(ctx, s, key, old, c.value(3), ttl)
			if !errors.Is(err, storage.ErrConflict) {
				c.Errorf("CompareAndSwap with a stale version: %v, want ErrConflict", err)
			} else if storage.Failed(err) {
				c.Errorf("Failed is true for %v", err)
			}
			after := c.entry(s, key)
			if after.Version != before.Version || after.Expires.IsZero() != before.Expires.IsZero() {
				c.Errorf("CompareAndSwap with a stale version changed version or expiry")
			}
			if d := after.Expires.Sub(before.Expires); max(d, -d) > time.Minute {
				c.Errorf("CompareAndSwap with a stale version moved the expiry by %v", d)
			}
			c.wantValue(s, key, c.value(2), "after CompareAndSwap with a stale version")
		}
	}
	c.set(s, "stale", c.value(1), 0)
	c.set(s, "for ever", c.value(2), 0)
	c.set(s, "for an hour", c.value(2), time.Hour)
	stale("for ever", c.short())
	stale("for an hour", 0)
	stale("for an hour", 9*time.Hour)
	stale("for an hour", c.short())
	c.passed(s, c.short())
	c.wantValue(s, "for ever", c.value(2), "after the ttl of a stale CompareAndSwap")
	c.wantValue(s, "for an hour", c.value(2), "after the ttl of a stale CompareAndSwap")
}

func (c *check[V]) swapCreatesOnce() {
	s := c.new()
	for round := range 10 {
		key := fmt.Sprintf("key %d", round)
		var won atomic.Int32
		inParallel(8, func(i int) {
			switch _, err := storage.CompareAndSwap(c.Context(), s, key, "", c.value(i), 0); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, storage.ErrConflict):
				c.Errorf("CompareAndSwap: %v", err)
			}
		})
		if n := won.Load(); n != 1 {
			c.Fatalf("%d of 8 callers created the key", n)
		}
	}
}

// updateLosesNothing walks a key along a chain of values, each step by one of
// many updaters, and checks that every step of every one of them counted.
func (c *check[V]) updateLosesNothing() {
	const workers, steps = 4, 8
	s := c.new()
	chain := make([]V, workers*steps+1)
	for i := range chain {
		chain[i] = c.value(i)
	}
	var mu sync.Mutex
	reached := make(map[int]int)
	inParallel(workers, func(int) {
		for range steps {
			at := 0
			_, err := storage.Update(c.Context(), s, "counter", func(e storage.Entry[V]) (V, time.Duration, error) {
				at = 1
				for i := range chain[:len(chain)-1] {
					if e.Version != "" && c.equal(chain[i], e.Value) {
						at = i + 1
					}
				}
				return chain[at], 0, nil
			})
			if err != nil {
				c.Errorf("Update: %v", err)
				return
			}
			mu.Lock()
			reached[at]++
			mu.Unlock()
		}
	})
	for i := 1; i < len(chain) && !c.Failed(); i++ {
		if reached[i] != 1 {
			c.Errorf("%d updates took the counter to %d of %d, want one", reached[i], i, len(chain)-1)
		}
	}
	c.wantValue(s, "counter", chain[len(chain)-1], "after all updates")
}

func (c *check[V]) touchMovesNoValue() {
	s := c.new()
	ctx := c.Context()
	c.set(s, "kept", c.value(1), c.short())
	c.wantMaybe(s, "kept", c.value(1))
	if err := storage.Touch(ctx, s, "kept", time.Hour); errors.Is(err, storage.ErrNotFound) {
		c.set(s, "kept", c.value(1), time.Hour) // this machine was too slow
	} else {
		c.must("Touch", err)
	}
	c.set(s, "ended", c.value(1), time.Hour)
	c.wantValue(s, "ended", c.value(1), "before Touch")
	start := time.Now()
	c.must("Touch", storage.Touch(ctx, s, "ended", c.short()))
	c.wantMaybe(s, "ended", c.value(1))
	c.untilAbsent(s, "ended", start.Add(c.short()), "a key with an hour to live, touched with a ttl of "+c.short().String())
	c.passed(s, c.short())
	c.wantValue(s, "kept", c.value(1), "touched with a ttl of an hour")
	c.must("Touch", storage.Touch(ctx, s, "kept", storage.NoExpiry))
	c.wantValue(s, "kept", c.value(1), "touched with no expiry")
}

// wantMaybe checks that key has the value, if it has not expired.
func (c *check[V]) wantMaybe(s storage.Store[V], key string, want V) {
	c.TB.Helper()
	if value, err := s.Get(c.Context(), key); err == nil && !c.equal(value, want) {
		c.Errorf("Get: got %s, want %s", show(value), show(want))
	}
}

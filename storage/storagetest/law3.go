package storagetest

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func (c *check[V]) zeroNeverExpires() {
	s := c.new()
	for _, w := range c.writes() {
		if w.effect == removes {
			continue
		}
		if w.effect == touches {
			c.set(s, w.name, c.value(1), 10*time.Minute)
		}
		c.must(w.name, w.do(c.Context(), s, w.name, c.value(1), storage.NoExpiry))
	}
	c.passed(s, c.short())
	for _, w := range c.writes() {
		if w.effect != removes {
			c.wantValue(s, w.name, c.value(1), "with a ttl of 0 from "+w.name)
		}
	}
}

func (c *check[V]) negativeIsRefused() {
	s := c.new()
	for i, ttl := range []time.Duration{-1, -time.Millisecond, -2 * time.Millisecond, -time.Second, math.MinInt64} {
		for _, w := range c.writes() {
			if w.effect == removes {
				continue
			}
			key := fmt.Sprintf("%s %d", w.name, i)
			if w.effect == stores {
				if err := w.do(c.Context(), s, key, c.value(1), ttl); !errors.Is(err, storage.ErrInvalidTTL) {
					c.Errorf("%s with a ttl of %v: %v, want ErrInvalidTTL", w.name, ttl, err)
				}
				c.wantAbsent(s, key, "after "+w.name+" with a negative ttl")
			}
			c.set(s, key, c.value(2), storage.NoExpiry)
			if err := w.do(c.Context(), s, key, c.value(3), ttl); !errors.Is(err, storage.ErrInvalidTTL) {
				c.Errorf("%s with a ttl of %v: %v, want ErrInvalidTTL", w.name, ttl, err)
			} else if storage.Failed(err) {
				c.Errorf("%s with a ttl of %v: Failed is true for %v", w.name, ttl, err)
			}
			c.wantValue(s, key, c.value(2), "after "+w.name+" with a negative ttl")
		}
	}
}

func (c *check[V]) expires() {
	s := c.new()
	ttl := c.short()
	for _, w := range c.writes() {
		if w.effect == removes {
			continue
		}
		c.outlive(s, w, ttl)
		c.wantAbsent(s, w.name, "after its ttl from "+w.name)
	}
}

func (c *check[V]) roundsUp() {
	s := c.new()
	g := c.granularity()
	for _, ttl := range []time.Duration{1, g / 2, g, g + 1, g + g/2, 3*g - 1} {
		for _, w := range c.writes() {
			if w.effect == removes {
				continue
			}
			c.outlive(s, w, ttl)
		}
	}
}

// outlive gives a key a ttl by w and waits until it is gone, not too early.
func (c *check[V]) outlive(s storage.Store[V], w write[V], ttl time.Duration) {
	c.TB.Helper()
	if w.effect == touches {
		c.set(s, w.name, c.value(1), storage.NoExpiry)
	}
	start := time.Now()
	c.must(w.name, w.do(c.Context(), s, w.name, c.value(1), ttl))
	c.untilAbsent(s, w.name, start.Add(ttl), fmt.Sprintf("a key with a ttl of %v from %s", ttl, w.name))
}

func (c *check[V]) hugeTTL() {
	s := c.new()
	for _, ttl := range []time.Duration{100 * 365 * 24 * time.Hour, math.MaxInt64 - 1, math.MaxInt64} {
		for _, w := range c.writes() {
			if w.effect == removes {
				continue
			}
			if w.effect == touches {
				c.set(s, w.name, c.value(1), storage.NoExpiry)
			}
			c.must(fmt.Sprintf("%s with a ttl of %v", w.name, ttl), w.do(c.Context(), s, w.name, c.value(1), ttl))
			c.wantValue(s, w.name, c.value(1), fmt.Sprintf("with a ttl of %v from %s", ttl, w.name))
			if !c.works(storage.OpGetEntry) {
				continue
			}
			entry, err := storage.GetEntry(c.Context(), s, w.name)
			c.must("GetEntry", err)
			if !entry.Expires.IsZero() && time.Until(entry.Expires) < 50*365*24*time.Hour {
				c.Errorf("Expires is %v with a ttl of %v from %s", entry.Expires, ttl, w.name)
			}
		}
	}
}

func (c *check[V]) expiredIsAbsent() {
	s := c.new()
	ttl := c.short()
	reads, writes := c.reads(), c.writes()
	versions := make(map[string]storage.Version)
	for _, r := range reads {
		c.set(s, "first read by "+r.name, c.value(1), ttl)
	}
	for _, w := range writes {
		c.set(s, "first written by "+w.name, c.value(1), ttl)
	}
	swap := c.works(storage.OpCompareAndSwap)
	if swap {
		c.set(s, "created", c.value(1), ttl)
		c.set(s, "swapped", c.value(1), ttl)
		if c.works(storage.OpGetEntry) {
			entry, err := storage.GetEntry(c.Context(), s, "swapped")
			if err == nil { // unless this machine is so slow that it is gone
				versions["swapped"] = entry.Version
			}
		}
	}
	c.passed(s, ttl)

	for _, r := range reads {
		if ok, _, err := r.do(c.Context(), s, "first read by "+r.name); ok || err != nil {
			c.Errorf("%s of an expired key: found %v, %v", r.name, ok, err)
		}
	}
	for _, w := range writes {
		key := "first written by " + w.name
		err := w.do(c.Context(), s, key, c.value(2), storage.NoExpiry)
		if w.op == storage.OpTake || w.op == storage.OpTouch {
			if !errors.Is(err, storage.ErrNotFound) {
				c.Errorf("%s of an expired key: %v, want ErrNotFound", w.name, err)
			}
		} else if err != nil {
			c.Errorf("%s of an expired key: %v", w.name, err)
		}
		if w.effect == stores {
			c.wantValue(s, key, c.value(2), "expired and written by "+w.name)
		} else {
			c.wantAbsent(s, key, "expired, after "+w.name)
		}
	}
	if !swap {
		return
	}
	if old := versions["swapped"]; old != "" {
		if _, err := storage.CompareAndSwap(c.Context(), s, "swapped", old, c.value(2), 0); !errors.Is(err, storage.ErrConflict) {
			c.Errorf("CompareAndSwap of an expired key with its old version: %v, want ErrConflict", err)
		}
		c.wantAbsent(s, "swapped", "expired, after CompareAndSwap with its old version")
	}
	if _, err := storage.CompareAndSwap(c.Context(), s, "created", "", c.value(2), 0); err != nil {
		c.Errorf("CompareAndSwap of an expired key with no version: %v, want it created", err)
	}
	c.wantValue(s, "created", c.value(2), "expired and created by CompareAndSwap")
}

func (c *check[V]) entryTellsExpiry() {
	s := c.new()
	ctx := c.Context()
	expiry := func(key string) time.Time {
		c.TB.Helper()
		entry, err := storage.GetEntry(ctx, s, key)
		c.must("GetEntry", err)
		entries, err := storage.GetEntries(ctx, s, []string{key})
		c.must("GetEntries", err)
		if many := entries[key].Expires; many.IsZero() != entry.Expires.IsZero() {
			c.Errorf("Expires of GetEntry is %v, of GetEntries %v", entry.Expires, many)
		}
		return entry.Expires
	}
	for _, w := range c.writes() {
		if w.effect == removes {
			continue
		}
		c.set(s, w.name, c.value(1), 10*time.Minute)
		start := time.Now()
		c.must(w.name, w.do(ctx, s, w.name, c.value(1), time.Hour))
		expires := expiry(w.name)
		took := time.Since(start)
		earliest := start.Add(time.Hour - took - 2*c.granularity())
		latest := start.Add(time.Hour + took + 2*c.granularity())
		if expires.Before(earliest) || expires.After(latest) {
			c.Errorf("%s with a ttl of an hour: Expires is %v from now", w.name, time.Until(expires))
		}
		c.must(w.name, w.do(ctx, s, w.name, c.value(1), storage.NoExpiry))
		if expires := expiry(w.name); !expires.IsZero() {
			c.Errorf("%s with a ttl of 0: Expires is %v, want zero", w.name, expires)
		}
	}

	c.set(s, "short", c.value(1), c.short())
	entry, err := storage.GetEntry(ctx, s, "short")
	if errors.Is(err, storage.ErrNotFound) {
		return // this machine is too slow to see it
	}
	c.must("GetEntry", err)
	c.untilAbsent(s, "short", time.Time{}, "a key with a ttl of "+c.short().String())
	if gone := time.Now(); entry.Expires.IsZero() || entry.Expires.After(gone) {
		c.Errorf("Expires was %v later than the value was gone", entry.Expires.Sub(gone))
	}
}

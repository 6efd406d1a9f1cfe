package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/tunica-go/tunica/storage"
)

// wrote checks what the reads of s say after w has written value to key,
// which had before.
func (c *check[V]) wrote(s storage.Store[V], key string, w write[V], value, before V, when string) {
	c.TB.Helper()
	when = "after " + w.name + when
	switch w.effect {
	case stores:
		c.wantValue(s, key, value, when)
	case removes:
		c.wantAbsent(s, key, when)
	case touches:
		c.wantValue(s, key, before, when)
	}
}

func (c *check[V]) readYourWrite() {
	s := c.new()
	for i, w := range c.writes() {
		key := fmt.Sprintf("key %d", i)
		if w.effect == stores {
			c.must(w.name, w.do(c.Context(), s, key, c.value(1), storage.NoExpiry))
			c.wantValue(s, key, c.value(1), "created by "+w.name)
		}
		// A key that was read before is in the caches of the stack.
		c.set(s, key, c.value(2), storage.NoExpiry)
		c.wantValue(s, key, c.value(2), "after Set")
		c.must(w.name, w.do(c.Context(), s, key, c.value(3), storage.NoExpiry))
		c.wrote(s, key, w, c.value(3), c.value(2), "")
		c.set(s, key, c.value(4), storage.NoExpiry)
		c.wantValue(s, key, c.value(4), "after "+w.name+" and Set")
	}
	if c.works(storage.OpTake) {
		c.set(s, "token", c.value(5), storage.NoExpiry)
		switch value, err := storage.Take(c.Context(), s, "token"); {
		case err != nil:
			c.Errorf("Take: %v", err)
		case !c.equal(value, c.value(5)):
			c.Errorf("Take: got %s, want %s", show(value), show(c.value(5)))
		}
	}
	if c.works(storage.OpGetEntry) && c.works(storage.OpCompareAndSwap) {
		value, err := storage.Update(c.Context(), s, "updated", keep(c.value(6)))
		if err != nil || !c.equal(value, c.value(6)) {
			c.Errorf("Update: got %s, %v, want %s", show(value), err, show(c.value(6)))
		}
	}
}

func (c *check[V]) viewsSeeOneStore() {
	s := c.new()
	outer := storage.In(s, storage.Scope{Prefix: "outer:", Name: "outer"})
	views := []struct {
		name  string
		store storage.Store[V]
		key   string
	}{
		{"the base", s, "outer:inner:"},
		{"a view", outer, "inner:"},
		{"a view in a view", storage.In(outer, storage.Scope{Prefix: "inner:", Name: "inner"}), ""},
		{"a view of both prefixes", storage.In(s, storage.Scope{Prefix: "outer:inner:"}), ""},
	}
	for i, w := range c.writes() {
		for _, through := range views {
			key := fmt.Sprintf("key %d", i)
			c.set(s, views[0].key+key, c.value(1), storage.NoExpiry)
			for _, v := range views {
				c.wantValue(v.store, v.key+key, c.value(1), fmt.Sprintf("after Set through the base, read through %s", v.name))
			}
			c.must(w.name, w.do(c.Context(), through.store, through.key+key, c.value(2), storage.NoExpiry))
			for _, v := range views {
				c.wrote(v.store, v.key+key, w, c.value(2), c.value(1), fmt.Sprintf(" through %s, read through %s", through.name, v.name))
			}
		}
	}
}

func (c *check[V]) batches() {
	s := c.new()
	ctx := c.Context()
	for name, err := range map[string]error{
		"SetMany":    storage.SetMany(ctx, s, nil, storage.NoExpiry),
		"DeleteMany": storage.DeleteMany(ctx, s, nil),
	} {
		if err != nil {
			c.Errorf("%s of nothing: %v", name, err)
		}
	}
	if got, err := storage.GetMany(ctx, s, nil); err != nil || len(got) != 0 {
		c.Errorf("GetMany of nothing: %d values, %v", len(got), err)
	}

	const n = 100
	want := make(map[string]V)
	var keys []string // each twice, between absent ones
	for i := range n {
		key := fmt.Sprintf("key %d", i)
		want[key] = c.value(i)
		keys = append(keys, key, fmt.Sprintf("absent %d", i), key)
	}
	c.must("SetMany", storage.SetMany(ctx, s, want, storage.NoExpiry))
	for range 2 { // a cache answers the second time
		got, err := storage.GetMany(ctx, s, keys)
		c.must("GetMany", err)
		c.sameValues("GetMany", got, want)
	}
	if c.works(storage.OpGetEntries) {
		if entries, err := storage.GetEntries(ctx, s, nil); err != nil || len(entries) != 0 {
			c.Errorf("GetEntries of nothing: %d entries, %v", len(entries), err)
		}
		entries, err := storage.GetEntries(ctx, s, keys)
		c.must("GetEntries", err)
		got := make(map[string]V)
		for key, entry := range entries {
			got[key] = entry.Value
			if entry.Version == "" {
				c.Errorf("GetEntries: %s has no version", printable(key))
			}
		}
		c.sameValues("GetEntries", got, want)
	}
	c.must("DeleteMany", storage.DeleteMany(ctx, s, append(keys[:30:30], "absent")))
	for i := range n {
		key := fmt.Sprintf("key %d", i)
		if i < 10 {
			delete(want, key)
		}
	}
	got, err := storage.GetMany(ctx, s, keys)
	c.must("GetMany", err)
	c.sameValues("GetMany after DeleteMany", got, want)
}

func (c *check[V]) sameValues(what string, got, want map[string]V) {
	c.TB.Helper()
	for key, value := range want {
		if v, ok := got[key]; !ok {
			c.Errorf("%s: %s is missing", what, printable(key))
		} else if !c.equal(v, value) {
			c.Errorf("%s: %s is %s, want %s", what, printable(key), show(v), show(value))
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			c.Errorf("%s: there is %s, which is absent", what, printable(key))
		}
	}
}

func (c *check[V]) takeGivesToOne() {
	s := c.new()
	const callers = 16
	for round := range 20 {
		key := fmt.Sprintf("token %d", round)
		c.set(s, key, c.value(round), storage.NoExpiry)
		if round%2 == 1 {
			c.wantValue(s, key, c.value(round), "before Take")
		}
		var won atomic.Int32
		inParallel(callers, func(int) {
			switch value, err := storage.Take(c.Context(), s, key); {
			case err == nil && !c.equal(value, c.value(round)):
				c.Errorf("Take: got %s, want %s", show(value), show(c.value(round)))
			case err == nil:
				won.Add(1)
			case !errors.Is(err, storage.ErrNotFound):
				c.Errorf("Take: %v", err)
			}
		})
		if n := won.Load(); n != 1 {
			c.Fatalf("%d of %d callers took the value", n, callers)
		}
		c.wantAbsent(s, key, "after Take")
	}
}

// inParallel runs f n times at once and waits.
func inParallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func (c *check[V]) concurrentUse() {
	const keys, workers, rounds = 4, 8, 12
	s := c.new()
	view := storage.In(s, storage.Scope{Prefix: "key ", Name: "view"})
	// Value number i belongs to key i%keys.
	var values [keys * workers]V
	for i := range values {
		values[i] = c.value(i)
	}
	owns := func(k int, value V) bool {
		for i := k; i < len(values); i += keys {
			if c.equal(values[i], value) {
				return true
			}
		}
		return false
	}
	work := func(ctx context.Context, worker int) {
		for round := range rounds {
			k := (worker + round) % keys
			key, store := fmt.Sprintf("key %d", k), s
			if round%2 == 1 {
				key, store = fmt.Sprint(k), view
			}
			for _, w := range c.writes() {
				if w.op == storage.OpDeletePrefix && round%4 != 0 {
					continue
				}
				err := w.do(ctx, store, key, values[worker*keys+k], storage.NoExpiry)
				if err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrConflict) {
					c.Errorf("%s: %v", w.name, err)
				}
				for _, r := range c.reads() {
					ok, value, err := r.do(ctx, store, key)
					if err != nil {
						c.Errorf("%s: %v", r.name, err)
					}
					if ok && r.valued && !owns(k, value) {
						c.Errorf("%s: got %s, which was never written to that key", r.name, show(value))
					}
				}
			}
		}
	}
	inParallel(workers, func(i int) { work(c.Context(), i) })
	for k := range keys {
		key := fmt.Sprintf("key %d", k)
		c.set(s, key, values[k], storage.NoExpiry)
		c.wantValue(s, key, values[k], "after many writers and a Set")
	}
}

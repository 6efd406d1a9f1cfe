package storagetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// list returns the keys under prefix, each once.
func (c *check[V]) list(ctx context.Context, s storage.Store[V], prefix string) (map[string]bool, error) {
	listed := make(map[string]bool)
	for key, err := range storage.Keys(ctx, s, prefix) {
		if err != nil {
			if key != "" {
				return listed, fmt.Errorf("an error came with the key %s: %w", printable(key), err)
			}
			return listed, err
		}
		listed[key] = true
	}
	return listed, nil
}

// wantKeys checks that Keys with prefix lists those of keys that have it.
func (c *check[V]) wantKeys(s storage.Store[V], prefix string, keys []string) {
	c.TB.Helper()
	listed, err := c.list(c.Context(), s, prefix)
	if err != nil {
		c.Errorf("Keys(%s): %v", printable(prefix), err)
	}
	for _, key := range keys {
		if has := strings.HasPrefix(key, prefix); has && !listed[key] {
			c.Errorf("Keys(%s): %s is missing", printable(prefix), printable(key))
		} else if !has && listed[key] {
			c.Errorf("Keys(%s): there is %s", printable(prefix), printable(key))
		}
		delete(listed, key)
	}
	for key := range listed {
		c.Errorf("Keys(%s): there is %s, which has no value", printable(prefix), printable(key))
	}
}

// fill stores hostile keys and bystanders and returns them, none longer than
// limit.
func (c *check[V]) fill(s storage.Store[V], limit int) []string {
	c.TB.Helper()
	values := make(map[string]V)
	var keys []string
	for i, key := range slices.Concat(hostile, bystanders) {
		key = key[:min(len(key), limit)]
		keys = append(keys, key)
		values[key] = c.value(i)
	}
	c.must("SetMany", storage.SetMany(c.Context(), s, values, storage.NoExpiry))
	return keys
}

var prefixes = []string{"", "a", "k", strings.Repeat("k", 300), "{", "A", "never", "\x00", "e", "\xff", "a[0", `\`, "*", "a*", "a?", "[ab]", "[^a]", "a\x00"}

func (c *check[V]) keysLists() {
	s := c.new()
	c.wantKeys(s, "", nil)
	view := storage.In(s, storage.Scope{Prefix: "v[a]*?:"})
	c.wantKeys(view, "", nil)
	inView := c.fill(view, 500)
	for _, prefix := range prefixes {
		c.wantKeys(view, prefix, inView)
	}
	var all []string
	for _, key := range inView {
		all = append(all, "v[a]*?:"+key)
	}
	all = append(all, c.fill(s, 512)...)
	for _, prefix := range prefixes {
		c.wantKeys(s, prefix, all)
	}

	// More than a backend returns at once.
	many := make(map[string]V)
	for i := range 500 {
		key := fmt.Sprintf("page:%d", i)
		many[key] = c.value(i)
		all = append(all, key)
	}
	c.must("SetMany", storage.SetMany(c.Context(), s, many, storage.NoExpiry))
	c.wantKeys(s, "page:", all)
	c.wantKeys(s, "page:4", all)
	c.wantKeys(s, "", all)

	seq := storage.Keys(c.Context(), s, "page:")
	for range 2 {
		n := 0
		for range seq {
			n++
		}
		if n < 500 {
			c.Errorf("a second loop over the same Keys saw %d of 500 keys", n)
		}
	}
}

func (c *check[V]) keysLoop() {
	s := c.new()
	ctx := c.Context()
	c.patiently("a loop over Keys that deletes, writes and lists", func() error {
		for i := range 60 {
			if err := s.Set(ctx, fmt.Sprintf("key %d", i), c.value(i), storage.NoExpiry); err != nil {
				return err
			}
		}
		seen := make(map[string]bool)
		for key, err := range storage.Keys(ctx, s, "key ") {
			if err != nil {
				return err
			}
			seen[key] = true
			if err := s.Delete(ctx, key); err != nil {
				return err
			}
			if err := s.Set(ctx, "other "+key, c.value(1), storage.NoExpiry); err != nil {
				return err
			}
			if len(seen) > 3 {
				continue
			}
			for _, err := range storage.Keys(ctx, s, "other ") {
				if err != nil {
					return err
				}
				break
			}
		}
		if len(seen) != 60 {
			return fmt.Errorf("it saw %d of 60 keys, of which each was there until it was seen", len(seen))
		}
		return nil
	})
	c.wantKeys(s, "key ", nil)
	c.patiently("a write after a loop over Keys that stopped early", func() error {
		for range storage.Keys(ctx, s, "") {
			break
		}
		return s.Set(ctx, "after", c.value(2), storage.NoExpiry)
	})
	c.wantValue(s, "after", c.value(2), "written after a loop that stopped early")
}

func (c *check[V]) deletePrefix() {
	s := c.new()
	view := storage.In(s, storage.Scope{Prefix: "v[a]*?:"})
	for where, s := range map[string]storage.Store[V]{"the base": s, "a view": view} {
		for _, prefix := range slices.Concat(prefixes, bystanders) {
			if prefix == "" {
				continue
			}
			keys := c.fill(s, 500)
			before, err := storage.GetMany(c.Context(), s, keys) // caches hold them now
			c.must("GetMany", err)
			c.must("DeletePrefix", storage.DeletePrefix(c.Context(), s, prefix))
			got, err := storage.GetMany(c.Context(), s, keys)
			c.must("GetMany", err)
			for _, key := range keys {
				_, ok := got[key]
				switch has := strings.HasPrefix(key, prefix); {
				case has && ok:
					c.Errorf("DeletePrefix(%s) in %s: %s is still there", printable(prefix), where, printable(key))
				case !has && !ok:
					c.Errorf("DeletePrefix(%s) in %s: %s is gone", printable(prefix), where, printable(key))
				case !has && !c.equal(got[key], before[key]):
					c.Errorf("DeletePrefix(%s) in %s: %s has changed", printable(prefix), where, printable(key))
				}
			}
		}
	}
}

func (c *check[V]) deleteEverything() {
	s := c.new()
	ctx := c.Context()
	view := func(s storage.Store[V], prefix string) storage.Store[V] {
		return storage.In(s, storage.Scope{Prefix: prefix, Name: "view"})
	}
	a, ab, star := view(s, "a:"), view(s, "ab:"), view(s, "*")
	inner := view(a, "inner:")
	all := []storage.Store[V]{s, a, ab, star, inner}
	for i, v := range all {
		c.set(v, "key", c.value(i), storage.NoExpiry)
	}
	c.set(s, "a", c.value(9), storage.NoExpiry)
	present := func(when string, gone ...storage.Store[V]) {
		c.TB.Helper()
		for i, v := range all {
			if slices.Contains(gone, v) {
				c.wantAbsent(v, "key", when)
			} else {
				c.wantValue(v, "key", c.value(i), when)
			}
		}
		c.wantValue(s, "a", c.value(9), when)
	}
	present("at first")
	for where, v := range map[string]storage.Store[V]{
		"at the base":              s,
		"in a view with no prefix": storage.In(s, storage.Scope{Name: "named"}),
	} {
		if c.opts.OwnPrefix {
			continue
		}
		if err := storage.DeletePrefix(ctx, v, ""); !errors.Is(err, storage.ErrInvalidKey) {
			c.Errorf("DeletePrefix of \"\" %s: %v, want ErrInvalidKey", where, err)
		}
		present("after DeletePrefix of \"\" " + where)
	}
	c.must("DeletePrefix in a view with a * in its prefix", storage.DeletePrefix(ctx, star, ""))
	present("after DeletePrefix of \"\" in a view with the prefix *", star)
	c.must("DeletePrefix in a view in a view", storage.DeletePrefix(ctx, inner, ""))
	present("after DeletePrefix of \"\" in a view in a view", star, inner)
	c.must("DeletePrefix in a view", storage.DeletePrefix(ctx, a, ""))
	present("after DeletePrefix of \"\" in a view", star, inner, a)
	if c.opts.OwnPrefix {
		c.must("DeletePrefix at the base", storage.DeletePrefix(ctx, s, ""))
		c.wantAbsent(s, "a", "after DeletePrefix of \"\" at the base")
		c.wantAbsent(ab, "key", "after DeletePrefix of \"\" at the base")
	}
}

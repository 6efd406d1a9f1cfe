package storagetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tunica-go/tunica/storage"
)

// wheres returns the places at which every power must be the same.
func (c *check[V]) wheres(s storage.Store[V]) map[string]storage.Store[V] {
	view := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	return map[string]storage.Store[V]{
		"the base":         s,
		"a view":           view,
		"a view in a view": storage.In(view, storage.Scope{Prefix: "inner:", Name: "inner"}),
	}
}

func (c *check[V]) declaredPowers() {
	s := c.new()
	for where, s := range c.wheres(s) {
		for _, op := range c.opts.Native {
			if !storage.Supports(s, op) {
				c.Errorf("Supports(%v) is false in %s, although it is declared native", op, where)
			}
		}
		for _, call := range c.calls() {
			if !c.works(call.op) || call.name == "Update" && !c.works(storage.OpGetEntry) {
				continue
			}
			c.set(s, "key", c.value(1), storage.NoExpiry)
			switch err := call.do(c.Context(), s, "key", c.value(2)); {
			case err == nil:
			case errors.Is(err, storage.ErrConflict) && !c.works(storage.OpGetEntry):
			default:
				c.Errorf("%s in %s: %v", call.name, where, err)
			}
		}
	}
}

func (c *check[V]) refusedPowers() {
	s := c.new()
	for where, s := range c.wheres(s) {
		for _, op := range AllPowers {
			if storage.Supports(s, op) && !c.native(op) {
				c.Errorf("Supports(%v) is true in %s, although it is not declared native", op, where)
			}
		}
		c.set(s, "key", c.value(1), storage.NoExpiry)
		for _, call := range c.calls() {
			if c.works(call.op) {
				continue
			}
			for _, key := range []string{"key", "absent"} {
				err := call.do(c.Context(), s, key, c.value(2))
				switch {
				case !errors.Is(err, errors.ErrUnsupported):
					c.Errorf("%s in %s: %v, want errors.ErrUnsupported", call.name, where, err)
				case storage.Failed(err):
					c.Errorf("%s in %s: Failed is true for %v", call.name, where, err)
				case len(err.Error()) <= len(errors.ErrUnsupported.Error()):
					c.Errorf("%s in %s: %q does not name the layer that refuses", call.name, where, err)
				}
			}
			c.wantValue(s, "key", c.value(1), "after a refused "+call.name)
			c.wantAbsent(s, "absent", "after a refused "+call.name)
		}
		if c.works(storage.OpKeys) {
			continue
		}
		yields := 0
		for key, err := range storage.Keys(c.Context(), s, "") {
			yields++
			if key != "" || err == nil {
				c.Errorf("a refused Keys in %s yields %s, %v, want an empty key with the error", where, printable(key), err)
			}
		}
		if yields != 1 {
			c.Errorf("a refused Keys in %s yields %d times, want its error once", where, yields)
		}
	}
}

func (c *check[V]) viewsAreIsolated() {
	s := c.new()
	prefixes := []string{"", "a:", "ab:", "b:", "a*:", "A:", "[ab]:", "a", "\x00:"}
	views := make([]storage.Store[V], len(prefixes))
	values := make([]V, len(prefixes))
	for i, prefix := range prefixes {
		views[i] = storage.In(s, storage.Scope{Prefix: prefix, Name: fmt.Sprint("view ", i)})
		values[i] = c.value(i)
		c.set(views[i], "key", values[i], storage.NoExpiry)
	}
	c.set(s, "a:", c.value(100), storage.NoExpiry) // the prefix itself is in no view "a:"
	intact := func(when string) {
		c.TB.Helper()
		for i, v := range views {
			if got, err := v.Get(c.Context(), "key"); err != nil || !c.equal(got, values[i]) {
				c.Fatalf("%s: the value in the view %q is %s, %v, want %s", when, prefixes[i], show(got), err, show(values[i]))
			}
		}
	}
	for i, v := range views {
		c.wantValue(v, "key", values[i], fmt.Sprintf("in the view %q", prefixes[i]))
		for j, w := range c.writes() {
			c.must(w.name, w.do(c.Context(), v, "key", c.value(1000+10*i+j), storage.NoExpiry))
			c.set(v, "key", values[i], storage.NoExpiry)
			intact(fmt.Sprintf("%s in the view %q", w.name, prefixes[i]))
		}
	}
	a := views[1]
	for _, key := range []string{"../key", "\x00", ":", "b:key", "*", "..", "/", "key:", "%", "key*", "?ey"} {
		c.wantAbsent(a, key, "never written in the view")
		for _, w := range c.writes() {
			if w.effect == removes && w.op != storage.OpTake {
				c.must(w.name, w.do(c.Context(), a, key, c.value(1), storage.NoExpiry))
			}
		}
		intact(fmt.Sprintf("removing %s in the view \"a:\"", printable(key)))
	}
	if c.works(storage.OpKeys) {
		c.wantKeys(a, "", []string{"key"})
		c.wantKeys(a, "k", []string{"key"})
		c.wantKeys(a, "a:", nil)
	}
	if c.works(storage.OpDeletePrefix) {
		c.must("DeletePrefix", storage.DeletePrefix(c.Context(), a, ""))
		c.set(a, "key", values[1], storage.NoExpiry)
		intact("DeletePrefix of everything in the view \"a:\"")
	}
}

func (c *check[V]) viewsNest() {
	s := c.new()
	parent := storage.In(s, storage.Scope{Prefix: "parent:", Name: "parent"})
	child := storage.In(parent, storage.Scope{Prefix: "child:", Name: "child"})
	grandchild := storage.In(child, storage.Scope{Prefix: "g:", Name: "g"})
	c.set(s, "key", c.value(0), storage.NoExpiry)
	c.set(parent, "key", c.value(1), storage.NoExpiry)
	c.set(child, "key", c.value(2), storage.NoExpiry)
	c.set(grandchild, "key", c.value(3), storage.NoExpiry)
	c.wantValue(s, "key", c.value(0), "in the base")
	c.wantValue(s, "parent:key", c.value(1), "in the base, set in a view")
	c.wantValue(s, "parent:child:key", c.value(2), "in the base, set in a view in a view")
	c.wantValue(s, "parent:child:g:key", c.value(3), "in the base, set in a view of depth 3")
	c.wantValue(parent, "child:key", c.value(2), "in a view, set in a view of it")
	c.wantValue(parent, "child:g:key", c.value(3), "in a view, set two views deeper")
	c.wantAbsent(child, "child:key", "in a view in a view")
	c.wantAbsent(grandchild, "g:key", "in a view of depth 3")
	for i, v := range []storage.Store[V]{s, parent, child, grandchild} {
		if !c.works(storage.OpKeys) {
			break
		}
		want := []string{"parent:child:g:key", "parent:child:key", "parent:key", "key"}
		relative := []string{"", "parent:", "parent:child:", "parent:child:g:"}[i]
		want = slices.DeleteFunc(want, func(key string) bool {
			return len(key) <= len(relative) || key[:len(relative)] != relative
		})
		for j := range want {
			want[j] = want[j][len(relative):]
		}
		c.wantKeys(v, "", want)
	}
}

func (c *check[V]) closes() {
	s := c.new()
	c.set(s, "view:key", c.value(1), storage.NoExpiry)
	view := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	sibling := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	whole := storage.In(s, storage.Scope{})
	for range 2 {
		c.must("Close of a view", storage.Close(view))
		c.must("Close of a view of the whole", storage.Close(whole))
		c.wantValue(whole, "view:key", c.value(1), "after Close of the view of the whole")
		c.wantValue(view, "key", c.value(1), "after Close of the view")
		c.wantValue(sibling, "key", c.value(1), "after Close of another view")
		c.wantValue(s, "view:key", c.value(1), "after Close of a view")
	}
	c.set(s, "view:key", c.value(2), storage.NoExpiry)
	c.wantValue(view, "key", c.value(2), "set after Close of a view")
	c.patiently("Close, twice", func() error {
		if err := storage.Close(s); err != nil {
			return err
		}
		return storage.Close(s)
	})
}

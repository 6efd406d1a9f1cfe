package storagetest

import (
	"bytes"
	"maps"
	"reflect"
	"slices"

	"github.com/tunica-go/tunica/storage"
)

// asBytes returns the bytes that a value is, not a copy.
func asBytes[V any](value V) []byte {
	b, _ := any(value).([]byte)
	return b
}

func fromBytes[V any](b []byte) V { return any(b).(V) }

// bytesOnly leaves the case out if values are no byte slices.
func (c *check[V]) bytesOnly() {
	c.TB.Helper()
	if reflect.TypeFor[V]() != reflect.TypeFor[[]byte]() {
		c.Skip("for stores of bytes")
	}
}

func scribble(b []byte) {
	for i := range b {
		b[i] = '#'
	}
}

func (c *check[V]) argumentIsCopied() {
	c.bytesOnly()
	s := c.new()
	for _, w := range c.writes() {
		if w.effect != stores {
			continue
		}
		arg := []byte("written by " + w.name)
		want := bytes.Clone(arg)
		c.must(w.name, w.do(c.Context(), s, w.name, fromBytes[V](arg), storage.NoExpiry))
		if !bytes.Equal(arg, want) {
			c.Errorf("%s changed its argument to %q", w.name, arg)
		}
		scribble(arg)
		c.wantValue(s, w.name, fromBytes[V](want), "after the caller has reused the bytes that it gave to "+w.name)
	}
}

func (c *check[V]) resultIsStable() {
	c.bytesOnly()
	s := c.new()
	first, second := fromBytes[V]([]byte("the first value")), fromBytes[V]([]byte("a second one..."))
	for _, r := range c.reads() {
		if !r.valued {
			continue
		}
		get := func() []byte {
			c.TB.Helper()
			_, value, err := r.do(c.Context(), s, "key")
			c.must(r.name, err)
			return asBytes(value)
		}
		c.set(s, "key", first, storage.NoExpiry)
		got, other := get(), get()
		if c.opts.SharesReads {
			if shared := &got[0] == &other[0]; shared && cap(got) > len(got) {
				c.Errorf("%s: the shared value has room for %d bytes more: an append would write there", r.name, cap(got)-len(got))
			}
		} else {
			scribble(got)
			if !bytes.Equal(other, asBytes(first)) {
				c.Errorf("%s: writing to one result changed another to %q", r.name, other)
			}
			c.wantValue(s, "key", first, "after a reader has written to what it got from "+r.name)
			got = get()
		}
		for _, w := range c.writes() {
			c.set(s, "key", first, storage.NoExpiry)
			got := get()
			c.must(w.name, w.do(c.Context(), s, "key", second, storage.NoExpiry))
			c.set(s, "key", second, storage.NoExpiry)
			if !bytes.Equal(got, asBytes(first)) {
				c.Errorf("%s of the key changed what %s had returned to %q", w.name, r.name, got)
			}
		}
		if !bytes.Equal(got, asBytes(first)) {
			c.Errorf("what %s returned has changed to %q", r.name, got)
		}
	}
}

func (c *check[V]) batchArguments() {
	s := c.new()
	ctx := c.Context()
	values := map[string]V{"a": c.value(1), "b": c.value(2), "c": c.value(3)}
	given := maps.Clone(values)
	c.must("SetMany", storage.SetMany(ctx, s, given, storage.NoExpiry))
	c.sameValues("the argument of SetMany after it", given, values)
	for key := range given {
		given[key] = c.value(4)
	}
	given["d"] = c.value(4)

	keys := []string{"c", "a", "absent", "b", "a"}
	ask := slices.Clone(keys)
	check := func(what string) {
		c.TB.Helper()
		if !slices.Equal(ask, keys) {
			c.Errorf("%s changed its argument to %q", what, ask)
		}
		scribbleKeys(ask)
		copy(ask, keys)
	}
	for range 2 { // a cache answers the second time
		got, err := storage.GetMany(ctx, s, ask)
		c.must("GetMany", err)
		check("GetMany")
		c.sameValues("GetMany after the argument of SetMany was changed", got, values)
		clear(got)
	}
	if c.works(storage.OpGetEntries) {
		_, err := storage.GetEntries(ctx, s, ask)
		c.must("GetEntries", err)
		check("GetEntries")
	}
	c.must("DeleteMany", storage.DeleteMany(ctx, s, ask[1:3]))
	check("DeleteMany")
	c.wantAbsent(s, "a", "after DeleteMany")
	c.wantValue(s, "b", values["b"], "after DeleteMany of others")
}

func scribbleKeys(keys []string) {
	for i := range keys {
		keys[i] = "scribbled"
	}
}

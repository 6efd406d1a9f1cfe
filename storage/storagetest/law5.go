package storagetest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// hostile are keys that adapters have been seen to get wrong. Some differ by
// case, by spaces or in Unicode only; none begins one of the bystanders.
var hostile = []string{
	strings.Repeat("k", 512),
	strings.Repeat("\x00\xff*:", 128),
	" ", "\x00", "a\x00b", "a\x00", "\n", "a\r\nb", "\t",
	"*", "a*b", "**", "?", "a?b", "[ab]", "a[0-9]b", "[^a]", "[", "]", "^", "-", "a-z",
	`\`, `a\*b`, `\\`, `*\`,
	"{tag}", "{tag}b", "{", "{}", ":", "::", "a:b", "a:", ":b",
	"\xff", "\xff\xfe", "\xc3\x28", "\xed\xa0\x80", "é", "e\u0301", "日本語", "🧅",
	"Case", "CASE", "case", "case ", " case", "cas\u00e9", "A", "A%00", "../b", "/", `"`, "'; --", "$1", "nil", "null", "0", "-1",
}

// bystanders are what a pattern might match that should have been literal.
var bystanders = []string{"a1b", "a0b", "aab", "b", "zz", "Tag", "Xb"}

func (c *check[V]) hostileKeys() {
	s := c.new()
	c.hostileKeysIn(s, 512)
	prefix := "v[a]*?:"
	c.hostileKeysIn(storage.In(s, storage.Scope{Prefix: prefix}), 512-len(prefix))
}

func (c *check[V]) hostileKeysIn(s storage.Store[V], limit int) {
	for i, key := range bystanders {
		c.set(s, key, c.value(i), storage.NoExpiry)
	}
	for i, key := range hostile {
		key = key[:min(len(key), limit)]
		c.wantAbsent(s, key, "never written")
		for j, w := range c.writes() {
			value, before := c.value(100*i+j), c.value(100*i+50+j)
			c.set(s, key, before, storage.NoExpiry)
			if err := w.do(c.Context(), s, key, value, storage.NoExpiry); err != nil {
				c.Errorf("%s of %s: %v", w.name, printable(key), err)
			}
			c.wrote(s, key, w, value, before, "")
		}
		c.must("Delete", s.Delete(c.Context(), key))
		for j, other := range bystanders {
			if value, err := s.Get(c.Context(), other); err != nil || !c.equal(value, c.value(j)) {
				c.Fatalf("after operations on %s the value of %s is %s, %v", printable(key), printable(other), show(value), err)
			}
		}
	}

	// All of them at once: none is taken for another.
	values := make(map[string]V)
	for i, key := range hostile {
		values[key[:min(len(key), limit)]] = c.value(i)
	}
	c.must("SetMany", storage.SetMany(c.Context(), s, values, storage.NoExpiry))
	for key, value := range values {
		if got, err := s.Get(c.Context(), key); err != nil || !c.equal(got, value) {
			c.Errorf("Get of %s: %s, %v, want %s", printable(key), show(got), err, show(value))
		}
	}
}

func (c *check[V]) emptyKey() {
	s := c.new()
	ctx := c.Context()
	view := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	for where, s := range map[string]storage.Store[V]{
		"the base":         s,
		"a view":           view,
		"a view in a view": storage.In(view, storage.Scope{Prefix: "inner:"}),
	} {
		want := func(what string, err error) {
			c.TB.Helper()
			if !errors.Is(err, storage.ErrInvalidKey) {
				c.Errorf("%s of the empty key in %s: %v, want ErrInvalidKey", what, where, err)
			} else if storage.Failed(err) {
				c.Errorf("%s of the empty key in %s: Failed is true for %v", what, where, err)
			}
		}
		for _, call := range c.calls() {
			switch {
			case !c.works(call.op), call.op == storage.OpKeys, call.op == storage.OpDeletePrefix, call.op == storage.OpPing:
			case call.name == "Update" && !c.works(storage.OpGetEntry):
			default:
				want(call.name, call.do(ctx, s, "", c.value(1)))
			}
		}
		c.set(s, "present", c.value(2), storage.NoExpiry)
		// A map has no order: with several good keys one comes before the bad.
		batch := map[string]V{"": c.value(3), "present": c.value(3)}
		for i := range 10 {
			batch[fmt.Sprintf("new %d", i)] = c.value(3)
		}
		want("SetMany with one", storage.SetMany(ctx, s, batch, storage.NoExpiry))
		for i := range 10 {
			if ok, err := storage.Has(ctx, s, fmt.Sprintf("new %d", i)); ok || err != nil {
				c.Fatalf("SetMany with one empty key in %s stored another: %v, %v", where, ok, err)
			}
		}
		want("DeleteMany with one", storage.DeleteMany(ctx, s, []string{"present", ""}))
		c.wantValue(s, "present", c.value(2), "after batches with one empty key in "+where)
		_, err := storage.GetMany(ctx, s, []string{"present", ""})
		want("GetMany with one", err)
		if c.works(storage.OpGetEntries) {
			_, err := storage.GetEntries(ctx, s, []string{"present", ""})
			want("GetEntries with one", err)
		}
	}
	c.wantAbsent(s, "view:", "which is the empty key of a view")
	c.wantAbsent(s, "view:inner:", "which is the empty key of a view in a view")
}

package storagetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

const secret = "SECRET"

// secretValue is a value that would be seen in an error.
func (c *check[V]) secretValue() V {
	for _, value := range []any{[]byte(secret + " value"), secret + " value"} {
		if v, ok := value.(V); ok {
			return v
		}
	}
	return c.value(1)
}

// tellsNothing checks that err has no secret in it.
func (c *check[V]) tellsNothing(what string, err error) {
	c.TB.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v\n%+v", err, err)
	if _, after, ok := strings.Cut(text, secret); ok {
		after, _, _ = strings.Cut(after, "\n")
		c.Errorf("%s: the error tells a key or a value: …%s%.20s…", what, secret, after)
	}
}

func (c *check[V]) errorsTellNoSecrets() {
	s := c.new()
	value := c.secretValue()
	const key, absent = secret + " key", secret + " absent"
	contexts := c.ended()
	contexts["a live context"] = c.Context()
	views := []storage.Store[V]{s, storage.In(s, storage.Scope{Prefix: secret + ":"})}
	for _, s := range views {
		c.set(s, key, value, storage.NoExpiry)
		for how, ctx := range contexts {
			for _, call := range c.calls() {
				c.tellsNothing(call.name+" with "+how, call.do(ctx, s, absent, value))
				c.tellsNothing(call.name+" with "+how, call.do(ctx, s, key, value))
				c.tellsNothing(call.name+" with "+how, call.do(ctx, s, "", value))
			}
			for _, w := range c.allWrites() {
				c.tellsNothing(w.name+" with a negative ttl and "+how, w.do(ctx, s, key, value, -time.Second))
			}
			c.misuse(ctx, s, key, value)
		}
	}
}

// misuse makes the mistakes that carry a key or a value next to them.
func (c *check[V]) misuse(ctx context.Context, s storage.Store[V], key string, value V) {
	c.TB.Helper()
	c.tellsNothing("SetMany with an empty key", storage.SetMany(ctx, s, map[string]V{key: value, "": value}, 0))
	c.tellsNothing("SetMany with a negative ttl", storage.SetMany(ctx, s, map[string]V{key: value}, -1))
	c.tellsNothing("DeleteMany with an empty key", storage.DeleteMany(ctx, s, []string{key, ""}))
	_, err := storage.GetMany(ctx, s, []string{key, ""})
	c.tellsNothing("GetMany with an empty key", err)
	_, err = storage.GetEntries(ctx, s, []string{key, ""})
	c.tellsNothing("GetEntries with an empty key", err)
	c.tellsNothing("Set with a negative ttl", s.Set(ctx, key, value, -1))
	for _, old := range []storage.Version{"", secret + " version"} {
		_, err = storage.CompareAndSwap(ctx, s, key, old, value, 0)
		c.tellsNothing("CompareAndSwap with a stale version", err)
	}
}

package storagetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunica-go/tunica/storage"
)

// wantEnded checks the error of a call whose context had ended before.
func (c *check[V]) wantEnded(what string, ctx context.Context, err error) {
	c.TB.Helper()
	switch {
	case !errors.Is(err, ctx.Err()):
		c.Errorf("%s: %v, want an error that matches %v", what, err, ctx.Err())
	case errors.Is(err, storage.ErrUnknownOutcome):
		c.Errorf("%s: %v: nothing was sent, so the outcome is known", what, err)
	case errors.Is(err, context.Canceled) && storage.Failed(err):
		c.Errorf("%s: Failed is true for %v, but it was the caller who left", what, err)
	}
}

func (c *check[V]) endedContextWritesNothing() {
	s := c.new()
	view := storage.In(s, storage.Scope{Prefix: "view:"})
	ttl := c.short()
	var present, absent []string
	for how, ctx := range c.ended() {
		for _, w := range c.writes() {
			for i, s := range []storage.Store[V]{s, view} {
				what := fmt.Sprintf("%s with %s", w.name, how)
				key := fmt.Sprintf("%s in store %d", what, i)
				c.set(s, key, c.value(1), storage.NoExpiry)
				c.wantEnded(what, ctx, w.do(ctx, s, key, c.value(2), ttl))
				if i == 0 {
					present = append(present, key)
				}
				c.wantValue(s, key, c.value(1), "after "+what)
				if w.effect != stores {
					continue
				}
				c.wantEnded(what, ctx, w.do(ctx, s, "new "+key, c.value(2), storage.NoExpiry))
				c.wantAbsent(s, "new "+key, "after "+what)
				absent = append(absent, "new "+key)
			}
		}
	}
	c.passed(s, ttl)
	for _, key := range present {
		c.wantValue(s, key, c.value(1), "after the ttl of a write whose context had ended")
	}
	for _, key := range absent {
		c.wantAbsent(s, key, "some time after a write whose context had ended")
	}
}

func (c *check[V]) endedContextReadsTruth() {
	s := c.new()
	for _, r := range c.reads() {
		for how, ctx := range c.ended() {
			what := fmt.Sprintf("%s with %s", r.name, how)
			c.set(s, what, c.value(1), storage.NoExpiry)
			for _, when := range []string{"cold", "warm"} {
				switch ok, value, err := r.do(ctx, s, what); {
				case err != nil:
					c.wantEnded(what+", "+when, ctx, err)
				case !ok:
					c.Errorf("%s, %s: a miss, but there is a value", what, when)
				case r.valued && !c.equal(value, c.value(1)):
					c.Errorf("%s, %s: got %s, want %s", what, when, show(value), show(c.value(1)))
				}
				c.wantValue(s, what, c.value(1), "after "+what)
			}
			switch ok, value, err := r.do(ctx, s, "absent"); {
			case err != nil:
				c.wantEnded(what, ctx, err)
			case ok && r.valued:
				c.Errorf("%s of an absent key: got %s", what, show(value))
			case ok:
				c.Errorf("%s of an absent key: found it", what)
			}
			c.wantAbsent(s, "absent", "after "+what)
		}
	}
	for how, ctx := range c.ended() {
		if err := storage.Ping(ctx, s); err != nil && c.works(storage.OpPing) {
			c.wantEnded("Ping with "+how, ctx, err)
		}
		// An empty batch and a batch of several are no miss either.
		c.set(s, "one", c.value(1), storage.NoExpiry)
		c.set(s, "two", c.value(2), storage.NoExpiry)
		values, err := storage.GetMany(ctx, s, []string{"one", "absent", "two"})
		switch {
		case err != nil:
			c.wantEnded("GetMany with "+how, ctx, err)
		case len(values) != 2:
			c.Errorf("GetMany with %s: %d of 2 values and no error", how, len(values))
		}
	}
}

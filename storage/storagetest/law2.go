package storagetest

import (
	"errors"
	"reflect"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// keep returns a function for Update that stores value for ever.
func keep[V any](value V) func(storage.Entry[V]) (V, time.Duration, error) {
	return func(storage.Entry[V]) (V, time.Duration, error) { return value, storage.NoExpiry, nil }
}

func (c *check[V]) zeroIsAValue() {
	s := c.new()
	var zero V
	values := map[string]V{"the zero value": zero}
	if reflect.TypeFor[V]() == reflect.TypeFor[[]byte]() {
		values["an empty value"] = fromBytes[V]([]byte{})
	}
	for name, value := range values {
		for _, w := range c.writes() {
			if w.effect != stores {
				continue
			}
			key := name + " by " + w.name
			c.must(w.name+" of "+name, w.do(c.Context(), s, key, value, storage.NoExpiry))
			for range 2 { // a cache answers the second time
				c.wantValue(s, key, value, "which has "+name)
			}
		}
		if !c.works(storage.OpTake) {
			continue
		}
		key := name + " by Set"
		if got, err := storage.Take(c.Context(), s, key); err != nil || !c.equal(got, value) {
			c.Errorf("Take of %s: got %s, %v", name, show(got), err)
		}
		c.wantAbsent(s, key, "after Take of "+name)
	}
}

func (c *check[V]) absentIsNotFound() {
	s := c.new()
	ctx := c.Context()
	c.set(s, "other", c.value(1), storage.NoExpiry)
	for _, w := range c.writes() {
		if w.effect == stores {
			continue
		}
		switch err := w.do(ctx, s, "absent", c.value(2), time.Hour); {
		case w.op == storage.OpTake || w.op == storage.OpTouch:
			if !errors.Is(err, storage.ErrNotFound) {
				c.Errorf("%s of an absent key: %v, want ErrNotFound", w.name, err)
			}
		case err != nil:
			c.Errorf("%s of an absent key: %v, want no error", w.name, err)
		}
		c.wantAbsent(s, "absent", "after "+w.name)
	}
	if value, err := s.Get(ctx, "absent"); !errors.Is(err, storage.ErrNotFound) {
		c.Errorf("Get of an absent key: got %s, %v, want ErrNotFound", show(value), err)
	} else if storage.Failed(err) {
		c.Errorf("Get of an absent key: Failed is true for %v", err)
	}
	c.wantValue(s, "other", c.value(1), "after operations on another key")
}

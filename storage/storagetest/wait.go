package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// untilAbsent reads key until it is gone, which must not be before notBefore.
func (c *check[V]) untilAbsent(s storage.Store[V], key string, notBefore time.Time, what string) {
	c.TB.Helper()
	limit := c.patience() + 20*c.granularity()
	deadline := time.Now().Add(limit)
	for {
		_, err := s.Get(c.Context(), key)
		now := time.Now()
		switch {
		case err != nil && !errors.Is(err, storage.ErrNotFound):
			c.Fatalf("%s: Get: %v", what, err)
		case err != nil && now.Before(notBefore):
			c.Fatalf("%s: it was gone %v too early", what, notBefore.Sub(now))
		case err != nil:
			return
		case now.After(deadline):
			c.Fatalf("%s: it is still there after %v", what, limit)
		}
		time.Sleep(c.granularity() / 4)
	}
}

// passed waits until a ttl that was given before has passed in the backend:
// it stores a key with the same ttl, which expires later, and waits for that.
func (c *check[V]) passed(s storage.Store[V], ttl time.Duration) {
	c.TB.Helper()
	const clock = "the clock"
	c.set(s, clock, c.value(0), ttl)
	c.untilAbsent(s, clock, time.Time{}, "a key with a ttl of "+ttl.String())
}

// patiently runs f, which reports by its result, and fails if it hangs.
func (c *check[V]) patiently(what string, f func() error) {
	c.TB.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(c.patience())
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			c.Errorf("%s: %v", what, err)
		}
	case <-timer.C:
		c.Fatalf("%s: it hangs", what)
	}
}

// within reports whether ok comes true before d has passed.
func (c *check[V]) within(d time.Duration, ok func() bool) bool {
	deadline := time.Now().Add(d)
	for !ok() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

// eventually reports whether ok comes true.
func (c *check[V]) eventually(ok func() bool) bool { return c.within(c.patience(), ok) }

// ended returns contexts that have ended, by name.
func (c *check[V]) ended() map[string]context.Context {
	cancelled, cancel := context.WithCancel(c.Context())
	cancel()
	late, cancel := context.WithDeadline(c.Context(), time.Now().Add(-time.Second))
	cancel()
	return map[string]context.Context{"a cancelled context": cancelled, "a context past its deadline": late}
}

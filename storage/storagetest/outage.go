package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// failures are what a failing backend ends with: one of them at least.
var failures = []error{
	storage.ErrUnavailable, storage.ErrUnknownOutcome, storage.ErrReadOnly, storage.ErrUnauthorized,
	storage.ErrOverloaded, storage.ErrCorrupt, storage.ErrClosed, context.DeadlineExceeded,
}

// wantFailure checks the error of a call that cannot have reached a backend.
func (c *check[V]) wantFailure(what string, err error) {
	c.TB.Helper()
	switch {
	case err == nil:
		c.Errorf("%s: no error, but the backend is unreachable", what)
	case errors.Is(err, storage.ErrNotFound):
		c.Errorf("%s: %v: an outage looks like a miss", what, err)
	case !storage.Failed(err):
		c.Errorf("%s: Failed is false for %v", what, err)
	case !isAny(err, failures):
		c.Errorf("%s: %v matches no failure of package storage", what, err)
	}
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// patient returns a context for a call that must not hang.
func (c *check[V]) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), c.patience())
}

func (c *check[V]) unreachableIsAnError() {
	s, outage := c.openOutage(c.TB)
	view := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	stores := map[string]storage.Store[V]{"the base": s, "a view": view}
	for _, s := range stores {
		c.set(s, "read before", c.value(1), storage.NoExpiry)
		c.wantValue(s, "read before", c.value(1), "before the outage")
		for _, call := range c.calls() {
			c.set(s, call.name, c.value(1), storage.NoExpiry)
		}
	}
	outage.Cut()
	for where, s := range stores {
		for _, r := range c.reads() {
			// From memory a read may know: then it tells the truth.
			for _, key := range []string{"read before", r.name, "absent"} {
				what := fmt.Sprintf("%s of the key %q in %s", r.name, key, where)
				ctx, cancel := c.patient()
				ok, value, err := r.do(ctx, s, key)
				cancel()
				switch {
				case err != nil || !ok || key == "absent":
					c.wantFailure(what, err)
				case r.valued && !c.equal(value, c.value(1)):
					c.Errorf("%s: got %s, want %s or an error", what, show(value), show(c.value(1)))
				}
			}
		}
		for _, w := range c.writes() {
			ctx, cancel := c.patient()
			c.wantFailure(w.name+" in "+where, w.do(ctx, s, w.name, c.value(2), storage.NoExpiry))
			cancel()
		}
		if c.works(storage.OpPing) {
			ctx, cancel := c.patient()
			c.wantFailure("Ping in "+where, storage.Ping(ctx, s))
			cancel()
		}
		ctx, cancel := c.patient()
		_, err := storage.GetMany(ctx, s, []string{"cold 1", "cold 2"})
		cancel()
		c.wantFailure("GetMany in "+where, err)
	}
}

// hangs opens a store whose backend can hang.
func (c *check[V]) hangs() (storage.Store[V], Outage) {
	c.TB.Helper()
	s, outage := c.openOutage(c.TB)
	if outage.Hang == nil || outage.Heal == nil {
		c.Skip("the backend cannot be made to hang")
	}
	return s, outage
}

// hanging calls every operation that works while the backend hangs, each on a
// key of its own which has value 1, with the context that begin returns and
// ends. It reports what does not return soon after, or with the wrong error,
// and returns the errors of the writes.
func (c *check[V]) hanging(s storage.Store[V], begin func() (context.Context, func()), report func(format string, args ...any)) map[string]error {
	c.TB.Helper()
	var mu sync.Mutex
	errs := make(map[string]error)
	ctx, end := begin()
	var running sync.WaitGroup
	for _, r := range c.reads() {
		running.Go(func() {
			switch ok, value, err := r.do(ctx, s, r.name); {
			case err != nil && !errors.Is(err, ctx.Err()):
				report("%s: %v, want an error that matches %v", r.name, err, ctx.Err())
			case err == nil && !ok:
				report("%s: a miss, but there is a value", r.name)
			case err == nil && r.valued && !c.equal(value, c.value(1)):
				report("%s: got %s, want %s", r.name, show(value), show(c.value(1)))
			}
		})
	}
	for _, w := range c.writes() {
		if w.name == "CompareAndSwap" {
			continue // it prepares with a call that nothing ends; Update does the same
		}
		running.Go(func() {
			err := w.do(ctx, s, w.name, c.value(2), storage.NoExpiry)
			if !errors.Is(err, ctx.Err()) || err == nil {
				report("%s: %v, want an error that matches %v", w.name, err, ctx.Err())
			}
			mu.Lock()
			defer mu.Unlock()
			errs[w.name] = err
		})
	}
	if c.works(storage.OpPing) {
		running.Go(func() {
			if err := storage.Ping(ctx, s); !errors.Is(err, ctx.Err()) || err == nil {
				report("Ping: %v, want an error that matches %v", err, ctx.Err())
			}
		})
	}
	end()
	start := time.Now()
	c.patiently("calls whose context has ended, while the backend hangs", func() error {
		running.Wait()
		return nil
	})
	if took := time.Since(start); took > c.patience()/5 {
		report("the last call returned %v after its context had ended", took)
	}
	return errs
}

// prepare sets the keys of hanging.
func (c *check[V]) prepare(s storage.Store[V]) {
	c.TB.Helper()
	for _, call := range c.calls() {
		c.set(s, call.name, c.value(1), storage.NoExpiry)
	}
}

// byDeadline returns a context with a near deadline, and a function that
// waits for it.
func (c *check[V]) byDeadline() (context.Context, func()) {
	ctx, cancel := context.WithTimeout(c.Context(), 50*time.Millisecond)
	c.Cleanup(cancel)
	return ctx, func() { <-ctx.Done() }
}

// byCancel returns a context, and a function that cancels it when the calls
// are on their way.
func (c *check[V]) byCancel() (context.Context, func()) {
	ctx, cancel := context.WithCancel(c.Context())
	return ctx, func() {
		time.Sleep(20 * time.Millisecond)
		cancel()
	}
}

func (c *check[V]) deadlineWhileHanging() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	defer outage.Heal()
	c.hanging(s, c.byDeadline, c.Errorf)
}

func (c *check[V]) cancelWhileHanging() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	defer outage.Heal()
	c.hanging(s, c.byCancel, c.Errorf)
}

func (c *check[V]) definiteMeansNotDone() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	errs := c.hanging(s, c.byDeadline, func(string, ...any) {}) // that is for law 8
	outage.Heal()
	c.untilHealed(s)
	time.Sleep(50 * time.Millisecond) // what was sent may still be on its way
	for _, w := range c.writes() {
		err := errs[w.name]
		if err == nil || errors.Is(err, storage.ErrUnknownOutcome) {
			continue
		}
		c.wantValue(s, w.name, c.value(1), fmt.Sprintf("after %s ended with %q, which says that it did not happen", w.name, err))
	}
}

// untilHealed waits until the store works again.
func (c *check[V]) untilHealed(s storage.Store[V]) {
	c.TB.Helper()
	deadline := time.Now().Add(c.patience())
	for {
		err := s.Set(c.Context(), "healed", c.value(1), storage.NoExpiry)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			c.Fatalf("%v after the backend was healed Set fails: %v", c.patience(), err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (c *check[V]) cancelIsPrivate() {
	s, outage := c.hangs()
	c.set(s, "key", c.value(1), storage.NoExpiry)
	outage.Hang()
	leader, cancel := context.WithCancel(c.Context())
	patient, stop := c.patient()
	defer stop()
	var running sync.WaitGroup
	running.Go(func() {
		if value, err := s.Get(leader, "key"); err == nil && !c.equal(value, c.value(1)) {
			c.Errorf("Get by the cancelled caller: got %s", show(value))
		}
	})
	time.Sleep(10 * time.Millisecond) // so that the others find it on its way
	for range 3 {
		running.Go(func() {
			if value, err := s.Get(patient, "key"); err != nil || !c.equal(value, c.value(1)) {
				c.Errorf("Get by a caller that was not cancelled: got %s, %v, want %s", show(value), err, show(c.value(1)))
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	cancel()
	time.Sleep(10 * time.Millisecond)
	outage.Heal()
	c.patiently("calls after the backend was healed", func() error {
		running.Wait()
		return nil
	})
}

func (c *check[V]) failuresTellNoSecrets() {
	s, outage := c.openOutage(c.TB)
	value := c.secretValue()
	view := storage.In(s, storage.Scope{Prefix: secret + ":"})
	outage.Cut()
	for _, s := range []storage.Store[V]{s, view} {
		for _, call := range c.calls() {
			ctx, cancel := c.patient()
			c.tellsNothing(call.name, call.do(ctx, s, secret+" key", value))
			cancel()
		}
	}
}

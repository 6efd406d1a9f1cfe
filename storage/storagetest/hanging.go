package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// hangs opens a store whose backend can hang. Its Heal may be called again.
func (c *check[V]) hangs() (storage.Store[V], Outage) {
	c.TB.Helper()
	s, outage := c.openOutage(c.TB)
	if outage.Hang == nil || outage.Heal == nil {
		c.Skip("the backend cannot be made to hang")
	}
	outage.Heal = sync.OnceFunc(outage.Heal)
	return s, outage
}

// glance is how long a case waits for what need not happen.
const glance = 50 * time.Millisecond

// underWay returns when as many calls hang in the backend as n says, or after
// a glance: calls may be shared, or answered from memory, and not every Outage
// tells how many hang.
func (c *check[V]) underWay(outage Outage, n func() int) {
	c.within(glance, func() bool { return outage.Hanging != nil && outage.Hanging() >= n() })
}

// hanging calls every operation that works while the backend hangs, each on a
// key of its own which has value 1, with a context that end ends with want when
// the calls are under way. It reports what does not return soon after, or with the
// wrong error, and returns the errors of the writes.
func (c *check[V]) hanging(ctx context.Context, want error, s storage.Store[V], outage Outage, end func(), report func(format string, args ...any)) map[string]error {
	c.TB.Helper()
	var mu sync.Mutex
	errs := make(map[string]error)
	var waiting atomic.Int64
	run := func(f func()) {
		waiting.Add(1)
		go func() {
			defer waiting.Add(-1)
			f()
		}()
	}
	for _, r := range c.reads() {
		run(func() {
			switch ok, value, err := r.do(ctx, s, r.name); {
			case err != nil && !endedWith(ctx, err, want):
				report("%s: %v, want an error that matches %v", r.name, err, want)
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
		run(func() {
			err := w.do(ctx, s, w.name, c.value(2), storage.NoExpiry)
			if !endedWith(ctx, err, want) {
				report("%s: %v, want an error that matches %v", w.name, err, want)
			}
			mu.Lock()
			defer mu.Unlock()
			errs[w.name] = err
		})
	}
	if c.works(storage.OpPing) {
		run(func() {
			if err := storage.Ping(ctx, s); !endedWith(ctx, err, want) {
				report("Ping: %v, want an error that matches %v", err, want)
			}
		})
	}
	c.underWay(outage, func() int { return int(waiting.Load()) })
	end()
	start := time.Now()
	returned := func() bool { return waiting.Load() == 0 }
	if !c.eventually(returned) {
		report("%d calls whose context has ended hang with the backend", waiting.Load())
		outage.Heal()
		if !c.eventually(returned) {
			c.Fatalf("calls hang after the backend was healed")
		}
	} else if took := time.Since(start); took > c.patience()/5 {
		report("the last call returned %v after its context had ended", took)
	}
	return errs
}

// endedWith reports whether err is want, and not too early. A busy machine ends
// a context later than at its deadline, and a store may look at the clock.
func endedWith(ctx context.Context, err, want error) bool {
	deadline, ok := ctx.Deadline()
	return errors.Is(err, want) && (ctx.Err() != nil || ok && !time.Now().Before(deadline))
}

// prepare sets the keys of hanging.
func (c *check[V]) prepare(s storage.Store[V]) {
	c.TB.Helper()
	for _, call := range c.calls() {
		c.set(s, call.name, c.value(1), storage.NoExpiry)
	}
}

// byDeadline is hanging with a context whose deadline is near.
func (c *check[V]) byDeadline(s storage.Store[V], outage Outage, report func(format string, args ...any)) map[string]error {
	c.TB.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), glance)
	defer cancel()
	return c.hanging(ctx, context.DeadlineExceeded, s, outage, func() { <-ctx.Done() }, report)
}

func (c *check[V]) deadlineWhileHanging() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	defer outage.Heal()
	c.byDeadline(s, outage, c.Errorf)
}

func (c *check[V]) cancelWhileHanging() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	defer outage.Heal()
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	c.hanging(ctx, context.Canceled, s, outage, cancel, c.Errorf)
}

func (c *check[V]) definiteMeansNotDone() {
	s, outage := c.hangs()
	c.prepare(s)
	outage.Hang()
	defer outage.Heal()
	errs := c.byDeadline(s, outage, func(string, ...any) {}) // that is for law 8
	outage.Heal()
	c.untilHealed(s)
	// What was sent may still be on its way.
	c.within(glance, func() bool {
		for _, w := range c.writes() {
			err := errs[w.name]
			if err != nil && !errors.Is(err, storage.ErrUnknownOutcome) {
				c.wantValue(s, w.name, c.value(1), fmt.Sprintf("after %s ended with %q, which says that it did not happen", w.name, err))
			}
		}
		return c.errors.Load() > 0
	})
}

// untilHealed waits until the store works again.
func (c *check[V]) untilHealed(s storage.Store[V]) {
	c.TB.Helper()
	var err error
	if !c.eventually(func() bool {
		err = s.Set(c.Context(), "healed", c.value(1), storage.NoExpiry)
		return err == nil
	}) {
		c.Fatalf("%v after the backend was healed Set fails: %v", c.patience(), err)
	}
}

func (c *check[V]) cancelIsPrivate() {
	s, outage := c.hangs()
	c.set(s, "key", c.value(1), storage.NoExpiry)
	outage.Hang()
	defer outage.Heal()
	leader, cancel := context.WithCancel(c.Context())
	patient, stop := c.patient()
	defer stop()
	var running sync.WaitGroup
	var left atomic.Bool
	running.Go(func() {
		defer left.Store(true)
		if value, err := s.Get(leader, "key"); err == nil && !c.equal(value, c.value(1)) {
			c.Errorf("Get by the cancelled caller: got %s", show(value))
		}
	})
	c.underWay(outage, func() int { return 1 }) // so that the others find it there
	for range 3 {
		running.Go(func() {
			if value, err := s.Get(patient, "key"); err != nil || !c.equal(value, c.value(1)) {
				c.Errorf("Get by a caller that was not cancelled: got %s, %v, want %s", show(value), err, show(c.value(1)))
			}
		})
	}
	c.underWay(outage, func() int { return 4 })
	cancel()
	c.within(glance, func() bool { return left.Load() })
	outage.Heal()
	c.patiently("calls after the backend was healed", func() error {
		running.Wait()
		return nil
	})
}

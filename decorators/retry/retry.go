package retry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// New returns next with its failed operations tried again. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns the interceptor, for stores of any type. Those that have
// it share its budget. It panics if opts make no sense.
func Interceptor(opts Options) storage.Interceptor {
	opts.check()
	opts = opts.withDefaults()
	return &interceptor{Options: opts, budget: newBudget(opts.Budget)}
}

type interceptor struct {
	Options
	budget *budget
}

func (r *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if !r.repeats(call.Op) {
		return next(ctx)
	}
	r.budget.pay()
	err := next(ctx)
	if !passing(err) {
		return err
	}
	return r.again(ctx, call.Op, next, err)
}

// repeats reports whether op is tried again.
func (r *interceptor) repeats(op storage.Op) bool {
	switch op {
	case storage.OpSet, storage.OpDelete, storage.OpSetMany, storage.OpDeleteMany:
		return r.Writes
	}
	return op.Idempotent() && !op.Streaming()
}

// again goes on after the first try has ended with err.
func (r *interceptor) again(ctx context.Context, op storage.Op, next func(context.Context) error, err error) error {
	var unknown error // of the last try whose outcome is unknown
	wait := r.Base
	for tries := 1; ; tries++ {
		if errors.Is(err, storage.ErrUnknownOutcome) {
			unknown = err
		}
		if ctx.Err() != nil && passing(err) {
			return ended(ctx, op, tries, err, unknown)
		}
		wait = r.jitter(wait)
		if tries == r.Attempts || !passing(err) || !fits(ctx, wait) || !r.budget.take() {
			return failed(op, tries, err, unknown)
		}
		if !sleep(ctx, wait) {
			return ended(ctx, op, tries, err, unknown)
		}
		if err = next(ctx); err == nil {
			return nil
		}
	}
}

// passing reports whether err may be gone in a moment.
func passing(err error) bool {
	if !storage.Failed(err) {
		return false
	}
	for _, stays := range lasting {
		if errors.Is(err, stays) {
			return false
		}
	}
	var says interface{ Retryable() bool }
	return !errors.As(err, &says) || says.Retryable()
}

var lasting = []error{
	storage.ErrOverloaded, storage.ErrReadOnly, storage.ErrUnauthorized, storage.ErrCorrupt, storage.ErrClosed,
}

// failed is the result of an operation whose last try ended with err.
func failed(op storage.Op, tries int, err, unknown error) error {
	switch {
	case unknown != nil && !errors.Is(err, storage.ErrUnknownOutcome):
		return fmt.Errorf("retry: %s: %d tries: %w; a try before: %w", op, tries, err, unknown)
	case tries > 1 && storage.Failed(err):
		return fmt.Errorf("retry: %s: %d tries: %w", op, tries, err)
	}
	return err
}

// ended is the result of an operation whose context has ended.
func ended(ctx context.Context, op storage.Op, tries int, err, unknown error) error {
	err = failed(op, tries, err, unknown)
	if errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("retry: %s: %w: %w", op, ctx.Err(), err)
}

// jitter returns the next wait after one of last.
func (r *interceptor) jitter(last time.Duration) time.Duration {
	longest := 3 * min(last, math.MaxInt64/3)
	return min(r.Base+rand.N(max(longest-r.Base, 0)+1), r.Max)
}

// fits reports whether the deadline of ctx leaves time after a wait.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) > wait
}

// sleep waits, and reports whether ctx is still there.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

package limit

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/tunica-go/tunica/storage"
)

// New returns next behind limits of its own. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns the interceptor, for stores of any type. Those that have
// it share its limits. It panics if opts make no sense.
func Interceptor(opts Options) storage.Interceptor {
	opts.check()
	opts = opts.withDefaults()
	l := &interceptor{queue: int64(opts.Queue), burst: opts.Burst, maxWait: opts.MaxWait}
	if opts.Concurrent != Unlimited {
		l.places = semaphore.NewWeighted(int64(opts.Concurrent))
	}
	if opts.Rate > 0 {
		l.rate = rate.NewLimiter(rate.Limit(opts.Rate), opts.Burst)
	}
	return l
}

type interceptor struct {
	places  *semaphore.Weighted // nil if there is no bound
	rate    *rate.Limiter       // nil if there is no bound
	burst   int
	queue   int64
	waiting atomic.Int64 // for a place
	maxWait time.Duration
}

func (l *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if call.Op == storage.OpPing {
		return next(ctx)
	}
	if err := l.admit(ctx, call); err != nil {
		return err
	}
	switch {
	case l.places == nil:
	case call.Op.Streaming():
		l.places.Release(1)
	default:
		defer l.places.Release(1)
	}
	return next(ctx)
}

// admit takes what call needs of the rate, and a place.
func (l *interceptor) admit(ctx context.Context, call *storage.Call) error {
	cost := max(1, min(len(call.Keys), l.burst))
	if l.rate == nil || l.rate.AllowN(time.Now(), cost) {
		if l.places == nil || l.places.TryAcquire(1) {
			return nil
		}
		cost = 0
	}
	if l.maxWait == NoWait {
		return refused(ctx, call.Op, cost)
	}
	return l.wait(ctx, call.Op, cost)
}

// wait is admit for a call that finds no room. cost is 0 if it has been paid.
func (l *interceptor) wait(ctx context.Context, op storage.Op, cost int) error {
	soon, cancel := context.WithTimeout(ctx, l.maxWait)
	defer cancel()
	if cost > 0 && l.rate.WaitN(soon, cost) != nil {
		return refused(ctx, op, cost)
	}
	if l.places == nil || l.places.TryAcquire(1) {
		return nil
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > l.queue || l.places.Acquire(soon, 1) != nil {
		return refused(ctx, op, 0)
	}
	return nil
}

// refused is the error of a call whose turn does not come: because of the rate,
// if it has a cost yet.
func refused(ctx context.Context, op storage.Op, cost int) error {
	if ctx.Err() != nil {
		return fmt.Errorf("limit: %s: waiting: %w", op, ctx.Err())
	}
	reason := "too many at a time"
	if cost > 0 {
		reason = "too many a second"
	}
	return fmt.Errorf("limit: %s: %w: %s", op, storage.ErrOverloaded, reason)
}

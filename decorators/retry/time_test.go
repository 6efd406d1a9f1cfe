package retry_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/storage"
)

// Each wait is between Base and three times the one before, and at most Max.
func TestJitter(t *testing.T) {
	for _, opts := range []retry.Options{
		{Attempts: 6},
		{Attempts: 6, Base: time.Second},
		{Attempts: 10, Base: time.Millisecond, Max: 8 * time.Millisecond},
		{Attempts: 4, Base: 5 * time.Second},
		{Attempts: 4, Base: 7, Max: 7},
		{Attempts: 4, Base: math.MaxInt64 / 8, Max: math.MaxInt64 / 8},
	} {
		base, longest := opts.Base, opts.Max
		if base == 0 {
			base = 10 * time.Millisecond
		}
		if longest == 0 {
			longest = max(time.Second, base)
		}
		different := make(map[time.Duration]bool)
		for range 50 {
			synctest.Test(t, func(t *testing.T) {
				next := plays(always(20, errDown)...)
				_, _ = retry.New(over(next), opts).Get(t.Context(), "k")
				waits := next.waits()
				if len(waits) != opts.Attempts-1 {
					t.Fatalf("%+v: %d waits", opts, len(waits))
				}
				last := base
				for i, wait := range waits {
					if wait < base || wait > longest || wait/3 > last {
						t.Errorf("%+v: wait %d is %v after %v", opts, i, wait, last)
					}
					last = wait
				}
				different[waits[0]] = true
			})
		}
		if opts.Base != opts.Max && longest > base && len(different) < 40 {
			t.Errorf("%+v: 50 first waits are only %d different ones", opts, len(different))
		}
	}
}

// A wait that the deadline leaves no time for is not begun: the caller gets
// the failure at once, and not its own deadline later.
func TestDeadlineLeavesNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		next := plays(always(9, errDown)...)
		start := time.Now()
		_, err := retry.New(over(next), retry.Options{Base: time.Second}).Get(ctx, "k")
		if err != errDown || next.tries() != 1 || time.Since(start) != 0 {
			t.Errorf("got %v after %d tries and %v, want the failure at once", err, next.tries(), time.Since(start))
		}
		next = plays(always(9, errDown)...)
		_, err = retry.New(over(next), retry.Options{Base: 400 * time.Millisecond, Max: 400 * time.Millisecond, Attempts: 9}).Get(ctx, "k")
		if !errors.Is(err, errDown) || errors.Is(err, context.DeadlineExceeded) || next.tries() != 3 {
			t.Errorf("got %v after %d tries, want the failure of the third", err, next.tries())
		}
	})
}

// Who leaves during a wait returns at once, and is told both.
func TestCancelDuringAWait(t *testing.T) {
	for _, first := range []error{errDown, errUnknown} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			next := plays(always(9, first)...)
			start := time.Now()
			err := retry.New(over(next), retry.Options{Base: time.Minute, Writes: true}).Set(ctx, "k", "value", 0)
			if time.Since(start) != time.Second || next.tries() != 1 {
				t.Errorf("returned after %v and %d tries", time.Since(start), next.tries())
			}
			if !errors.Is(err, context.Canceled) || !errors.Is(err, first) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// After a lost reply, and a definite failure, who leaves is still told that the
// write may have happened.
func TestCancelAfterUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		next := plays(errUnknown, errDown)
		store := retry.New(over(next), retry.Options{Base: time.Second, Max: time.Second, Writes: true})
		time.AfterFunc(1500*time.Millisecond, cancel)
		err := store.Set(ctx, "k", "value", 0)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, errDown) || next.tries() != 2 {
			t.Errorf("got %v after %d tries", err, next.tries())
		}
	})
}

// A context that ends during a try is not waited with.
func TestContextEndsDuringATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, failure := range map[string]error{
			"the store says so":               context.Canceled,
			"the store says something else":   errDown,
			"the store lost its reply":        errUnknown,
			"the store is overloaded as well": storage.ErrOverloaded,
		} {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			next := storage.Intercept(over(plays()), storage.InterceptorFunc(
				func(context.Context, *storage.Call, func(context.Context) error) error {
					calls++
					cancel()
					return failure
				}))
			start := time.Now()
			err := retry.New(next, retry.Options{Writes: true}).Set(ctx, "k", "value", 0)
			if calls != 1 || time.Since(start) != 0 || !errors.Is(err, failure) {
				t.Errorf("%s: got %v after %d tries and %v", name, err, calls, time.Since(start))
			}
			if failure != storage.ErrOverloaded && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v does not match the context's error", name, err)
			}
		}
	})
}

// A deadline that passes during a try is told, whatever the store says.
func TestDeadlinePassesDuringATry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slow := storage.InterceptorFunc(func(context.Context, *storage.Call, func(context.Context) error) error {
			time.Sleep(2 * time.Second)
			return errDown
		})
		_, err := retry.New(storage.Intercept(over(plays()), slow), retry.Options{}).Get(ctx, "k")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errDown) {
			t.Errorf("got %v", err)
		}
	})
}

package retry_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// An outage is not multiplied: of many calls that fail a tenth is tried again,
// and the hundred that the bucket held.
func TestBudget(t *testing.T) {
	const calls = 10_000
	for _, test := range []struct {
		budget   float64
		min, max int // further tries
	}{
		{0, calls/10 + 99, calls/10 + 101},
		{0.1, calls/10 + 99, calls/10 + 101},
		{0.5, calls/2 + 99, calls/2 + 101},
		{0.0001, calls/1000 + 99, calls/1000 + 101}, // a thousandth is the least
		{5, 2 * calls, 2 * calls},
		{1e300, 2 * calls, 2 * calls},
		{retry.NoBudget, 2 * calls, 2 * calls},
	} {
		synctest.Test(t, func(t *testing.T) {
			next := plays(always(4*calls, errDown)...)
			store := retry.New(over(next), retry.Options{Budget: test.budget})
			for range calls {
				if _, err := store.Get(t.Context(), "k"); !storage.Failed(err) {
					t.Fatal(err)
				}
			}
			if further := next.tries() - calls; further < test.min || further > test.max {
				t.Errorf("Budget %v: %d further tries for %d calls, want %d to %d", test.budget, further, calls, test.min, test.max)
			}
		})
	}
}

// A long time without failures saves nothing up.
func TestBudgetIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := plays()
		store := retry.New(over(next), retry.Options{Attempts: 1000})
		for range 10_000 {
			_, _ = store.Get(t.Context(), "k")
		}
		before := next.tries()
		next.ends = always(1000, errDown)
		_, _ = store.Get(t.Context(), "k")
		if tries := next.tries() - before; tries != 101 {
			t.Errorf("%d tries, want 101", tries)
		}
	})
}

// Calls that are not tried again pay nothing.
func TestBudgetIsPaidByWhatIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := plays(always(100, errDown)...)
		store := retry.New(over(next), retry.Options{Attempts: 101})
		_, _ = store.Get(t.Context(), "k") // the whole bucket
		for range 20 {
			_ = store.Set(t.Context(), "k", "value", 0)
		}
		next.ends = []error{errDown}
		if _, err := store.Get(t.Context(), "k"); err != errDown {
			t.Errorf("got %v, want a failure that is not tried again", err)
		}
		for range 8 { // and the Get before them
			_, _ = store.Get(t.Context(), "k")
		}
		next.ends = []error{errDown}
		if _, err := store.Get(t.Context(), "k"); err != nil {
			t.Errorf("ten calls have paid, and got %v", err)
		}
	})
}

// One interceptor is one budget, whatever the stores have for values.
func TestBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := retry.Interceptor(retry.Options{Attempts: 101})
		first := plays(always(101, errDown)...)
		_, _ = storage.Intercept(over(first), one).Get(t.Context(), "k")
		next, faults := storagetest.Faulty(memstore.New[int]())
		faults.FailNext(1, errDown)
		if _, err := storage.Intercept(next, one).Get(t.Context(), "k"); err != errDown {
			t.Errorf("another store of the interceptor: got %v, want no further try", err)
		}
		faults.FailNext(1, errDown)
		if _, err := retry.New(next, retry.Options{}).Get(t.Context(), "k"); err != storage.ErrNotFound {
			t.Errorf("a store with an interceptor of its own: %v", err)
		}
	})
}

// No token is taken twice, and none is lost.
func TestBudgetRace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, each = 50, 200
		next := plays(always(2*callers*each, errDown)...)
		store := retry.New(over(next), retry.Options{})
		var running sync.WaitGroup
		for range callers {
			running.Go(func() {
				for range each {
					_, _ = store.Get(t.Context(), "k")
				}
			})
		}
		running.Wait()
		// A call that pays into a full bucket loses its deposit.
		further, most := next.tries()-callers*each, callers*each/10+100
		if further > most || further < most-callers/10 {
			t.Errorf("%d further tries, want %d or few less", further, most)
		}
	})
}

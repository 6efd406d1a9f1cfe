package retry_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
)

// reads and writes are what is tried again, by default and with Writes.
var (
	reads = []storage.Op{
		storage.OpGet, storage.OpHas, storage.OpGetMany, storage.OpGetEntry, storage.OpGetEntries, storage.OpPing,
	}
	writes = []storage.Op{storage.OpSet, storage.OpDelete, storage.OpSetMany, storage.OpDeleteMany}
)

func TestWhichOperations(t *testing.T) {
	for _, withWrites := range []bool{false, true} {
		again := slices.Clone(reads)
		if withWrites {
			again = append(again, writes...)
		}
		for op := range intercepttest.Operations(nil) {
			for _, failure := range []error{errDown, errUnknown} {
				if op.ReadOnly() && failure == errUnknown {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					next := plays(failure, failure)
					store := retry.New(over(next), retry.Options{Writes: withWrites})
					err := intercepttest.Operations(store)[op](t.Context())
					want := 1
					if slices.Contains(again, op) {
						want = 3
					}
					if next.tries() != want {
						t.Errorf("Writes %v: %v that fails twice with %q: %d calls, want %d", withWrites, op, failure, next.tries(), want)
					}
					if want == 1 && err != failure {
						t.Errorf("Writes %v: %v: got %v, want the error itself", withWrites, op, err)
					}
					if want == 3 && storage.Failed(err) {
						t.Errorf("Writes %v: %v works at the third try, and fails with %v", withWrites, op, err)
					}
				})
			}
		}
	}
}

func TestWhichErrors(t *testing.T) {
	wrap := func(errs ...error) error { return fmt.Errorf("driver: %w", errors.Join(errs...)) }
	for _, test := range []struct {
		err   error
		tries int
	}{
		{nil, 1},
		{storage.ErrNotFound, 1},
		{wrap(storage.ErrNotFound), 1},
		{wrap(storage.ErrConflict), 1},
		{wrap(storage.ErrInvalidKey), 1},
		{wrap(storage.ErrInvalidTTL), 1},
		{wrap(storage.ErrInvalidValue), 1},
		{wrap(storage.ErrTooLarge), 1},
		{wrap(errors.ErrUnsupported), 1},
		{wrap(context.Canceled), 1},
		{wrap(storage.ErrOverloaded), 1},
		{wrap(storage.ErrReadOnly), 1},
		{wrap(storage.ErrUnauthorized), 1},
		{wrap(storage.ErrCorrupt), 1},
		{wrap(storage.ErrClosed), 1},
		{wrap(storage.ErrUnavailable, storage.ErrOverloaded), 1},
		{wrap(storage.ErrUnknownOutcome, storage.ErrClosed), 1},
		{wrap(storage.ErrUnavailable), 3},
		{wrap(storage.ErrUnavailable, context.DeadlineExceeded), 3},
		{wrap(context.DeadlineExceeded), 3},
		{wrap(storage.ErrUnknownOutcome), 3},
		{wrap(storage.ErrUnknownOutcome, storage.ErrUnavailable), 3},
		{errors.New("what nobody has heard of"), 3},
		{wrap(refusal(false)), 1},
		{wrap(refusal(true)), 3},
	} {
		synctest.Test(t, func(t *testing.T) {
			next := plays(always(5, test.err)...)
			err := retry.New(over(next), retry.Options{Writes: true}).Set(t.Context(), "k", "v", 0)
			if next.tries() != test.tries {
				t.Errorf("%v: %d tries, want %d", test.err, next.tries(), test.tries)
			}
			if !errors.Is(err, test.err) || storage.Failed(err) != storage.Failed(test.err) {
				t.Errorf("%v: got %v", test.err, err)
			}
		})
	}
}

// refusal is an error that says whether it is worth another try.
type refusal bool

func (refusal) Error() string     { return "refused" }
func (refusal) Unwrap() error     { return storage.ErrUnavailable }
func (r refusal) Retryable() bool { return bool(r) }

// A read is tried again until it is answered, and a miss is an answer: the bare
// one.
func TestAnswerOfALaterTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := plays(errDown)
		store := retry.New(over(next), retry.Options{})
		if _, err := store.Get(t.Context(), "k"); err != storage.ErrNotFound {
			t.Errorf("got %v, want the miss itself", err)
		}
		next.ends = []error{nil, errDown, errDown}
		if err := store.Set(t.Context(), "k", "value", 0); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Get(t.Context(), "k"); got != "value" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		next.ends = []error{errDown}
		if got, err := storage.GetMany(t.Context(), store, []string{"k", "absent"}); len(got) != 1 || got["k"] != "value" || err != nil {
			t.Errorf("a batch: got %q, %v", got, err)
		}
	})
}

func TestAttempts(t *testing.T) {
	for attempts, want := range map[int]int{0: 3, 1: 1, 2: 2, 7: 7} {
		synctest.Test(t, func(t *testing.T) {
			next := plays(always(10, errDown)...)
			_, err := retry.New(over(next), retry.Options{Attempts: attempts}).Get(t.Context(), "k")
			if next.tries() != want {
				t.Errorf("Attempts %d: %d tries, want %d", attempts, next.tries(), want)
			}
			text := errDown.Error()
			if want > 1 {
				text = fmt.Sprintf("retry: get: %d tries: %v", want, errDown)
			}
			if !errors.Is(err, errDown) || err.Error() != text {
				t.Errorf("Attempts %d: got %q, want %q", attempts, err, text)
			}
		})
	}
}

// Law 7: who was told that a write failed definitely relies on it.
func TestUnknownOutcomeStays(t *testing.T) {
	refused := fmt.Errorf("driver: refused: %w", storage.ErrReadOnly)
	for _, test := range []struct {
		name    string
		ends    []error
		unknown bool
		last    error
	}{
		{"then down", []error{errUnknown, errDown, errDown}, true, errDown},
		{"in the middle", []error{errDown, errUnknown, errDown}, true, errDown},
		{"at last", []error{errDown, errDown, errUnknown}, true, errUnknown},
		{"then refused", []error{errUnknown, refused}, true, refused},
		{"then misuse", []error{errUnknown, storage.ErrTooLarge}, true, storage.ErrTooLarge},
		{"then cancelled below", []error{errUnknown, context.Canceled}, true, context.Canceled},
		{"never", []error{errDown, errDown, errDown}, false, errDown},
		{"then done", []error{errUnknown, errDown, nil}, false, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			next := plays(test.ends...)
			store := retry.New(over(next), retry.Options{Writes: true})
			err := store.Set(t.Context(), "k", "value", 0)
			if errors.Is(err, storage.ErrUnknownOutcome) != test.unknown || !errors.Is(err, test.last) || next.tries() != len(test.ends) {
				t.Errorf("unknown, %s: got %v after %d tries", test.name, err, next.tries())
			}
			if storage.Failed(err) != (test.last != nil) {
				t.Errorf("unknown, %s: Failed is %v for %v", test.name, storage.Failed(err), err)
			}
		})
	}
}

// The ttl of a later try is that of the call.
func TestTTLCountsFromTheTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := plays(errDown)
		store := retry.New(over(next), retry.Options{Writes: true})
		if err := store.Set(t.Context(), "k", "value", time.Minute); err != nil {
			t.Fatal(err)
		}
		entry, err := storage.GetEntry(t.Context(), store, "k")
		if err != nil || time.Until(entry.Expires) != time.Minute {
			t.Errorf("expires in %v, %v", time.Until(entry.Expires), err)
		}
	})
}

func TestMisusePanics(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, test := range []struct {
		opts retry.Options
		want string
	}{
		{retry.Options{Attempts: -1}, "retry: Attempts is -1, want 0 (3) or more"},
		{retry.Options{Base: -1}, "retry: Base is -1ns, want 0 (10ms) or more"},
		{retry.Options{Max: -1}, "retry: Max is -1ns, want 0 (1s) or more"},
		{retry.Options{Max: time.Millisecond}, "retry: Max is 1ms, less than the Base of 10ms"},
		{retry.Options{Base: 2, Max: 1}, "retry: Max is 1ns, less than the Base of 2ns"},
		{retry.Options{Budget: -0.5}, "retry: Budget is -0.5, want NoBudget, 0 (0.1) or more"},
		{retry.Options{Budget: nan}, "retry: Budget is NaN, want NoBudget, 0 (0.1) or more"},
	} {
		intercepttest.Panics(t, test.want, func() { retry.Interceptor(test.opts) })
	}
	intercepttest.Panics(t, "", func() { retry.New[string](nil, retry.Options{}) })
}

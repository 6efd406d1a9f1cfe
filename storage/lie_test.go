package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

type nextFunc = func(context.Context) error

// script is a store whose operations end as told, one after another.
type script struct {
	spy
	ends []error // errPanic panics
}

var errPanic = errors.New("a panic below")

func (s *script) end() error {
	err := s.ends[0]
	s.ends = s.ends[1:]
	if err == errPanic {
		panic(errPanic)
	}
	return err
}

func (s *script) Get(context.Context, string) (string, error) { return "v", s.end() }

func (s *script) Has(context.Context, string) (bool, error) { return true, s.end() }

func (s *script) Set(context.Context, string, string, time.Duration) error { return s.end() }

func (s *script) Delete(context.Context, string) error { return s.end() }

func (s *script) SetMany(context.Context, map[string]string, time.Duration) error { return s.end() }

func (s *script) DeleteMany(context.Context, []string) error { return s.end() }

func (s *script) CompareAndSwap(context.Context, string, storage.Version, string, time.Duration) (storage.Version, error) {
	return "v2", s.end()
}

func (s *script) Take(context.Context, string) (string, error) { return "v", s.end() }

func (s *script) Touch(context.Context, string, time.Duration) error { return s.end() }

func (s *script) DeletePrefix(context.Context, string) error { return s.end() }

var (
	reads  = []storage.Op{storage.OpGet, storage.OpHas}
	writes = []storage.Op{
		storage.OpSet, storage.OpDelete, storage.OpSetMany, storage.OpDeleteMany,
		storage.OpCompareAndSwap, storage.OpTake, storage.OpTouch, storage.OpDeletePrefix,
	}
	both = slices.Concat(reads, writes)
)

// What would tell the caller a lie is a panic that says who lied, and how.
// What is no lie is no panic, and comes out as it is.
func TestLies(t *testing.T) {
	var (
		unknown     = fmt.Errorf("lost: %w", storage.ErrUnknownOutcome)
		unavailable = fmt.Errorf("down: %w", storage.ErrUnavailable)
		list        = func(errs ...error) []error { return errs }
		tells       = func(err error) func(error) error { return func(error) error { return err } }
		joins       = func(err error) func(error) error { return func(last error) error { return errors.Join(last, err) } }
		same        = func(last error) error { return last }
	)
	const (
		nothing  = "returned nil without calling next"
		failed   = "returned nil although next failed"
		wasDone  = "returned a definite error although the write was done"
		mayBe    = "returned a definite error although the write may have been done"
		noAnswer = "returned an answer that next did not give"
		disguise = "returned an error that is no failure although next failed"
	)
	for _, test := range []struct {
		name   string
		ops    []storage.Op
		ends   []error           // of each next that is called
		result func(error) error // what Intercept returns, made of the last
		want   string            // the panic, if any
	}{
		{"nil without next", both, nil, tells(nil), nothing},
		{"nil after a failure", both, list(unavailable), tells(nil), failed},
		{"nil after a miss", both, list(storage.ErrNotFound), tells(nil), failed},
		{"nil after a recovered panic", both, list(errPanic), tells(nil), failed},
		{"nil after a lost reply", both, list(unknown), tells(nil), failed},

		{"a write that was done fails", writes, list(nil), tells(errBoom), wasDone},
		{"a write that was done is cancelled", writes, list(nil), tells(context.Canceled), wasDone},
		{"a write that was done is misuse", writes, list(nil), tells(storage.ErrInvalidTTL), wasDone},
		{"a write that was done misses", writes, list(nil), tells(storage.ErrNotFound), wasDone},
		{"a write that was done conflicts", writes, list(nil), tells(storage.ErrConflict), wasDone},
		{"a write that was done when tried again fails", writes, list(unavailable, nil), tells(unavailable), wasDone},
		{"a write that was done loses its reply", writes, list(nil), tells(unknown), ""},
		{"a write that was done loses its reply and fails", writes, list(nil), tells(errors.Join(errBoom, unknown)), ""},
		{"a read that was done fails", reads, list(nil), tells(errBoom), ""},

		{"a lost reply is unavailable", writes, list(unknown), tells(unavailable), mayBe},
		{"a lost reply conflicts", writes, list(unknown), tells(storage.ErrConflict), mayBe},
		{"a lost reply is cancelled", writes, list(unknown), tells(context.Canceled), mayBe},
		{"a panic is unavailable", writes, list(errPanic), tells(unavailable), mayBe},
		{"a lost reply, refused when tried again", writes, list(unknown, unavailable), same, mayBe},
		{"a lost reply, a conflict when tried again", writes, list(unknown, storage.ErrConflict), same, mayBe},
		{"a lost reply, gone when tried again", writes, list(unknown, storage.ErrNotFound), same, mayBe},
		{"a panic, refused when tried again", writes, list(errPanic, unavailable), same, mayBe},
		{"a lost reply, refused when tried again, told", writes, list(unknown, unavailable), joins(unknown), ""},
		{"a lost reply, done when tried again", writes, list(unknown, nil), same, ""},
		{"a panic, done when tried again", writes, list(errPanic, nil), same, ""},
		{"a lost reply keeps its cause", writes, list(errors.Join(unknown, context.Canceled)), same, ""},
		{"a read with an unknown outcome", reads, list(unknown), tells(unavailable), ""},
		{"a read that panics fails", reads, list(errPanic), tells(errBoom), ""},

		{"a hit becomes a miss", reads, list(nil), tells(storage.ErrNotFound), noAnswer},
		{"a failure becomes a miss", both, list(unavailable), tells(storage.ErrNotFound), noAnswer},
		{"a failure becomes a conflict", both, list(unavailable), tells(storage.ErrConflict), noAnswer},
		{"a cancel becomes a miss", both, list(context.Canceled), tells(storage.ErrNotFound), noAnswer},
		{"misuse becomes a miss", both, list(storage.ErrInvalidKey), tells(storage.ErrNotFound), noAnswer},
		{"what is unsupported becomes a miss", both, list(errors.ErrUnsupported), tells(storage.ErrNotFound), noAnswer},
		{"a panic becomes a miss", reads, list(errPanic), tells(storage.ErrNotFound), noAnswer},
		{"a miss, then a failure, told as a miss", both, list(storage.ErrNotFound, unavailable), tells(storage.ErrNotFound), noAnswer},
		{"a failure becomes misuse", both, list(unavailable), tells(storage.ErrTooLarge), disguise},
		{"a failure becomes unsupported", both, list(errBoom), tells(errors.ErrUnsupported), disguise},
		{"a cancelled write becomes misuse", both, list(context.Canceled), tells(storage.ErrInvalidKey), disguise},

		{"a miss made up", both, nil, tells(storage.ErrNotFound), ""},
		{"a refusal", both, nil, tells(storage.ErrReadOnly), ""},
		{"a lost reply of what was not sent", both, nil, tells(unknown), ""},
		{"a failure has another name", both, list(unavailable), tells(errBoom), ""},
		{"a failure, then a cancel", both, list(unavailable), tells(context.Canceled), ""},
		{"a failure that is also a miss", both, list(unavailable), joins(storage.ErrNotFound), ""},
		{"a miss", both, list(storage.ErrNotFound), same, ""},
		{"a miss fails", both, list(storage.ErrNotFound), tells(unavailable), ""},
		{"a conflict becomes a miss", both, list(storage.ErrConflict), tells(storage.ErrNotFound), ""},
		{"a failure, done when tried again", both, list(unavailable, nil), same, ""},
		{"an error that cannot be compared", both, list(uncomparable{errBoom}), same, ""},
	} {
		for _, o := range operations {
			if !slices.Contains(test.ops, o.op) {
				continue
			}
			t.Run(fmt.Sprint(test.name, "/", o.op), func(t *testing.T) {
				var want error
				s := storage.Intercept[string](&script{newSpy(), test.ends}, storage.InterceptorFunc(
					func(ctx context.Context, _ *storage.Call, next nextFunc) error {
						var last error
						for range test.ends {
							_ = recovered(func() { last = next(ctx) })
						}
						want = test.result(last)
						return want
					}))
				var err error
				got := recovered(func() { _, err = o.call(t.Context(), s) })
				full := fmt.Sprintf("storage: %s: interceptor storage.InterceptorFunc %s", o.op, test.want)
				switch {
				case test.want == "" && got != nil:
					t.Errorf("panic %v, want none", got)
				case test.want == "" && fmt.Sprint(err) != fmt.Sprint(want):
					t.Errorf("error %v, want %v", err, want)
				case test.want != "" && got != full:
					t.Errorf("panic %v, want %v", got, full)
				}
			})
		}
	}
}

// uncomparable is an error that == panics for.
type uncomparable []error

func (e uncomparable) Error() string { return e[0].Error() }

func TestNextAgainAfterSuccess(t *testing.T) {
	inner := newThree()
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			_ = next(ctx)
			return next(ctx)
		}))
	got := recovered(func() { _ = s.Delete(t.Context(), "k") })
	if !strings.Contains(fmt.Sprint(got), "called next again after it had succeeded") {
		t.Errorf("panic %v", got)
	}
	if calls := inner.calls(); calls != "delete k" {
		t.Errorf("the store was asked %q", calls)
	}
}

// The keys of a batch are the caller's: an interceptor has its own list.
func TestInterceptorMayNotChangeKeys(t *testing.T) {
	inner := newSpy()
	forge := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next nextFunc) error {
		for i := range call.Keys {
			call.Keys[i] = "forged"
		}
		if cap(call.Keys) != len(call.Keys) {
			t.Errorf("%v: to append to %d keys writes to more than the interceptor's own", call.Op, len(call.Keys))
		}
		return next(ctx)
	})
	s := storage.Intercept[string](inner, forge, forge)
	keys := []string{"a", "b", "c"}
	for range 3 {
		got, err := storage.GetMany(t.Context(), s, keys[:2])
		if err != nil || len(got) != 2 || got["a"] != "value of a" {
			t.Errorf("GetMany: %v, %v", got, err)
		}
		if err := storage.DeleteMany(t.Context(), s, keys[:2]); err != nil {
			t.Error(err)
		}
		if _, err := storage.GetEntries(t.Context(), s, keys[:2]); err != nil {
			t.Error(err)
		}
		if err := storage.SetMany(t.Context(), s, map[string]string{"a": "1", "b": "2"}, 0); err != nil {
			t.Error(err)
		}
		if calls := inner.calls(); calls != "get_many a,b; delete_many a,b; get_entries a,b; set_many a=1,b=2 0s" {
			t.Errorf("the store was asked %q", calls)
		}
	}
	if !slices.Equal(keys, []string{"a", "b", "c"}) {
		t.Errorf("the caller's slice is %q", keys)
	}
}

// An interceptor changes a valid ttl into another valid one.
func TestInterceptorMayNotMendOrBreakTTL(t *testing.T) {
	for _, o := range operations {
		if !strings.Contains(o.native, "1m0s") {
			continue
		}
		inner := newSpy()
		negative := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next nextFunc) error {
			call.TTL = -1
			return next(ctx)
		})
		got := recovered(func() { _, _ = o.call(t.Context(), storage.Intercept[string](inner, negative)) })
		if want := fmt.Sprintf("storage: %s: interceptor storage.InterceptorFunc set a negative ttl", o.op); got != want {
			t.Errorf("panic %v, want %v", got, want)
		}
		// It was not sent, so whoever recovers may say so.
		recovering := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			if recovered(func() { _ = next(ctx) }) != nil {
				return storage.ErrUnknownOutcome
			}
			return nil
		})
		call := func(s storage.Store[string]) (err error) { _, err = o.call(t.Context(), s); return err }
		if err := call(storage.Intercept[string](inner, recovering, negative)); !errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("%v: %v", o.op, err)
		}
		own := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next nextFunc) error {
			ttl := call.TTL
			call.TTL = -1
			if recovered(func() { _ = next(ctx) }) == nil {
				t.Errorf("%v: no panic", o.op)
			}
			if call.TTL = ttl; o.op == storage.OpTouch {
				return errBoom
			}
			return next(ctx)
		})
		if err := call(storage.Intercept[string](inner, own)); err != nil && o.op != storage.OpTouch || o.op == storage.OpTouch && !errors.Is(err, errBoom) {
			t.Errorf("%v: %v", o.op, err)
		}
		if calls := inner.calls(); o.op != storage.OpTouch && calls != o.native {
			t.Errorf("%v: the store was asked %q", o.op, calls)
		}
	}

	inner := newSpy()
	mend := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next nextFunc) error {
		call.TTL = time.Hour
		return next(ctx)
	})
	_ = storage.Intercept[string](inner, mend).Set(t.Context(), "k", "v", -1)
	if calls := inner.calls(); calls != "set k=v -1ns" {
		t.Errorf("the store was asked %q, want the caller's invalid ttl", calls)
	}
}

// What an interceptor failed after it had succeeded has no values, in a batch
// too. What was read before a failure of the store has.
func TestValuesWithAnError(t *testing.T) {
	inner := newSpy()
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			return errors.Join(next(ctx), storage.ErrUnauthorized)
		}))
	for _, below := range []error{nil, errBoom} {
		inner.err = below
		want := 0
		if below != nil {
			want = 1
		}
		if got, err := storage.GetMany(t.Context(), s, []string{"a"}); len(got) != want || !errors.Is(err, storage.ErrUnauthorized) {
			t.Errorf("GetMany after %v: %v, %v", below, got, err)
		}
		if got, err := storage.GetEntries(t.Context(), s, []string{"a"}); len(got) != want || !errors.Is(err, storage.ErrUnauthorized) {
			t.Errorf("GetEntries after %v: %v, %v", below, got, err)
		}
	}
}

// A panic of the caller's loop is the caller's: nobody recovers it, and the
// loop does not run again.
func TestInterceptorMayNotRecoverTheLoop(t *testing.T) {
	for name, test := range map[string]struct {
		intercept func(ctx context.Context, next nextFunc) error
		want      string
	}{
		"an error": {func(ctx context.Context, next nextFunc) error {
			_ = recovered(func() { _ = next(ctx) })
			return errBoom
		}, "recovered a panic of its caller's loop"},
		"an honest interceptor": {func(ctx context.Context, next nextFunc) error { return next(ctx) }, "the body"},
		"another loop": {func(ctx context.Context, next nextFunc) error {
			_ = recovered(func() { _ = next(ctx) })
			return next(ctx)
		}, "called next again after a panic of its caller's loop"},
	} {
		s := storage.Intercept[string](newSpy(), storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next nextFunc) error { return test.intercept(ctx, next) }))
		rounds := 0
		got := recovered(func() {
			storage.Keys(t.Context(), s, "k")(func(string, error) bool {
				rounds++
				panic("the body")
			})
		})
		if !strings.Contains(fmt.Sprint(got), test.want) || rounds != 1 {
			t.Errorf("%s: panic %v after %d rounds, want %q after 1", name, got, rounds, test.want)
		}
	}
}

package breaker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestOpens(t *testing.T) {
	for _, test := range []struct {
		name  string
		opts  breaker.Options
		calls string // S and F, one after the other
		opens int    // at which call; 0 for never
	}{
		{"only failures", breaker.Options{}, "FFFFFFFFFFFFFFFFFFFFFFF", 20},
		{"half of them", breaker.Options{}, "SSSSSSSSSSFFFFFFFFFFFFF", 20},
		{"less than half", breaker.Options{}, "FFFFFFFFFSSSSSSSSSSSSSS", 0},
		{"not at a success", breaker.Options{}, "FFFFFFFFFFFFFFFFFFFSF", 21},
		{"failures later", breaker.Options{}, "SSSSSSSSSSSSSSSSSSSSSSFFFFFFFFFFFFFFFFFFFFFF", 44},
		{"MinCalls", breaker.Options{MinCalls: 3}, "FFFF", 3},
		{"MinCalls of 1", breaker.Options{MinCalls: 1}, "FFFF", 1},
		{"MinCalls with successes", breaker.Options{MinCalls: 4}, "SFSF", 4},
		{"Ratio of 1", breaker.Options{Ratio: 1, MinCalls: 3}, "SFFFFFFFF", 0},
		{"Ratio of 1, only failures", breaker.Options{Ratio: 1, MinCalls: 3}, "FFF", 3},
		{"a small Ratio", breaker.Options{Ratio: 0.1, MinCalls: 10}, "SSSSSSSSSSSFSF", 14},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := guard(test.opts)
			opened := 0
			for i, call := range test.calls {
				err := error(nil)
				if call == 'F' {
					err = errDown
				}
				_ = g.get(t.Context(), err)
				if g.now() == breaker.Open && opened == 0 {
					opened = i + 1
				}
			}
			if opened != test.opens {
				t.Errorf("%s: opened at call %d, want %d", test.name, opened, test.opens)
			}
		})
	}
}

// Results count for as long as Window, give or take a tenth.
func TestWindow(t *testing.T) {
	for _, window := range []time.Duration{0, time.Second, time.Hour, 50} {
		length := window
		if window == 0 {
			length = 10 * time.Second
		}
		for _, test := range []struct {
			after time.Duration
			open  bool
		}{
			{0, true},
			{length / 2, true},
			{length * 9 / 10, true},
			{length, false},
			{length * 3, false},
			{length * 1000, false},
		} {
			synctest.Test(t, func(t *testing.T) {
				g := guard(breaker.Options{Window: window, MinCalls: 4})
				for range 3 {
					_ = g.get(t.Context(), errDown)
				}
				time.Sleep(test.after)
				_ = g.get(t.Context(), errDown)
				if open := g.now() == breaker.Open; open != test.open {
					t.Errorf("Window %v: the fourth failure after %v: open is %v", window, test.after, open)
				}
			})
		}
	}
}

// A steady rate of failures is counted right while the window moves on.
func TestWindowMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{Window: 10 * time.Second, MinCalls: 10, Ratio: 0.6})
		for i := range 1000 { // 2 a second, every other one fails
			if i%2 == 0 {
				_ = g.get(t.Context(), errDown)
			} else {
				_ = g.get(t.Context(), nil)
			}
			time.Sleep(500 * time.Millisecond)
		}
		if seen := g.all(); len(seen) != 0 {
			t.Fatalf("a half fails, and 0.6 opens: %v", seen)
		}
		for i := range 6 {
			if i < 3 && g.now() == breaker.Open {
				t.Fatalf("open after %d more", i)
			}
			_ = g.get(t.Context(), errDown)
		}
		if g.now() != breaker.Open {
			t.Error("not open, although of 26 results in the window 16 are failures")
		}
	})
}

// A call that takes longer than the window counts when it ends: else a silent
// server would never be noticed.
func TestLongCallsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{Window: time.Second, MinCalls: 5})
		g.Hang()
		for range 5 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				_, _ = g.store.Get(ctx, "k")
			}()
		}
		time.Sleep(2 * time.Minute)
		if g.now() != breaker.Open {
			t.Errorf("after 5 calls that took a minute each the breaker is %v", g.now())
		}
	})
}

// kinds are all errors, and what they say of the store.
var kinds = []struct {
	err           error
	fails, serves bool
}{
	{nil, false, true},
	{storage.ErrNotFound, false, true},
	{fmt.Errorf("driver: %w", storage.ErrNotFound), false, true},
	{fmt.Errorf("driver: %w", storage.ErrConflict), false, true},
	{fmt.Errorf("driver: %w", storage.ErrUnavailable), true, false},
	{fmt.Errorf("driver: %w", storage.ErrUnknownOutcome), true, false},
	{fmt.Errorf("driver: %w", context.DeadlineExceeded), true, false},
	{fmt.Errorf("driver: %w: %w", storage.ErrUnavailable, storage.ErrNotFound), true, false},
	{errors.New("what nobody has heard of"), true, false},
	{fmt.Errorf("driver: %w", context.Canceled), false, false},
	{fmt.Errorf("driver: %w: %w", storage.ErrUnknownOutcome, context.Canceled), false, false},
	{fmt.Errorf("driver: %w", storage.ErrInvalidKey), false, false},
	{fmt.Errorf("driver: %w", storage.ErrInvalidTTL), false, false},
	{fmt.Errorf("driver: %w", storage.ErrInvalidValue), false, false},
	{fmt.Errorf("driver: %w", storage.ErrTooLarge), false, false},
	{fmt.Errorf("driver: %w", errors.ErrUnsupported), false, false},
	{fmt.Errorf("driver: %w", storage.ErrReadOnly), false, false},
	{fmt.Errorf("driver: %w", storage.ErrUnauthorized), false, false},
	{fmt.Errorf("driver: %w", storage.ErrOverloaded), false, false},
	{fmt.Errorf("driver: %w", storage.ErrCorrupt), false, false},
	{fmt.Errorf("driver: %w", storage.ErrClosed), false, false},
	{fmt.Errorf("driver: %w: %w", storage.ErrUnavailable, storage.ErrUnauthorized), false, false},
}

func TestWhatCounts(t *testing.T) {
	for _, kind := range kinds {
		synctest.Test(t, func(t *testing.T) {
			g := guard(breaker.Options{MinCalls: 10})
			for range 10 {
				if err := g.get(t.Context(), kind.err); kind.err != nil && err != kind.err {
					t.Fatalf("got %v, want %v", err, kind.err)
				}
			}
			if open := g.now() == breaker.Open; open != kind.fails {
				t.Errorf("10 of %v: open is %v", kind.err, open)
			}
		})
		// As a success it keeps nine failures from being the half.
		synctest.Test(t, func(t *testing.T) {
			g := guard(breaker.Options{MinCalls: 9})
			for range 10 {
				_ = g.get(t.Context(), kind.err)
			}
			for range 9 {
				_ = g.get(t.Context(), errDown)
			}
			if closed := g.now() == breaker.Closed; closed != kind.serves {
				t.Errorf("10 of %v and 9 failures: closed is %v", kind.err, closed)
			}
		})
	}
}

// What was asked with a context that had ended says nothing of the store.
func TestEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		for range 100 {
			if err := g.get(ctx, context.DeadlineExceeded); !storage.Failed(err) {
				t.Fatal(err)
			}
		}
		if g.now() != breaker.Closed {
			t.Errorf("callers who came too late opened the breaker")
		}
	})
}

// A caller's cancel counts neither way, although the outcome is unknown.
func TestCancelledCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		g.Hang()
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(time.Millisecond)
				cancel()
			}()
			if err := g.store.Set(ctx, "k", "value", 0); !errors.Is(err, storage.ErrUnknownOutcome) {
				t.Fatal(err)
			}
		}
		if g.now() != breaker.Closed {
			t.Errorf("callers who left opened the breaker")
		}
	})
}

// Every operation but Ping is refused by an open breaker, at once and before
// anything happens.
func TestOpenRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		g.open(t)
		before := make(map[storage.Op]int)
		for op := range intercepttest.Operations(g.store) {
			before[op] = g.Calls(op)
		}
		start := time.Now()
		for op, call := range intercepttest.Operations(g.store) {
			err := call(t.Context())
			if op == storage.OpPing {
				if err != nil || g.Calls(op) != 1 {
					t.Errorf("Ping: %v", err)
				}
				continue
			}
			want := fmt.Sprintf("breaker: %s: storage: unavailable: the circuit breaker is open", op)
			if !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) || err.Error() != want {
				t.Errorf("%v: got %q, want %q", op, err, want)
			}
			if g.Calls(op) != before[op] {
				t.Errorf("%v reaches the store", op)
			}
			var says interface{ Retryable() bool }
			if !errors.As(err, &says) || says.Retryable() {
				t.Errorf("%v: the refusal does not say that trying again is in vain", op)
			}
		}
		if time.Since(start) != 0 {
			t.Errorf("it took %v", time.Since(start))
		}
	})
}

// Ping tells of the store, and not of the breaker, and the breaker not of it.
func TestPingDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		g.Fail(errDown, storage.OpPing)
		for range 100 {
			if err := storage.Ping(t.Context(), g.store); err != errDown {
				t.Fatal(err)
			}
		}
		if g.now() != breaker.Closed {
			t.Error("pings that fail open the breaker")
		}
		g.halfOpen(t)
		for range 100 {
			if err := storage.Ping(t.Context(), g.store); err != nil {
				t.Fatal(err)
			}
		}
		if g.now() != breaker.Open {
			t.Errorf("pings that work have changed the state to %v", g.now())
		}
	})
}

// One interceptor is one breaker, whatever the stores have for values.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := breaker.Interceptor(breaker.Options{MinCalls: 2})
		names, faults := storagetest.Faulty(memstore.New[string]())
		names = storage.Intercept(names, one)
		ages := storage.Intercept(memstore.New[int](), one)
		faults.Fail(errDown)
		for range 2 {
			_, _ = names.Get(t.Context(), "k")
		}
		if _, err := ages.Get(t.Context(), "k"); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("another store of the interceptor: %v", err)
		}
		if _, err := breaker.New(memstore.New[int](), breaker.Options{}).Get(t.Context(), "k"); err != storage.ErrNotFound {
			t.Errorf("a store with a breaker of its own: %v", err)
		}
	})
}

func TestStateString(t *testing.T) {
	got := fmt.Sprint(breaker.Closed, breaker.HalfOpen, breaker.Open)
	if want := "closed half-open open"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !slices.IsSorted([]breaker.State{breaker.Closed, breaker.HalfOpen, breaker.Open}) {
		t.Error("the states are not ordered by how much is refused")
	}
}

func TestMisusePanics(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, test := range []struct {
		opts breaker.Options
		want string
	}{
		{breaker.Options{Ratio: -0.1}, "breaker: Ratio is -0.1, want 0 (0.5) to 1"},
		{breaker.Options{Ratio: 50}, "breaker: Ratio is 50, want 0 (0.5) to 1"},
		{breaker.Options{Ratio: nan}, "breaker: Ratio is NaN, want 0 (0.5) to 1"},
		{breaker.Options{MinCalls: -1}, "breaker: MinCalls is -1, want 0 (20) or more"},
		{breaker.Options{Window: -1}, "breaker: Window is -1ns, want 0 (10s) or more"},
		{breaker.Options{Cooldown: -1}, "breaker: Cooldown is -1ns, want 0 (5s) or more"},
		{breaker.Options{Probes: -1}, "breaker: Probes is -1, want 0 (3) or more"},
	} {
		intercepttest.Panics(t, test.want, func() { breaker.Interceptor(test.opts) })
	}
	intercepttest.Panics(t, "", func() { breaker.New[string](nil, breaker.Options{}) })
}

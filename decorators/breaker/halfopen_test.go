package breaker_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/storage"
)

// refused reports whether err is the breaker's and not the store's.
func refused(err error) bool {
	return errors.Is(err, storage.ErrUnavailable) && !errors.Is(err, errDown)
}

func TestCooldown(t *testing.T) {
	for _, cooldown := range []time.Duration{0, time.Second, 1<<63 - 1} {
		synctest.Test(t, func(t *testing.T) {
			g := guard(breaker.Options{Cooldown: cooldown})
			if cooldown == 0 {
				cooldown = 5 * time.Second
			}
			g.open(t)
			for range 3 {
				time.Sleep(cooldown/3 - 1)
				if err := g.get(t.Context(), nil); !refused(err) {
					t.Fatalf("before Cooldown: %v", err)
				}
			}
			if cooldown > time.Hour {
				return
			}
			time.Sleep(time.Second)
			if err := g.get(t.Context(), nil); err != storage.ErrNotFound || g.now() != breaker.HalfOpen {
				t.Errorf("after Cooldown: %v, and the breaker is %v", err, g.now())
			}
		})
	}
}

func TestSuccessesClose(t *testing.T) {
	for probes, want := range map[int]int{0: 3, 1: 1, 5: 5} {
		synctest.Test(t, func(t *testing.T) {
			g := guard(breaker.Options{Probes: probes})
			g.halfOpen(t)
			n := 0
			for ; g.now() != breaker.Closed && n < 10; n++ {
				if err := g.get(t.Context(), nil); err != storage.ErrNotFound {
					t.Fatal(err)
				}
			}
			if n != want {
				t.Errorf("Probes %d: closed after %d successes, want %d", probes, n, want)
			}
			// The failures from before the outage are forgotten.
			g.open(t)
		})
	}
}

// One failure opens the breaker again, for another Cooldown.
func TestFailureReopens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		g.halfOpen(t)
		_, _ = g.get(t.Context(), nil), g.get(t.Context(), nil)
		if err := g.get(t.Context(), errDown); err != errDown {
			t.Fatal(err)
		}
		time.Sleep(5*time.Second - 1)
		if err := g.get(t.Context(), nil); !refused(err) {
			t.Errorf("after a probe that failed: %v", err)
		}
		time.Sleep(1 * time.Nanosecond)
		// Successes from before do not count any more.
		_, _ = g.get(t.Context(), nil), g.get(t.Context(), nil)
		if g.now() != breaker.HalfOpen {
			t.Errorf("after two successes the breaker is %v", g.now())
		}
		_ = g.get(t.Context(), nil)
		want := []breaker.State{breaker.Open, breaker.HalfOpen, breaker.Open, breaker.HalfOpen, breaker.Closed}
		if got := g.all(); !slices.Equal(got, want) {
			t.Errorf("changes %v, want %v", got, want)
		}
	})
}

// Of many callers at once no more than Probes reach the store.
func TestHalfOpenLetsFewThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{})
		g.halfOpen(t)
		g.Hang()
		results := make(chan error, 100)
		for range 100 {
			go func() {
				_, err := g.store.Get(t.Context(), "k")
				results <- err
			}()
		}
		synctest.Wait()
		if g.Hanging() != 3 || len(results) != 97 {
			t.Errorf("%d calls in the store and %d refused, want 3 and 97", g.Hanging(), len(results))
		}
		for range 97 {
			if err := <-results; !refused(err) {
				t.Errorf("got %v", err)
			}
		}
		g.Heal()
		for range 3 {
			if err := <-results; err != storage.ErrNotFound {
				t.Errorf("got %v", err)
			}
		}
		if g.now() != breaker.Closed {
			t.Errorf("after three successes the breaker is %v", g.now())
		}
	})
}

// A probe whose result does not count makes room for another one.
func TestUncountedProbes(t *testing.T) {
	for _, kind := range kinds {
		if kind.fails || kind.serves {
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			g := guard(breaker.Options{Probes: 1})
			g.halfOpen(t)
			for range 10 {
				if err := g.get(t.Context(), kind.err); err != kind.err {
					t.Fatalf("a probe that ends with %v: %v", kind.err, err)
				}
			}
			if g.now() != breaker.HalfOpen {
				t.Errorf("%v as the result of a probe makes the breaker %v", kind.err, g.now())
			}
			if err := g.get(t.Context(), nil); err != storage.ErrNotFound || g.now() != breaker.Closed {
				t.Errorf("a success after it: %v, and the breaker is %v", err, g.now())
			}
		})
	}
}

// A probe that its caller cancels leaves the breaker as it was.
func TestCancelledProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := guard(breaker.Options{Probes: 1})
		g.halfOpen(t)
		g.Hang()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- g.store.Set(ctx, "k", "value", 0) }()
		synctest.Wait()
		if _, err := g.store.Get(t.Context(), "k"); !refused(err) {
			t.Errorf("a second probe: %v", err)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		g.Heal()
		if g.now() != breaker.HalfOpen {
			t.Errorf("a cancelled probe makes the breaker %v", g.now())
		}
		if _, err := g.store.Get(t.Context(), "k"); err != storage.ErrNotFound || g.now() != breaker.Closed {
			t.Errorf("the probe after it: %v, and the breaker is %v", err, g.now())
		}
	})
}

// Nor does a probe that panics, or whose goroutine ends.
func TestAbnormalProbe(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("below") },
		"Goexit": runtime.Goexit,
	} {
		synctest.Test(t, func(t *testing.T) {
			seen := new(states)
			var meet func() error
			next := storage.Intercept(memstore.New[string](), storage.InterceptorFunc(
				func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
					if err := meet(); err != nil {
						return err
					}
					return next(ctx)
				}))
			store := breaker.New(next, breaker.Options{Probes: 1, MinCalls: 1, OnStateChange: seen.change})
			meet = func() error { return errDown }
			_, _ = store.Get(t.Context(), "k")
			time.Sleep(5 * time.Second)
			meet = func() error { end(); return nil }
			for range 3 {
				done := make(chan struct{})
				go func() {
					defer close(done)
					defer func() { _ = recover() }()
					_, _ = store.Get(t.Context(), "k")
				}()
				<-done
			}
			meet = func() error { return nil }
			if _, err := store.Get(t.Context(), "k"); err != storage.ErrNotFound || seen.now() != breaker.Closed {
				t.Errorf("after a %s: %v, and the breaker is %v", name, err, seen.now())
			}
		})
	}
}

// turnstile is a store whose calls end when the test says so, whatever their
// contexts do.
type turnstile struct {
	t     *testing.T
	store storage.Store[string]
	calls []chan error
	*states
}

func newTurnstile(t *testing.T, opts breaker.Options) *turnstile {
	s := &turnstile{t: t, states: new(states)}
	opts.OnStateChange = s.change
	s.store = breaker.New(storage.Intercept[string](memstore.New[string](), s), opts)
	return s
}

func (s *turnstile) Intercept(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	call := make(chan error)
	s.calls = append(s.calls, call)
	if err := <-call; err != nil {
		return err
	}
	return next(ctx)
}

// begin begins a call and reports whether it has reached the store.
func (s *turnstile) begin() bool {
	before := len(s.calls)
	go func() { _, _ = s.store.Get(s.t.Context(), "k") }()
	synctest.Wait()
	return len(s.calls) > before
}

// reach begins n calls and returns how many have reached the store.
func (s *turnstile) reach(n int) (reached int) {
	for range n {
		if s.begin() {
			reached++
		}
	}
	return reached
}

// end ends the i-th call that has reached the store with err, and checks the
// state after that.
func (s *turnstile) end(i int, err error, want breaker.State) {
	s.t.Helper()
	s.calls[i] <- err
	synctest.Wait()
	if s.now() != want {
		s.t.Errorf("call %d ends with %v, and the breaker is %v, want %v", i, err, s.now(), want)
	}
}

// Results count for the state in which their operation began.
func TestLateResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTurnstile(t, breaker.Options{Probes: 1, MinCalls: 1})
		for range 6 {
			s.begin()
		}
		s.end(0, errDown, breaker.Open)
		s.end(1, nil, breaker.Open)
		s.end(2, errDown, breaker.Open)
		time.Sleep(5 * time.Second)
		if !s.begin() {
			t.Fatal("no probe after Cooldown")
		}
		s.end(3, nil, breaker.HalfOpen)
		s.end(4, errDown, breaker.HalfOpen)
		if s.begin() {
			t.Error("the results of others have made room for a second probe")
		}
		s.end(6, nil, breaker.Closed)
		s.end(5, errDown, breaker.Closed)
	})
}

// Probes that do not come back, because the store does not heed contexts, make
// room after Cooldown, and their late results count no more.
func TestProbesThatDoNotComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTurnstile(t, breaker.Options{Probes: 2, MinCalls: 1})
		s.begin()
		s.end(0, errDown, breaker.Open)
		time.Sleep(5 * time.Second)
		if n := s.reach(3); n != 2 {
			t.Fatalf("%d of 3 are probes, want 2", n)
		}
		time.Sleep(5*time.Second - 1)
		if s.begin() {
			t.Error("a third probe before Cooldown")
		}
		time.Sleep(1 * time.Nanosecond)
		if n := s.reach(3); n != 2 {
			t.Fatalf("after Cooldown %d of 3 are probes, want 2", n)
		}
		s.end(1, errDown, breaker.HalfOpen)
		s.end(2, nil, breaker.HalfOpen)
		s.end(3, nil, breaker.HalfOpen)
		s.end(4, nil, breaker.Closed)
	})
}

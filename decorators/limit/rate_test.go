package limit_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
)

// about reports whether d is want, but for what x/time rounds.
func about(d, want time.Duration) bool { return (d - want).Abs() < time.Microsecond }

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Rate: 100, Burst: 3, MaxWait: time.Hour})
		start := time.Now()
		for i := range 10 {
			if _, err := l.store.Get(t.Context(), "k"); err != storage.ErrNotFound {
				t.Fatal(err)
			}
			want := time.Duration(max(0, i-2)) * 10 * time.Millisecond
			if took := time.Since(start); !about(took, want) {
				t.Errorf("call %d after %v, want %v", i, took, want)
			}
		}
		time.Sleep(time.Hour) // not saved up
		start = time.Now()
		for range 4 {
			_, _ = l.store.Get(t.Context(), "k")
		}
		if took := time.Since(start); !about(took, 10*time.Millisecond) {
			t.Errorf("a burst of 3 and one more took %v", took)
		}
	})
}

func TestBurst(t *testing.T) {
	for _, test := range []struct {
		rate  float64
		burst int
		want  int
	}{
		{50, 0, 50}, {2.5, 0, 3}, {0.1, 0, 1}, {50, 7, 7}, {1, 80, 80},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := limits(limit.Options{Rate: test.rate, Burst: test.burst, MaxWait: limit.NoWait})
			n := 0
			for ; n < 100; n++ {
				_, err := l.store.Get(t.Context(), "k")
				if overloaded(err) {
					if err.Error() != "limit: get: storage: overloaded: too many a second" {
						t.Errorf("got %v", err)
					}
					break
				}
			}
			if n != test.want {
				t.Errorf("Rate %v, Burst %d: %d at once, want %d", test.rate, test.burst, n, test.want)
			}
		})
	}
}

// What would wait for longer than MaxWait, or than its caller does, is refused at
// once, and costs the others nothing.
func TestRateRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Rate: 10, Burst: 1}) // a wait of 100 ms for the second
		_, _ = l.store.Get(t.Context(), "k")
		l.begin(t.Context(), 1)
		start := time.Now()
		for range 5 {
			if _, err := l.store.Get(t.Context(), "k"); !overloaded(err) || time.Since(start) != 0 {
				t.Errorf("the third: %v after %v", err, time.Since(start))
			}
		}
		if err := <-l.results; err != storage.ErrNotFound || !about(time.Since(start), 100*time.Millisecond) {
			t.Errorf("the second: %v after %v", err, time.Since(start))
		}
		hasty, cancel := context.WithTimeout(t.Context(), 99*time.Millisecond)
		defer cancel()
		start = time.Now()
		if _, err := l.store.Get(hasty, "k"); !overloaded(err) || time.Since(start) != 0 {
			t.Errorf("a caller without time for its turn: %v after %v", err, time.Since(start))
		}
	})
}

// Who leaves before its turn gives it to the next.
func TestLeavingGivesTheTurnBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Rate: 1, Burst: 1, MaxWait: time.Hour})
		_, _ = l.store.Get(t.Context(), "k")
		ctx, cancel := context.WithCancel(t.Context())
		l.begin(ctx, 1)
		cancel()
		<-l.results
		start := time.Now()
		_, _ = l.store.Get(t.Context(), "k")
		if took := time.Since(start); !about(took, time.Second) {
			t.Errorf("the next turn came after %v, want 1s", took)
		}
	})
}

// A batch costs as much as it has keys, and Burst at most.
func TestBatchesCostKeys(t *testing.T) {
	keys := make([]string, 100)
	values := make(map[string]string)
	for i := range keys {
		keys[i] = fmt.Sprint("key ", i)
		values[keys[i]] = "value"
	}
	for name, call := range map[string]func(ctx context.Context, s storage.Store[string], n int) error{
		"GetMany": func(ctx context.Context, s storage.Store[string], n int) error {
			_, err := storage.GetMany(ctx, s, keys[:n])
			return err
		},
		"GetEntries": func(ctx context.Context, s storage.Store[string], n int) error {
			_, err := storage.GetEntries(ctx, s, keys[:n])
			return err
		},
		"DeleteMany": func(ctx context.Context, s storage.Store[string], n int) error {
			return storage.DeleteMany(ctx, s, keys[:n])
		},
		"SetMany": func(ctx context.Context, s storage.Store[string], n int) error {
			some := make(map[string]string)
			for _, key := range keys[:n] {
				some[key] = "value"
			}
			return storage.SetMany(ctx, s, some, 0)
		},
	} {
		for keys, cost := range map[int]int{0: 1, 1: 1, 8: 8, 10: 10, 100: 10} {
			synctest.Test(t, func(t *testing.T) {
				l := limits(limit.Options{Rate: 10, Burst: 10, MaxWait: time.Hour})
				start := time.Now()
				if err := call(t.Context(), l.store, keys); err != nil || time.Since(start) != 0 {
					t.Errorf("%s of %d keys: %v after %v", name, keys, err, time.Since(start))
				}
				for range 10 {
					_, _ = l.store.Get(t.Context(), "k")
				}
				if took, want := time.Since(start), time.Duration(cost)*100*time.Millisecond; !about(took, want) {
					t.Errorf("%s of %d keys and 10 Gets took %v, want %v", name, keys, took, want)
				}
			})
		}
	}
}

// What has waited for its rate and waits for a place then has no more time than
// MaxWait in all.
func TestRateAndConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Rate: 10, Burst: 1, Concurrent: 1, Queue: 2, MaxWait: 250 * time.Millisecond})
		l.Hang()
		l.begin(t.Context(), 3) // at 0, 100 and 200 ms
		l.want(t, "in the beginning", 1, 0)
		time.Sleep(249 * time.Millisecond)
		l.want(t, "before MaxWait", 1, 0)
		time.Sleep(time.Millisecond)
		l.want(t, "after MaxWait", 1, 2)
		l.Heal()
		l.want(t, "healed", 0, 3)
	})
}

func TestMisusePanics(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, test := range []struct {
		opts limit.Options
		want string
	}{
		{limit.Options{Concurrent: -2}, "limit: Concurrent is -2, want Unlimited, 0 (256) or more"},
		{limit.Options{Queue: -1}, "limit: Queue is -1, want 0 (Concurrent) or more"},
		{limit.Options{Rate: -1}, "limit: Rate is -1, want 0 (no bound) to 2147483647"},
		{limit.Options{Rate: nan}, "limit: Rate is NaN, want 0 (no bound) to 2147483647"},
		{limit.Options{Rate: 1e18}, "limit: Rate is 1e+18, want 0 (no bound) to 2147483647"},
		{limit.Options{Burst: -1}, "limit: Burst is -1, want 0 (Rate) or more"},
		{limit.Options{Burst: 5}, "limit: Burst is 5, without a Rate"},
		{limit.Options{MaxWait: -2}, "limit: MaxWait is -2ns, want NoWait, 0 (100ms) or more"},
	} {
		intercepttest.Panics(t, test.want, func() { limit.Interceptor(test.opts) })
	}
	intercepttest.Panics(t, "", func() { limit.New[string](nil, limit.Options{}) })
}

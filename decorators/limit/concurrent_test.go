package limit_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// limited is a store behind limits, over faults.
type limited struct {
	store storage.Store[string]
	*storagetest.Faults
	results chan error
}

func limits(opts limit.Options) limited {
	next, faults := storagetest.Faulty(memstore.New[string]())
	return limited{limit.New(next, opts), faults, make(chan error, 1000)}
}

// begin begins n Gets, one after the other.
func (l limited) begin(ctx context.Context, n int) {
	for range n {
		go func() {
			_, err := l.store.Get(ctx, "k")
			l.results <- err
		}()
		synctest.Wait()
	}
}

// want checks how many calls are in the store and how many have returned.
func (l limited) want(t *testing.T, when string, inside, returned int) {
	t.Helper()
	synctest.Wait()
	if l.Hanging() != inside || len(l.results) != returned {
		t.Errorf("%s: %d calls in the store and %d have returned, want %d and %d",
			when, l.Hanging(), len(l.results), inside, returned)
	}
}

func overloaded(err error) bool {
	return errors.Is(err, storage.ErrOverloaded) && storage.Failed(err) && !errors.Is(err, storage.ErrUnknownOutcome)
}

func TestConcurrent(t *testing.T) {
	for concurrent, places := range map[int]int{0: 256, 1: 1, 7: 7} {
		synctest.Test(t, func(t *testing.T) {
			l := limits(limit.Options{Concurrent: concurrent})
			l.Hang()
			l.begin(t.Context(), 2*places)
			l.want(t, "as many as wait", places, 0)
			l.begin(t.Context(), 1)
			l.want(t, "one more", places, 1)
			if err := <-l.results; !overloaded(err) || err.Error() != "limit: get: storage: overloaded: too many at a time" {
				t.Errorf("got %v", err)
			}
			l.Heal()
			l.want(t, "healed", 0, 2*places)
		})
	}
}

func TestUnlimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Concurrent: limit.Unlimited, MaxWait: limit.NoWait})
		l.Hang()
		l.begin(t.Context(), 900)
		l.want(t, "without a bound", 900, 0)
		l.Heal()
	})
}

func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Concurrent: 2, Queue: 3})
		l.Hang()
		l.begin(t.Context(), 6)
		l.want(t, "2 and 3 and one", 2, 1)
		time.Sleep(100*time.Millisecond - 1)
		l.want(t, "before MaxWait", 2, 1)
		time.Sleep(1 * time.Nanosecond)
		l.want(t, "after MaxWait", 2, 4)
		for range 4 {
			if err := <-l.results; !overloaded(err) {
				t.Errorf("got %v", err)
			}
		}
		l.begin(t.Context(), 4) // the queue is empty again
		l.want(t, "2 and 3 and one", 2, 1)
		l.Heal()
		l.want(t, "healed", 0, 6)
	})
}

func TestNoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Concurrent: 2, MaxWait: limit.NoWait})
		l.Hang()
		l.begin(t.Context(), 3)
		l.want(t, "2 and one", 2, 1)
		if err := <-l.results; !overloaded(err) {
			t.Errorf("got %v", err)
		}
		l.Heal()
	})
}

// Turns come in order, also to who comes when a place becomes free.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		slow := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			order = append(order, call.Key)
			time.Sleep(10 * time.Millisecond)
			return next(ctx)
		})
		store := limit.New(storage.Intercept(memstore.New[string](), slow), limit.Options{Concurrent: 1, Queue: 10})
		for _, key := range []string{"a", "b", "c", "d", "e"} {
			go func() { _, _ = store.Get(t.Context(), key) }()
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(order); got != 5 {
			t.Fatalf("%d of 5 had their turn", got)
		}
		for i, key := range order {
			if want := string(rune('a' + i)); key != want {
				t.Errorf("order %v", order)
			}
		}
	})
}

// Who leaves while it waits returns at once, does nothing and takes no place.
func TestLeaving(t *testing.T) {
	for _, opts := range []limit.Options{
		{Concurrent: 1, MaxWait: time.Hour},
		{Rate: 0.001, Burst: 1, MaxWait: time.Hour, Concurrent: 1},
	} {
		for name, begin := range map[string]func(context.Context) (context.Context, context.CancelFunc){
			"a cancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(20*time.Minute, cancel)
				return ctx, cancel
			},
			"a deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 20*time.Minute)
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				l := limits(opts)
				l.Hang()
				l.begin(t.Context(), 1)
				ctx, cancel := begin(t.Context())
				defer cancel()
				start := time.Now()
				err := l.store.Set(ctx, "k", "value", 0)
				if !errors.Is(err, ctx.Err()) || overloaded(err) || errors.Is(err, storage.ErrUnknownOutcome) {
					t.Errorf("%+v, %s: got %v", opts, name, err)
				}
				// Of a rate it is known that the turn does not come before the
				// deadline.
				if took := time.Since(start); took != 20*time.Minute {
					t.Errorf("%+v, %s: returned after %v", opts, name, took)
				}
				l.Heal()
				if l.Calls(storage.OpSet) != 0 {
					t.Error("the write was sent")
				}
				time.Sleep(time.Hour)
				if _, err := l.store.Get(t.Context(), "k"); err != storage.ErrNotFound {
					t.Errorf("%+v, %s: the place is lost: %v", opts, name, err)
				}
			})
		}
	}
}

// A context that has ended before is no reason to say that the store is busy.
func TestEndedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, opts := range []limit.Options{
			{Concurrent: 1},
			{Concurrent: 1, MaxWait: limit.NoWait},
			{Concurrent: 1, Rate: 1},
			{Concurrent: 1, Rate: 1, MaxWait: limit.NoWait},
		} {
			l := limits(opts)
			l.Hang()
			l.begin(t.Context(), 1)
			if _, err := l.store.Get(ended, "k"); !errors.Is(err, context.Canceled) || overloaded(err) {
				t.Errorf("%+v: got %v", opts, err)
			}
			l.Heal()
		}
	})
}

// A panic below, and the end of a goroutine, leave no place taken.
func TestAbnormalEnds(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("below") },
		"Goexit": runtime.Goexit,
	} {
		var ends bool
		next := storage.Intercept(memstore.New[string](), storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				if ends {
					end()
				}
				return next(ctx)
			}))
		store := limit.New(next, limit.Options{Concurrent: 1, MaxWait: limit.NoWait})
		ends = true
		for range 3 {
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				_, _ = store.Get(t.Context(), "k")
			}()
			<-done
		}
		ends = false
		if _, err := store.Get(t.Context(), "k"); err != storage.ErrNotFound {
			t.Errorf("after a %s: %v", name, err)
		}
	}
}

// A loop over Keys holds no place: it may use the store.
func TestKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Concurrent: 1, MaxWait: limit.NoWait})
		for _, key := range []string{"a", "b", "c"} {
			if err := l.store.Set(t.Context(), key, "value", 0); err != nil {
				t.Fatal(err)
			}
		}
		n := 0
		for key, err := range storage.Keys(t.Context(), l.store, "") {
			if err != nil {
				t.Fatal(err)
			}
			if err := l.store.Delete(t.Context(), key); err != nil {
				t.Errorf("in the loop: %v", err)
			}
			n++
		}
		if n != 3 {
			t.Errorf("%d keys", n)
		}
		// But it waits for one to begin.
		l.Hang(storage.OpGet)
		l.begin(t.Context(), 1)
		for key, err := range storage.Keys(t.Context(), l.store, "") {
			if key != "" || !overloaded(err) {
				t.Errorf("Keys of a store that is full: %q, %v", key, err)
			}
		}
		l.Heal()
	})
}

func TestPingIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits(limit.Options{Concurrent: 1, Rate: 1, MaxWait: limit.NoWait})
		for range 10 {
			if err := storage.Ping(t.Context(), l.store); err != nil {
				t.Error(err)
			}
		}
		l.Hang(storage.OpGet)
		l.begin(t.Context(), 1)
		if err := storage.Ping(t.Context(), l.store); err != nil || l.Hanging() != 1 {
			t.Errorf("Ping of a store that is full: %v", err)
		}
		l.Heal()
	})
}

// One interceptor is one limit, whatever the stores have for values.
func TestShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one := limit.Interceptor(limit.Options{Concurrent: 1, MaxWait: limit.NoWait})
		next, faults := storagetest.Faulty(memstore.New[string]())
		names := storage.Intercept(next, one)
		ages := storage.Intercept(memstore.New[int](), one)
		faults.Hang()
		go func() { _, _ = names.Get(t.Context(), "k") }()
		synctest.Wait()
		if _, err := ages.Get(t.Context(), "k"); !overloaded(err) {
			t.Errorf("another store of the interceptor: %v", err)
		}
		if _, err := limit.New(memstore.New[int](), limit.Options{}).Get(t.Context(), "k"); err != storage.ErrNotFound {
			t.Errorf("a store with limits of its own: %v", err)
		}
		faults.Heal()
	})
}

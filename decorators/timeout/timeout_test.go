package timeout_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// operations calls every operation that is timed on key "k" once.
func operations(s storage.Store[string]) map[storage.Op]func(context.Context) error {
	all := intercepttest.Operations(s)
	delete(all, storage.OpKeys)
	return all
}

// patience is how long each operation may take, by default.
var patience = map[storage.Op]time.Duration{
	storage.OpGet: time.Second, storage.OpHas: time.Second, storage.OpGetEntry: time.Second, storage.OpPing: time.Second,
	storage.OpSet: time.Second, storage.OpDelete: time.Second, storage.OpCompareAndSwap: time.Second,
	storage.OpTake: time.Second, storage.OpTouch: time.Second,
	storage.OpGetMany: 5 * time.Second, storage.OpSetMany: 5 * time.Second,
	storage.OpDeleteMany: 5 * time.Second, storage.OpGetEntries: 5 * time.Second,
	storage.OpDeletePrefix: time.Minute,
}

func TestDefaults(t *testing.T) {
	for op := range operations(nil) {
		synctest.Test(t, func(t *testing.T) {
			next, faults := storagetest.Faulty(memstore.New[string]())
			faults.Hang()
			start := time.Now()
			err := operations(timeout.New(next, timeout.Options{}))[op](t.Context())
			if took := time.Since(start); took != patience[op] {
				t.Errorf("%v took %v, want %v", op, took, patience[op])
			}
			if !errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) || !storage.Failed(err) {
				t.Errorf("%v: got %v", op, err)
			}
			if errors.Is(err, storage.ErrUnknownOutcome) == op.ReadOnly() {
				t.Errorf("%v: got %v, and the store below said that the outcome of a write is unknown", op, err)
			}
			if want := fmt.Sprintf("timeout: %s: not done within %v: ", op, patience[op]); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%v: got %q, want it to begin with %q", op, err, want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	opts := timeout.Options{Read: 1 * time.Hour, Write: 2 * time.Hour, Batch: 3 * time.Hour, DeletePrefix: 4 * time.Hour}
	want := map[time.Duration]time.Duration{time.Minute: 4 * time.Hour, 5 * time.Second: 3 * time.Hour}
	for op := range operations(nil) {
		synctest.Test(t, func(t *testing.T) {
			next, faults := storagetest.Faulty(memstore.New[string]())
			faults.Hang()
			start := time.Now()
			_ = operations(timeout.New(next, opts))[op](t.Context())
			want, ok := want[patience[op]]
			if !ok {
				want = 2 * time.Hour
				if op.ReadOnly() {
					want = time.Hour
				}
			}
			if took := time.Since(start); took != want {
				t.Errorf("%v took %v, want %v", op, took, want)
			}
		})
	}
}

// A definite failure stays one: the write had not been sent.
func TestDefiniteStaysDefinite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, faults := storagetest.Faulty(memstore.New[string]())
		faults.Delay(time.Hour)
		store := timeout.New(next, timeout.Options{})
		err := store.Set(t.Context(), "k", "value", 0)
		if !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("got %v", err)
		}
	})
}

// What the caller's own context does is the caller's: no failure of the store is
// made of it, and its deadline does not move.
func TestCallersOwn(t *testing.T) {
	for name, test := range map[string]struct {
		context func(context.Context) (context.Context, context.CancelFunc)
		after   time.Duration
		want    error
	}{
		"a nearer deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 300*time.Millisecond)
		}, 300 * time.Millisecond, context.DeadlineExceeded},
		"the same deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, time.Second, context.DeadlineExceeded},
		"a cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(300*time.Millisecond, cancel)
			return ctx, cancel
		}, 300 * time.Millisecond, context.Canceled},
		"ended before": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, 0, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := test.context(t.Context())
			defer cancel()
			next, faults := storagetest.Faulty(memstore.New[string]())
			faults.Hang()
			start := time.Now()
			_, err := timeout.New(next, timeout.Options{}).Get(ctx, "k")
			if took := time.Since(start); took != test.after {
				t.Errorf("%s: took %v, want %v", name, took, test.after)
			}
			if !errors.Is(err, test.want) || errors.Is(err, storage.ErrUnavailable) || strings.Contains(err.Error(), "timeout:") {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

// A deadline that is further away is brought forward, and the rest of the
// context goes down.
func TestFurtherDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		next, faults := storagetest.Faulty(memstore.New[string]())
		faults.Hang()
		start := time.Now()
		_, err := timeout.New(next, timeout.Options{}).Get(ctx, "k")
		if time.Since(start) != time.Second || !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

// Of two timeouts the one that was reached is named, whichever is outside.
func TestNested(t *testing.T) {
	for name, test := range map[string]struct{ outer, inner, want string }{
		"the inner one": {"10s", "2s", "within 2s"},
		"the outer one": {"2s", "10s", "within 2s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			next, faults := storagetest.Faulty(memstore.New[string]())
			faults.Hang()
			inner, _ := time.ParseDuration(test.inner)
			outer, _ := time.ParseDuration(test.outer)
			store := timeout.New(timeout.New(next, timeout.Options{Read: inner}), timeout.Options{Read: outer})
			_, err := store.Get(t.Context(), "k")
			if strings.Count(err.Error(), "timeout:") != 1 || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

// A loop over Keys takes as long as it takes.
func TestKeysIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := timeout.New(memstore.New[string](), timeout.Options{Read: 1, Batch: 1})
		for _, key := range []string{"a", "b", "c"} {
			_ = store.Set(t.Context(), key, "value", 0)
		}
		n := 0
		for _, err := range storage.Keys(t.Context(), store, "") {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			n++
		}
		if n != 3 {
			t.Errorf("%d keys, want 3", n)
		}
	})
}

// What comes after the deadline all the same is what happened.
func TestStoreThatDoesNotListen(t *testing.T) {
	for name, end := range map[string]error{
		"success":            nil,
		"a miss":             storage.ErrNotFound,
		"another failure":    storage.ErrUnauthorized,
		"an unknown outcome": storage.ErrUnknownOutcome,
	} {
		synctest.Test(t, func(t *testing.T) {
			deaf := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				time.Sleep(time.Minute)
				if end != nil {
					return end
				}
				return next(context.WithoutCancel(ctx))
			})
			store := timeout.New(storage.Intercept(memstore.New[string](), deaf), timeout.Options{})
			if err := store.Set(t.Context(), "k", "value", 0); err != end {
				t.Errorf("%s: got %v", name, err)
			}
		})
	}
}

// An adapter may notice the deadline before the context's timer does.
func TestDeadlineNoticedBelow(t *testing.T) {
	early := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, _ func(context.Context) error) error {
		deadline, _ := ctx.Deadline()
		for time.Now().Before(deadline) {
		}
		return fmt.Errorf("driver: %w", context.DeadlineExceeded)
	})
	store := timeout.New(storage.Intercept(memstore.New[string](), early), timeout.Options{Read: time.Millisecond})
	for range 50 {
		if _, err := store.Get(t.Context(), "k"); !errors.Is(err, storage.ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
}

func TestMisusePanics(t *testing.T) {
	for want, opts := range map[string]timeout.Options{
		"timeout: Read is -1ns, want 0 (1s) or more":           {Read: -1},
		"timeout: Write is -1ns, want 0 (1s) or more":          {Write: -1},
		"timeout: Batch is -1ns, want 0 (5s) or more":          {Batch: -1},
		"timeout: DeletePrefix is -1ns, want 0 (1m0s) or more": {DeletePrefix: -1},
	} {
		intercepttest.Panics(t, want, func() { timeout.Interceptor(opts) })
	}
	intercepttest.Panics(t, "", func() { timeout.New[string](nil, timeout.Options{}) })
}

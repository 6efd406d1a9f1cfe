package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

// hostile is an interceptor that does what it must not, by chance.
type hostile struct {
	t       *testing.T
	dice    *dice
	running sync.WaitGroup // what it left in the background

	mu   sync.Mutex
	kept []nextFunc
}

// Intercept plays one of the tricks.
func (h *hostile) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if h.dice.roll(3) == 0 {
		return next(ctx) // honest
	}
	return tricks[h.dice.roll(len(tricks))](h, ctx, call, next)
}

var tricks = []func(h *hostile, ctx context.Context, call *storage.Call, next nextFunc) error{
	// What it makes up, without next and after it.
	func(*hostile, context.Context, *storage.Call, nextFunc) error { return nil },
	func(*hostile, context.Context, *storage.Call, nextFunc) error { return storage.ErrReadOnly },
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error { _ = next(ctx); return nil },
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		return errBoom
	},
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		return storage.ErrNotFound
	},
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		return storage.ErrConflict
	},
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		return storage.ErrUnknownOutcome
	},
	// Too often, too early, too late.
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		return next(ctx)
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) (err error) {
		for range 3 {
			if h.try(func() { err = next(ctx) }); err == nil {
				break
			}
		}
		return err
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) (err error) {
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { h.try(func() { _ = next(ctx) }) })
		}
		h.try(func() { err = next(ctx) })
		all.Wait()
		return err
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		begun := make(chan struct{})
		h.running.Go(func() { close(begun); h.try(func() { _ = next(ctx) }) })
		<-begun
		return errBoom
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		begun := make(chan struct{})
		h.running.Go(func() { close(begun); h.try(func() { _ = next(ctx) }) })
		<-begun
		panic(fault{})
	},
	// A next that was kept.
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		h.keep(next)
		return next(ctx)
	},
	func(h *hostile, _ context.Context, _ *storage.Call, next nextFunc) error {
		h.keep(next)
		return errBoom
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		h.haunt(ctx)
		return next(ctx)
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, _ nextFunc) error {
		h.haunt(ctx)
		return errBoom
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		h.running.Go(func() { h.haunt(ctx) })
		return next(ctx)
	},
	// Panics and contexts.
	func(*hostile, context.Context, *storage.Call, nextFunc) error { panic(fault{}) },
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		_ = next(ctx)
		panic(fault{})
	},
	func(h *hostile, ctx context.Context, _ *storage.Call, next nextFunc) (err error) {
		if h.try(func() { err = next(ctx) }) {
			return storage.ErrUnavailable
		}
		return err
	},
	func(_ *hostile, ctx context.Context, _ *storage.Call, next nextFunc) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return next(ctx)
	},
	// The fields of the call.
	func(_ *hostile, ctx context.Context, call *storage.Call, next nextFunc) error {
		for i := range call.Keys {
			call.Keys[i] = "forged"
		}
		return next(ctx)
	},
	func(_ *hostile, ctx context.Context, call *storage.Call, next nextFunc) error {
		*call = storage.Call{Op: storage.OpDelete, Key: "forged", Keys: []string{"forged"}, TTL: call.TTL}
		return next(ctx)
	},
	func(_ *hostile, ctx context.Context, call *storage.Call, next nextFunc) error {
		call.TTL = -1
		return next(ctx)
	},
}

// try calls f and reports whether it panicked, which it may with what is
// clear.
func (h *hostile) try(f func()) bool {
	got := recovered(f)
	checkPanic(h.t, got)
	return got != nil
}

func (h *hostile) keep(next nextFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.kept) < 32 {
		h.kept = append(h.kept, next)
		return
	}
	h.kept[h.dice.roll(len(h.kept))] = next
}

// haunt calls a next that was kept.
func (h *hostile) haunt(ctx context.Context) {
	h.mu.Lock()
	var next nextFunc
	if len(h.kept) > 0 {
		next = h.kept[h.dice.roll(len(h.kept))]
	}
	h.mu.Unlock()
	if next != nil {
		h.try(func() { _ = next(ctx) })
	}
}

// checkPanic checks that a panic is one of ours or a clear one.
func checkPanic(t *testing.T, got any) {
	if got == nil || got == (fault{}) {
		return
	}
	if text, ok := got.(string); ok && strings.HasPrefix(text, "storage: ") {
		for _, clear := range []string{
			"returned nil without calling next",
			"returned nil although next failed",
			"returned a definite error although the write was done",
			"returned a definite error although the write may have been done",
			"returned an answer that next did not give",
			"returned an error that is no failure although next failed",
			"returned while next was running",
			"recovered a panic of its caller's loop",
			"called next again after a panic of its caller's loop",
			"called next while next was running",
			"called next again after it had succeeded",
			"called next after Intercept had returned",
			"set a negative ttl",
		} {
			if strings.HasSuffix(text, clear) {
				return
			}
		}
	}
	t.Errorf("a panic that is not clear: %v", got)
}

// answers reports whether err says what the store found.
func answers(err error) bool {
	return !storage.Failed(err) && (errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict))
}

// definite reports whether err says that a write was not done.
func definite(err error) bool { return err != nil && !errors.Is(err, storage.ErrUnknownOutcome) }

func valueOf(key string) string { return fmt.Sprint("value of ", key) }

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

// gate is a store whose calls wait until it is opened.
type gate struct {
	*three
	entered, open chan struct{}
}

func newGate() gate { return gate{newThree(), make(chan struct{}, 10), make(chan struct{})} }

func (g gate) Get(context.Context, string) (string, error) {
	g.entered <- struct{}{}
	<-g.open
	return "v", nil
}

// What would tell the caller a lie is a panic that says who lied, and how.
func TestInterceptorMayNotLie(t *testing.T) {
	type next = func(context.Context) error
	failing := newThree()
	failing.err = storage.ErrUnavailable
	working := newThree()
	working.values["k"] = "v"
	tests := []struct {
		name      string
		store     storage.Store[string]
		intercept func(ctx context.Context, next next) error
		want      string
	}{
		{"nil without next", working, func(context.Context, next) error { return nil }, "returned nil without calling next"},
		{"nil after a failure", failing, func(ctx context.Context, next next) error { _ = next(ctx); return nil }, "returned nil although next failed"},
		{"nil after a miss", newThree(), func(ctx context.Context, next next) error { _ = next(ctx); return nil }, "returned nil although next failed"},
		{"a failure becomes a miss", failing, func(ctx context.Context, next next) error {
			_ = next(ctx)
			return storage.ErrNotFound
		}, "returned ErrNotFound although next failed"},
		{"next again after success", working, func(ctx context.Context, next next) error {
			_ = next(ctx)
			return next(ctx)
		}, "called next again after it had succeeded"},
		{"a recovered panic becomes success", panicking{}, func(ctx context.Context, next next) (err error) {
			defer func() { _ = recover() }()
			return next(ctx)
		}, "returned nil although next failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := storage.Intercept(test.store, storage.InterceptorFunc(
				func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
					return test.intercept(ctx, next)
				}))
			got := recovered(func() { _, _ = s.Get(t.Context(), "k") })
			if text := fmt.Sprint(got); !strings.Contains(text, test.want) || !strings.HasPrefix(text, "storage: ") {
				t.Errorf("panic %v, want %q", got, test.want)
			}
		})
	}
}

type panicking struct{ storage.Store[string] }

func (panicking) Get(context.Context, string) (string, error) { panic("a panic below") }

// What is no lie is no panic.
func TestInterceptorMayTranslate(t *testing.T) {
	inner := newThree()
	for _, test := range []struct{ below, above error }{
		{storage.ErrUnavailable, errBoom},
		{storage.ErrNotFound, storage.ErrNotFound},
		{storage.ErrConflict, storage.ErrNotFound},
		{context.Canceled, storage.ErrNotFound},
		{storage.ErrUnavailable, errors.Join(storage.ErrNotFound, storage.ErrUnavailable)},
	} {
		inner.err = test.below
		s := storage.Intercept[string](inner, storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				_ = next(ctx)
				return test.above
			}))
		if _, err := s.Get(t.Context(), "k"); !errors.Is(err, test.above) {
			t.Errorf("%v became %v, want %v", test.below, err, test.above)
		}
	}
}

func TestPanicBelowComesOut(t *testing.T) {
	s := storage.Intercept[string](panicking{}, pass, pass)
	if got := recovered(func() { _, _ = s.Get(t.Context(), "k") }); got != "a panic below" {
		t.Errorf("recovered %v", got)
	}
}

func TestNextTwiceAtOnce(t *testing.T) {
	inner := newGate()
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			first := make(chan error)
			go func() { first <- next(ctx) }()
			<-inner.entered
			got := recovered(func() { _ = next(ctx) })
			if !strings.Contains(fmt.Sprint(got), "called next while next was running") {
				t.Errorf("panic %v", got)
			}
			close(inner.open)
			return <-first
		}))
	if value, err := s.Get(t.Context(), "k"); value != "v" || err != nil {
		t.Errorf("got %q, %v: the call itself is in order", value, err)
	}
}

func TestReturnWhileNextIsRunning(t *testing.T) {
	inner := newGate()
	finished := make(chan struct{})
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			go func() {
				defer close(finished)
				_ = next(ctx)
			}()
			<-inner.entered
			return errBoom
		}))
	got := recovered(func() { _, _ = s.Get(t.Context(), "k") })
	if !strings.Contains(fmt.Sprint(got), "returned while next was running") {
		t.Errorf("panic %v", got)
	}
	close(inner.open)
	<-finished
}

// A next that was kept is refused, in the panic of its own call too.
func TestNextAfterReturn(t *testing.T) {
	for _, how := range []string{"returns", "panics"} {
		var kept func(context.Context) error
		inner := newThree()
		s := storage.Intercept[string](inner, storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				kept = next
				if how == "panics" {
					panic(errBoom)
				}
				return errBoom
			}))
		_ = recovered(func() { _ = s.Delete(t.Context(), "k") })
		got := recovered(func() { _ = kept(t.Context()) })
		if !strings.Contains(fmt.Sprint(got), "called next after Intercept had returned") {
			t.Errorf("an interceptor that %s: panic %v", how, got)
		}
		if calls := inner.calls(); calls != "" {
			t.Errorf("an interceptor that %s: the store was asked %q", how, calls)
		}
	}
}

// What is refused stays refused when next ends late.
func TestNextThatEndsLate(t *testing.T) {
	inner := newGate()
	finished := make(chan struct{})
	var kept func(context.Context) error
	late := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		kept = next
		go func() {
			defer close(finished)
			_ = recovered(func() { _ = next(ctx) })
		}()
		<-inner.entered
		return errBoom
	})
	s := storage.Intercept[string](endsLate{inner}, late)
	_ = recovered(func() { _, _ = s.Get(t.Context(), "k") })
	close(inner.open)
	<-finished
	got := recovered(func() { _ = kept(t.Context()) })
	if !strings.Contains(fmt.Sprint(got), "called next after Intercept had returned") {
		t.Errorf("panic %v", got)
	}
}

// endsLate fails when the gate opens.
type endsLate struct{ gate }

func (s endsLate) Get(ctx context.Context, key string) (string, error) {
	_, _ = s.gate.Get(ctx, key)
	return "", errBoom
}

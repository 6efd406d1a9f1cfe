package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/internal/race"
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

// A frame that is used again knows nothing of the call before.
func TestFramesForget(t *testing.T) {
	ctx := t.Context()
	inner := newSpy()
	lie := false
	var kept []string
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			kept = call.Keys
			if lie {
				return nil
			}
			return next(ctx)
		}))
	for range 10 {
		lie = false
		if err := storage.SetMany(ctx, s, map[string]string{"a": "1", "b": "2"}, 0); err != nil {
			t.Fatal(err)
		}
		if len(kept) != 2 || kept[0] != "" || kept[1] != "" {
			t.Errorf("a call that is over still holds the keys %q", kept)
		}
		lie = true
		if got := recovered(func() { _ = s.Delete(ctx, "k") }); got == nil {
			t.Fatal("nil without next is no panic in a frame that was used before")
		}
		if len(kept) != 0 {
			t.Errorf("Delete has the keys %q", kept)
		}
	}
}

// constant is a store without any cost of its own.
type constant struct{}

func (constant) Get(context.Context, string) ([]byte, error)              { return nil, nil }
func (constant) Set(context.Context, string, []byte, time.Duration) error { return nil }
func (constant) Delete(context.Context, string) error                     { return nil }
func (constant) Has(context.Context, string) (bool, error)                { return true, nil }

func (constant) Take(context.Context, string) ([]byte, error)                        { return nil, nil }
func (constant) Touch(context.Context, string, time.Duration) error                  { return nil }
func (constant) DeleteMany(context.Context, []string) error                          { return nil }
func (constant) GetMany(context.Context, []string) (map[string][]byte, error)        { return nil, nil }
func (constant) SetMany(context.Context, map[string][]byte, time.Duration) error     { return nil }
func (constant) GetEntry(context.Context, string) (e storage.Entry[[]byte], _ error) { return e, nil }

func (s constant) In(storage.Scope) storage.ByteStore { return s }

func TestInterceptAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector makes pools forget")
	}
	ctx := t.Context()
	value := make([]byte, 100)
	keys := []string{"a", "b"}
	values := map[string][]byte{"a": value, "b": value}
	s := storage.Intercept[[]byte](constant{}, pass, pass)
	view := storage.In(s, storage.Scope{Name: "view"})
	for name, f := range map[string]func(s storage.ByteStore){
		"Get":        func(s storage.ByteStore) { _, _ = s.Get(ctx, "k") },
		"Set":        func(s storage.ByteStore) { _ = s.Set(ctx, "k", value, time.Minute) },
		"Delete":     func(s storage.ByteStore) { _ = s.Delete(ctx, "k") },
		"Has":        func(s storage.ByteStore) { _, _ = storage.Has(ctx, s, "k") },
		"Take":       func(s storage.ByteStore) { _, _ = storage.Take(ctx, s, "k") },
		"Touch":      func(s storage.ByteStore) { _ = storage.Touch(ctx, s, "k", time.Minute) },
		"GetEntry":   func(s storage.ByteStore) { _, _ = storage.GetEntry(ctx, s, "k") },
		"GetMany":    func(s storage.ByteStore) { _, _ = storage.GetMany(ctx, s, keys) },
		"SetMany":    func(s storage.ByteStore) { _ = storage.SetMany(ctx, s, values, 0) },
		"DeleteMany": func(s storage.ByteStore) { _ = storage.DeleteMany(ctx, s, keys) },
	} {
		for where, s := range map[string]storage.ByteStore{"the base": s, "a view": view} {
			if n := testing.AllocsPerRun(200, func() { f(s) }); n != 0 {
				t.Errorf("%s in %s: %v allocations", name, where, n)
			}
		}
	}
}

// Frames are pooled: no caller gets another's value, ttl, key or error.
func TestFramesDoNotLeak(t *testing.T) {
	const workers, rounds = 8, 400
	base := memstore.New[string]()
	flaky := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		switch rand.IntN(8) {
		case 0:
			return errBoom // refused
		case 1:
			_ = next(ctx)
			return errBoom // failed afterwards
		case 2:
			panic(errBoom)
		}
		return next(ctx)
	})
	s := storage.Intercept[string](base, pass, flaky, pass)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			ctx := t.Context()
			mine := fmt.Sprint("worker ", w)
			own := func(what, value string) {
				if !strings.HasPrefix(value, mine+":") {
					t.Errorf("%s of %q: got %q", what, mine, value)
				}
			}
			for i := range rounds {
				value := fmt.Sprint(mine, ":", i)
				steps := []func(){
					func() { _ = s.Set(ctx, mine, value, 0) },
					func() {
						if got, err := s.Get(ctx, mine); err == nil {
							own("Get", got)
						} else if got != "" {
							t.Errorf("Get: %q with %v", got, err)
						}
					},
					func() {
						if got, err := storage.GetMany(ctx, s, []string{mine}); err == nil && len(got) > 0 {
							own("GetMany", got[mine])
						}
					},
					func() { _ = storage.SetMany(ctx, s, map[string]string{mine: value}, 0) },
					func() {
						_, _ = storage.Update(ctx, s, mine, func(e storage.Entry[string]) (string, time.Duration, error) {
							if e.Version != "" {
								own("Update", e.Value)
							}
							return value, 0, nil
						})
					},
					func() {
						for key := range storage.Keys(ctx, s, mine) {
							if key != mine && key != "" {
								t.Errorf("Keys of %q: got %q", mine, key)
							}
						}
					},
					func() {
						if got, err := storage.Take(ctx, s, mine); err == nil {
							own("Take", got)
						}
					},
				}
				for _, step := range steps {
					if got := recovered(step); got != nil && got != errBoom {
						t.Errorf("panic: %v", got)
					}
				}
			}
		})
	}
	all.Wait()
}

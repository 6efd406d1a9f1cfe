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

// What a call of the frame before has ended with is nothing to the next one.
func TestFramesForgetErrors(t *testing.T) {
	for _, before := range []error{storage.ErrUnavailable, storage.ErrUnknownOutcome, nil} {
		inner := newThree()
		refuse := false
		s := storage.Intercept[string](inner, storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				if refuse {
					return storage.ErrNotFound
				}
				return next(ctx)
			}))
		for range 10 {
			refuse, inner.err = false, before
			if err := s.Delete(t.Context(), "k"); !errors.Is(err, before) {
				t.Errorf("Delete: %v, want %v", err, before)
			}
			refuse = true
			if err := s.Delete(t.Context(), "k"); err != storage.ErrNotFound {
				t.Errorf("Delete: %v, want the interceptor's answer", err)
			}
		}
	}
}

// A refused batch returns nothing, also in a frame that held another's.
func TestRefusedBatchesAreEmpty(t *testing.T) {
	ctx := t.Context()
	refuse := false
	s := storage.Intercept[string](newSpy(), storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			if refuse {
				return errBoom
			}
			return next(ctx)
		}))
	for range 10 {
		refuse = false
		if got, err := storage.GetMany(ctx, s, []string{"a"}); err != nil || len(got) != 1 {
			t.Fatalf("GetMany: %v, %v", got, err)
		}
		refuse = true
		if got, err := storage.GetMany(ctx, s, []string{"b"}); !errors.Is(err, errBoom) || len(got) != 0 {
			t.Errorf("a refused GetMany: %v, %v", got, err)
		}
		refuse = false
		if got, err := storage.GetEntries(ctx, s, []string{"a"}); err != nil || len(got) != 1 {
			t.Fatalf("GetEntries: %v, %v", got, err)
		}
		refuse = true
		if got, err := storage.GetEntries(ctx, s, []string{"b"}); !errors.Is(err, errBoom) || len(got) != 0 {
			t.Errorf("a refused GetEntries: %v, %v", got, err)
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
		t.Skip("with the race detector a call allocates its frame")
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
			return fmt.Errorf("%w: %w", errBoom, storage.ErrUnknownOutcome) // failed afterwards
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

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// A loop over Keys that ends early is no error, and the interceptor sees one
// call around the whole of it.
func TestKeysStream(t *testing.T) {
	inner := newSpy()
	var got storage.Call
	var failed error
	calls := 0
	s := storage.Intercept[string](inner, watch(func(call *storage.Call, err error) {
		got, failed = *call, err
		calls++
	}))
	for key, err := range storage.Keys(t.Context(), s, "k") {
		if err != nil || key != "k0" || calls != 0 {
			t.Errorf("got %q, %v after %d calls", key, err, calls)
		}
		break
	}
	if calls != 1 || failed != nil || got.Hits != 1 || inner.calls() != "keys k; break" {
		t.Errorf("%d calls with %d hits and %v, want one with one hit", calls, got.Hits, failed)
	}
	inner.err = errBoom
	var keys []string
	var last error
	for key, err := range storage.Keys(t.Context(), s, "k") {
		if last != nil {
			t.Error("something came after the error")
		}
		keys, last = append(keys, key), err
	}
	if !slices.Equal(keys, []string{"k0", "k1", "k2", ""}) || !errors.Is(last, errBoom) {
		t.Errorf("got %q and %v, want the keys and then the error with an empty key", keys, last)
	}
	// An error of an interceptor does not follow a caller who has left.
	late := storage.Intercept[string](newSpy(), storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		return errors.Join(next(ctx), errBoom)
	}))
	for range storage.Keys(t.Context(), late, "k") {
		break
	}
}

func TestKeysLoopMayWrite(t *testing.T) {
	ctx := t.Context()
	s := storage.Intercept[int](memstore.New[int](), pass, pass)
	for i := range 100 {
		if err := s.Set(ctx, fmt.Sprint("key ", i), i, 0); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for key, err := range storage.Keys(ctx, s, "key ") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if err := s.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	if n != 100 {
		t.Errorf("%d keys, want 100", n)
	}
	for key := range storage.Keys(ctx, s, "") {
		t.Errorf("%q is still there", key)
	}
}

// A panic in the loop comes out of it, and the store still works.
func TestKeysLoopMayPanic(t *testing.T) {
	s := storage.Intercept[string](newSpy(), pass)
	got := recovered(func() {
		for range storage.Keys(t.Context(), s, "k") {
			panic(errBoom)
		}
	})
	if got != errBoom {
		t.Errorf("recovered %v", got)
	}
	if err := s.Set(t.Context(), "k", "v", 0); err != nil {
		t.Errorf("Set after it: %v", err)
	}
}

// A view lists its own keys only, whatever the store below yields.
func TestKeysInAView(t *testing.T) {
	inner := withoutIn{newSpy()}
	view := storage.In[string](inner, storage.Scope{Prefix: "p:"})
	for key, err := range storage.Keys(t.Context(), view, "") {
		if err != nil || key != "0" {
			t.Errorf("got %q, %v", key, err)
		}
		break
	}
	if calls := inner.calls(); calls != "keys p:; break" {
		t.Errorf("the store was asked %q", calls)
	}
	odd := storage.In[string](oddKeys{inner}, storage.Scope{Prefix: "p:"})
	var keys []string
	for key, err := range storage.Keys(t.Context(), odd, "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if !slices.Equal(keys, []string{"mine"}) {
		t.Errorf("got %q, want the one key in the view", keys)
	}
}

// oddKeys yields keys that are in no view of it.
type oddKeys struct{ withoutIn }

func (oddKeys) Keys(context.Context, string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, key := range []string{"p:", "foreign", "p:mine", "q:k"} {
			if !yield(key, nil) {
				return
			}
		}
	}
}

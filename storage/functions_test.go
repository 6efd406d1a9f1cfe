package storage_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var errBoom = errors.New("boom")

// A function calls the method of the same name, once, and hands on what it
// returns; through Intercept too.
func TestFunctionsAreNative(t *testing.T) {
	for _, o := range operations {
		t.Run(o.op.String(), func(t *testing.T) {
			inner := newSpy()
			for _, s := range []storage.Store[string]{inner, storage.Intercept(storage.Store[string](inner), pass, pass)} {
				inner.values["k"], inner.err = "v", nil
				got, err := o.call(t.Context(), s)
				if err != nil || !reflect.DeepEqual(got, o.result) {
					t.Errorf("%T: got %v, %v, want %v", s, got, err, o.result)
				}
				if calls := inner.calls(); calls != o.native {
					t.Errorf("%T: the store was asked %q, want %q", s, calls, o.native)
				}
				inner.err = errBoom
				if _, err := o.call(t.Context(), s); !errors.Is(err, errBoom) {
					t.Errorf("%T: error %v, want the store's", s, err)
				}
				inner.calls()
				if !storage.Supports(s, o.op) {
					t.Errorf("%T: Supports is false", s)
				}
			}
		})
	}
}

// The shortcuts work on three methods; the powers are refused before anything
// is asked, by an error that names the store; through Intercept too.
func TestFunctionsOnThreeMethods(t *testing.T) {
	shortcuts := map[storage.Op]struct {
		calls  []string
		result any
	}{
		storage.OpGet:        {[]string{"get k"}, "v"},
		storage.OpSet:        {[]string{"set k=v 1m0s"}, nil},
		storage.OpDelete:     {[]string{"delete k"}, nil},
		storage.OpHas:        {[]string{"get k"}, true},
		storage.OpGetMany:    {[]string{"get a", "get b"}, map[string]string{"a": "1"}},
		storage.OpSetMany:    {[]string{"set a=1 1m0s", "set b=2 1m0s"}, nil},
		storage.OpDeleteMany: {[]string{"delete a", "delete b"}, nil},
	}
	for _, o := range operations {
		t.Run(o.op.String(), func(t *testing.T) {
			inner := newThree()
			for _, s := range []storage.Store[string]{inner, storage.Intercept(storage.Store[string](inner), pass)} {
				clear(inner.values)
				inner.values["k"], inner.values["a"] = "v", "1"
				got, err := o.call(t.Context(), s)
				calls := inner.calls()
				want, ok := shortcuts[o.op]
				if !ok {
					if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "*storage_test.three") ||
						!strings.Contains(err.Error(), o.op.String()) || storage.Failed(err) {
						t.Errorf("%T: error %v, want a refusal that names the operation and the store", s, err)
					}
					if calls != "" || storage.Supports(s, o.op) {
						t.Errorf("%T: the store was asked %q and Supports is %v", s, calls, storage.Supports(s, o.op))
					}
					return
				}
				if err != nil || !reflect.DeepEqual(got, want.result) {
					t.Errorf("%T: got %v, %v, want %v", s, got, err, want.result)
				}
				if len(calls) != len(strings.Join(want.calls, "; ")) {
					t.Errorf("%T: the store was asked %q, want %q", s, calls, want.calls)
				}
				for _, call := range want.calls { // a map has no order
					if !strings.Contains(calls, call) {
						t.Errorf("%T: the store was asked %q, want %q", s, calls, want.calls)
					}
				}
			}
		})
	}
}

func TestFallbacksStopAtErrors(t *testing.T) {
	ctx := t.Context()
	s := newThree()
	s.err = errBoom
	if has, err := storage.Has(ctx, s, "k"); has || !errors.Is(err, errBoom) {
		t.Errorf("Has: %v, %v", has, err)
	}
	if _, err := storage.GetMany(ctx, s, []string{"a", "b"}); !errors.Is(err, errBoom) {
		t.Errorf("GetMany: %v", err)
	}
	if err := storage.SetMany(ctx, s, map[string]string{"a": "1", "b": "2"}, 0); !errors.Is(err, errBoom) {
		t.Errorf("SetMany: %v", err)
	}
	if err := storage.DeleteMany(ctx, s, []string{"a", "b"}); !errors.Is(err, errBoom) {
		t.Errorf("DeleteMany: %v", err)
	}
	if calls := s.calls(); strings.Count(calls, ";") != 3 {
		t.Errorf("the store was asked %q, want one call each", calls)
	}
	s.err = nil
	if has, err := storage.Has(ctx, s, "absent"); has || err != nil {
		t.Errorf("Has of an absent key: %v, %v", has, err)
	}
}

func TestGetManyIsPartial(t *testing.T) {
	inner := newThree()
	inner.values["a"] = "1"
	s, faults := storagetest.Faulty(storage.Store[string](inner))
	n := 0
	second := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		if n++; n == 2 {
			faults.Fail(errBoom)
		}
		return next(ctx)
	})
	one := storagetest.Minimal(storage.Intercept(s, second))
	got, err := storage.GetMany(t.Context(), one, []string{"a", "b"})
	if !errors.Is(err, errBoom) || got["a"] != "1" {
		t.Errorf("got %v, %v, want what was read before the error", got, err)
	}
}

func TestFallbacksCheckBeforeTheyAct(t *testing.T) {
	ctx := t.Context()
	s := newThree()
	if err := storage.SetMany(ctx, s, map[string]string{"a": "1", "": "2"}, 0); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("SetMany with an empty key: %v", err)
	}
	if err := storage.SetMany(ctx, s, map[string]string{"a": "1"}, -1); !errors.Is(err, storage.ErrInvalidTTL) {
		t.Errorf("SetMany with a negative ttl: %v", err)
	}
	if err := storage.DeleteMany(ctx, s, []string{"a", ""}); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("DeleteMany with an empty key: %v", err)
	}
	if _, err := storage.GetMany(ctx, s, []string{"a", ""}); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("GetMany with an empty key: %v", err)
	}
	if calls := s.calls(); calls != "" {
		t.Errorf("the store was asked %q", calls)
	}
	s.values["a"] = "1"
	if _, err := storage.GetMany(ctx, s, []string{"a", "b", "a"}); err != nil || s.calls() != "get a; get b" {
		t.Errorf("GetMany with a duplicate: %v, or it was read twice", err)
	}
}

// entryOnly has GetEntry and not GetEntries.
type entryOnly struct{ *three }

func (s entryOnly) GetEntry(ctx context.Context, key string) (storage.Entry[string], error) {
	value, err := s.Get(ctx, key)
	return storage.Entry[string]{Value: value, Version: "v"}, err
}

func TestGetEntriesByGetEntry(t *testing.T) {
	inner := entryOnly{newThree()}
	inner.values["a"] = "1"
	for _, s := range []storage.Store[string]{inner, storage.Intercept(storage.Store[string](inner), pass), storage.In[string](inner, storage.Scope{Name: "n"})} {
		got, err := storage.GetEntries(t.Context(), s, []string{"a", "absent"})
		want := map[string]storage.Entry[string]{"a": {Value: "1", Version: "v"}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%T: got %v, %v, want %v", s, got, err, want)
		}
		if storage.Supports(s, storage.OpGetEntries) || !storage.Supports(s, storage.OpGetEntry) {
			t.Errorf("%T: Supports is wrong", s)
		}
	}
}

func TestEntryTTL(t *testing.T) {
	if got := (storage.Entry[int]{}).TTL(); got != storage.NoExpiry {
		t.Errorf("without expiry: %v", got)
	}
	if got := (storage.Entry[int]{Expires: time.Now().Add(time.Hour)}).TTL(); got <= 59*time.Minute || got > time.Hour {
		t.Errorf("in an hour: %v", got)
	}
	if got := (storage.Entry[int]{Expires: time.Now().Add(-time.Hour)}).TTL(); got != 1 {
		t.Errorf("expired: %v, want the shortest ttl", got)
	}
}

func TestClose(t *testing.T) {
	s := newSpy()
	if err := storage.Close[string](s); err != nil || s.calls() != "close" {
		t.Errorf("Close of an io.Closer: %v", err)
	}
	if err := storage.Close[string](newThree()); err != nil {
		t.Errorf("Close of something else: %v", err)
	}
	for _, wrapped := range []storage.Store[string]{
		storage.Intercept[string](s, pass),
		storage.In(storage.Intercept[string](s, pass), storage.Scope{Prefix: "a:"}),
		storage.In(storagetest.Minimal[string](s), storage.Scope{Prefix: "a:"}),
	} {
		s.calls()
		if err := storage.Close(wrapped); err != nil || strings.Contains(s.calls(), "close") {
			t.Errorf("Close of %T: %v, or it closed the store below", wrapped, err)
		}
	}
	var _ io.Closer = spy{}
}

// picky says by itself what it supports.
type picky struct{ spy }

func (picky) Supports(op storage.Op) bool { return op != storage.OpTake && op != storage.OpSet }

func TestSupports(t *testing.T) {
	tests := []struct {
		name  string
		store storage.Store[string]
		op    storage.Op
		want  bool
	}{
		{"Get of three methods", newThree(), storage.OpGet, true},
		{"Set of three methods", newThree(), storage.OpSet, true},
		{"Delete of three methods", newThree(), storage.OpDelete, true},
		{"In of three methods", newThree(), storage.OpIn, false},
		{"In of all methods", newSpy(), storage.OpIn, true},
		{"Take of a Supporter that says no", picky{newSpy()}, storage.OpTake, false},
		{"Set of a Supporter that says no", picky{newSpy()}, storage.OpSet, false},
		{"Touch of a Supporter that says yes", picky{newSpy()}, storage.OpTouch, true},
		{"Take behind Intercept", storage.Intercept[string](picky{newSpy()}, pass), storage.OpTake, false},
		{"Touch behind Intercept", storage.Intercept[string](picky{newSpy()}, pass), storage.OpTouch, true},
		{"Touch behind an interceptor that says no", storage.Intercept[string](newSpy(), noTouch{pass}, pass), storage.OpTouch, false},
		{"Touch in a view of it", storage.In(storage.Intercept[string](newSpy(), noTouch{pass}), storage.Scope{Prefix: "a:"}), storage.OpTouch, false},
		{"Take in a view of three methods", storage.In[string](newThree(), storage.Scope{Prefix: "a:"}), storage.OpTake, false},
		{"Take in a view of a Supporter that says no", storage.In(storagetest.Minimal[string](picky{newSpy()}), storage.Scope{Prefix: "a:"}), storage.OpTake, false},
		{"no such operation", newSpy(), storage.Op(200), false},
		{"the zero operation", newSpy(), 0, false},
	}
	for _, test := range tests {
		if got := storage.Supports(test.store, test.op); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// noTouch is an interceptor that refuses one operation.
type noTouch struct{ storage.Interceptor }

func (noTouch) Supports(op storage.Op) bool { return op != storage.OpTouch }

package codec_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

// operations calls every operation on key "k" once, reads before writes.
func operations[V any](s storage.Store[V], value V) []func(context.Context) error {
	return []func(context.Context) error{
		storage.OpGet:        func(ctx context.Context) error { _, err := s.Get(ctx, "k"); return err },
		storage.OpHas:        func(ctx context.Context) error { _, err := storage.Has(ctx, s, "k"); return err },
		storage.OpGetMany:    func(ctx context.Context) error { _, err := storage.GetMany(ctx, s, []string{"k"}); return err },
		storage.OpGetEntry:   func(ctx context.Context) error { _, err := storage.GetEntry(ctx, s, "k"); return err },
		storage.OpGetEntries: func(ctx context.Context) error { _, err := storage.GetEntries(ctx, s, []string{"k"}); return err },
		storage.OpKeys:       func(ctx context.Context) error { return drain(storage.Keys(ctx, s, "")) },
		storage.OpPing:       func(ctx context.Context) error { return storage.Ping(ctx, s) },
		storage.OpTouch:      func(ctx context.Context) error { return storage.Touch(ctx, s, "k", time.Hour) },
		storage.OpSet:        func(ctx context.Context) error { return s.Set(ctx, "k", value, 0) },
		storage.OpSetMany:    func(ctx context.Context) error { return storage.SetMany(ctx, s, map[string]V{"k": value}, 0) },
		storage.OpCompareAndSwap: func(ctx context.Context) error {
			_, err := storage.CompareAndSwap(ctx, s, "k", "x", value, 0)
			return err
		},
		storage.OpTake:         func(ctx context.Context) error { _, err := storage.Take(ctx, s, "k"); return err },
		storage.OpDelete:       func(ctx context.Context) error { return s.Delete(ctx, "k") },
		storage.OpDeleteMany:   func(ctx context.Context) error { return storage.DeleteMany(ctx, s, []string{"k"}) },
		storage.OpDeletePrefix: func(ctx context.Context) error { return storage.DeletePrefix(ctx, s, "k") },
	}
}

func drain(keys func(func(string, error) bool)) error {
	for _, err := range keys {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestEveryOperationIsForwardedAsItself(t *testing.T) {
	below, seen := watch(memstore.New[[]byte]())
	s := codec.New(below, codec.String())
	for op, call := range operations[string](s, "value") {
		if call == nil {
			continue
		}
		*seen = nil
		err := call(t.Context())
		if storage.Failed(err) {
			t.Errorf("%v: %v", storage.Op(op), err)
		}
		if !slices.Equal(*seen, []storage.Op{storage.Op(op)}) {
			t.Errorf("%v became %v", storage.Op(op), *seen)
		}
	}
}

func TestPowersAreThoseBelow(t *testing.T) {
	rich := codec.New(memstore.New[[]byte](), codec.String())
	poor := codec.New(minimal{memstore.New[[]byte]()}, codec.String())
	for op, call := range operations[string](poor, "value") {
		if call == nil {
			continue
		}
		if !storage.Supports(rich, storage.Op(op)) {
			t.Errorf("%v is native below and not here", storage.Op(op))
		}
		basic := slices.Contains([]storage.Op{storage.OpGet, storage.OpSet, storage.OpDelete}, storage.Op(op))
		if storage.Supports(poor, storage.Op(op)) != basic {
			t.Errorf("%v over three methods: Supports is %v", storage.Op(op), !basic)
		}
		err := call(t.Context())
		if err != nil && !errors.Is(err, storage.ErrNotFound) &&
			(!errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "codec_test.minimal")) {
			t.Errorf("%v over three methods: %v", storage.Op(op), err)
		}
	}
}

func TestEntriesKeepVersionAndExpiry(t *testing.T) {
	synctest.Test(t, testEntriesKeepVersionAndExpiry)
}

func testEntriesKeepVersionAndExpiry(t *testing.T) {
	ctx, below := t.Context(), memstore.New[[]byte]()
	s := codec.New(below, codec.JSON[int]())
	if err := s.Set(ctx, "k", 7, time.Hour); err != nil {
		t.Fatal(err)
	}
	raw, err := storage.GetEntry(ctx, below, "k")
	if err != nil {
		t.Fatal(err)
	}
	want := storage.Entry[int]{Value: 7, Version: raw.Version, Expires: raw.Expires}
	if got, err := s.GetEntry(ctx, "k"); got != want || err != nil {
		t.Errorf("GetEntry = %+v, %v, want %+v", got, err, want)
	}
	many, err := s.GetEntries(ctx, []string{"k", "absent"})
	if len(many) != 1 || many["k"] != want || err != nil {
		t.Errorf("GetEntries = %+v, %v, want %+v", many, err, want)
	}
	version, err := s.CompareAndSwap(ctx, "k", want.Version, 8, storage.NoExpiry)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.GetEntry(ctx, "k"); (got != storage.Entry[int]{Value: 8, Version: version}) || err != nil {
		t.Errorf("after CompareAndSwap: %+v, %v, want version %q", got, err, version)
	}
	if _, err := s.CompareAndSwap(ctx, "k", want.Version, 9, 0); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("CompareAndSwap of an old version: %v", err)
	}
}

func TestInPushesTheScopeDown(t *testing.T) {
	ctx, below := t.Context(), memstore.New[[]byte]()
	var scopes []storage.Scope
	traced := storage.Intercept[[]byte](below, storage.InterceptorFunc(
		func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			scopes = append(scopes, call.Scope)
			return next(ctx)
		}))
	scope := storage.Scope{Prefix: "a:", Name: "a"}
	view := storage.In(codec.New(traced, codec.JSON[int]()), scope)
	if err := view.Set(ctx, "k", 1, 0); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(scopes, []storage.Scope{scope}) {
		t.Errorf("the interceptor below saw %v", scopes)
	}
	if raw, err := below.Get(ctx, "a:k"); string(raw) != "1" || err != nil {
		t.Errorf("on the wire: %q, %v", raw, err)
	}
}

func TestNullIsAValue(t *testing.T) {
	ctx := t.Context()
	s := codec.New(memstore.New[[]byte](), codec.JSON[*session]())
	if err := s.Set(ctx, "k", nil, 0); err != nil {
		t.Fatal(err)
	}
	if value, err := s.Get(ctx, "k"); value != nil || err != nil {
		t.Errorf("Get = %v, %v", value, err)
	}
	if has, err := s.Has(ctx, "k"); !has || err != nil {
		t.Errorf("Has = %v, %v", has, err)
	}
	if values, err := s.GetMany(ctx, []string{"k"}); len(values) != 1 || err != nil {
		t.Errorf("GetMany = %v, %v", values, err)
	}
}

func TestStoreInfersItsType(t *testing.T) {
	s := codec.New(memstore.New[[]byte](), codec.JSON[int]())
	got, err := storage.Update(t.Context(), s, "k", func(e storage.Entry[int]) (int, time.Duration, error) {
		return e.Value + 1, e.TTL(), nil
	})
	if got != 1 || err != nil {
		t.Errorf("Update = %d, %v", got, err)
	}
}

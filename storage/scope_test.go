package storage_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestScopeJoin(t *testing.T) {
	tests := []struct{ outer, inner, want storage.Scope }{
		{storage.Scope{}, storage.Scope{}, storage.Scope{}},
		{storage.Scope{Prefix: "a:", Name: "a"}, storage.Scope{Prefix: "b:", Name: "b"}, storage.Scope{Prefix: "a:b:", Name: "a:b"}},
		{storage.Scope{Prefix: "a:"}, storage.Scope{Prefix: "b:", Name: "b"}, storage.Scope{Prefix: "a:b:", Name: "b"}},
		{storage.Scope{Prefix: "a:", Name: "a"}, storage.Scope{Prefix: "b:"}, storage.Scope{Prefix: "a:b:", Name: "a"}},
		{storage.Scope{}, storage.Scope{Prefix: "b:", Name: "b"}, storage.Scope{Prefix: "b:", Name: "b"}},
		{storage.Scope{Name: "a"}, storage.Scope{Name: "b"}, storage.Scope{Name: "a:b"}},
	}
	for _, test := range tests {
		if got := test.outer.Join(test.inner); got != test.want {
			t.Errorf("%v.Join(%v) = %v, want %v", test.outer, test.inner, got, test.want)
		}
	}
}

func TestInIsNative(t *testing.T) {
	s := newSpy()
	storage.In[string](s, storage.Scope{})
	if calls := s.calls(); calls != "in  " {
		t.Errorf("for a view of the whole the store was asked %q", calls)
	}
	storage.In[string](s, storage.Scope{Prefix: "a:", Name: "a"})
	if calls := s.calls(); calls != "in a: a" {
		t.Errorf("the store was asked %q", calls)
	}
	storage.In(storage.Intercept[string](s, pass), storage.Scope{Prefix: "b:", Name: "b"})
	if calls := s.calls(); calls != "in b: b" {
		t.Errorf("behind Intercept the store was asked %q", calls)
	}
}

// A view of the whole is a view: who closes it closes nothing.
func TestInOfTheWhole(t *testing.T) {
	whole := withoutIn{newSpy()}
	view := storage.In[string](whole, storage.Scope{})
	if err := storage.Close(view); err != nil || whole.calls() != "" {
		t.Errorf("Close of the view has closed the store, %v", err)
	}
	if err := view.Set(t.Context(), "k", "v", 0); err != nil || whole.calls() != "set k=v 0s" {
		t.Errorf("the key of the view is another one in the store, %v", err)
	}
}

// withoutIn has every method but In.
type withoutIn struct{ spy }

func (withoutIn) In() {}

// The generic view maps every key on the way in, and back on the way out.
func TestInMapsKeys(t *testing.T) {
	inner := withoutIn{newSpy()}
	inner.values["p:k"] = "v"
	s := storage.In[string](inner, storage.Scope{Prefix: "p:", Name: "p"})
	want := map[storage.Op]struct {
		calls  string
		result any
	}{
		storage.OpGet:            {"get p:k", "v"},
		storage.OpSet:            {"set p:k=v 1m0s", nil},
		storage.OpDelete:         {"delete p:k", nil},
		storage.OpHas:            {"has p:k", true},
		storage.OpGetMany:        {"get_many p:a,p:b", map[string]string{"a": "value of p:a", "b": "value of p:b"}},
		storage.OpSetMany:        {"set_many p:a=1,p:b=2 1m0s", nil},
		storage.OpDeleteMany:     {"delete_many p:a,p:b", nil},
		storage.OpGetEntry:       {"get_entry p:k", storage.Entry[string]{Value: "value of p:k", Version: "v1", Expires: someday}},
		storage.OpGetEntries:     {"get_entries p:a", map[string]storage.Entry[string]{"a": {Value: "value of p:a", Version: "v1"}}},
		storage.OpCompareAndSwap: {"compare_and_swap p:k v1=v 1m0s", storage.Version("v2")},
		storage.OpTake:           {"take p:k", "value of p:k"},
		storage.OpTouch:          {"touch p:k 1m0s", nil},
		storage.OpKeys:           {"keys p:k", []string{"k0", "k1", "k2"}},
		storage.OpDeletePrefix:   {"delete_prefix p:k", nil},
		storage.OpPing:           {"ping", nil},
	}
	for _, o := range operations {
		got, err := o.call(t.Context(), s)
		if err != nil || !reflect.DeepEqual(got, want[o.op].result) {
			t.Errorf("%v: got %v, %v, want %v", o.op, got, err, want[o.op].result)
		}
		if calls := inner.calls(); calls != want[o.op].calls {
			t.Errorf("%v: the store was asked %q, want %q", o.op, calls, want[o.op].calls)
		}
		inner.err = errBoom
		if _, err := o.call(t.Context(), s); !errors.Is(err, errBoom) {
			t.Errorf("%v: error %v, want the store's", o.op, err)
		}
		inner.err = nil
		inner.calls()
	}
	nested := storage.In(s, storage.Scope{Prefix: "q:"})
	if err := storage.Touch(t.Context(), nested, "k", 0); err != nil || inner.calls() != "touch p:q:k 0s" {
		t.Errorf("Touch in a view in a view: %v, or the wrong key", err)
	}
}

func TestInRefusesTheEmptyKey(t *testing.T) {
	inner := withoutIn{newSpy()}
	s := storage.In[string](inner, storage.Scope{Prefix: "p:"})
	ctx := t.Context()
	_, get := s.Get(ctx, "")
	_, has := storage.Has(ctx, s, "")
	_, getMany := storage.GetMany(ctx, s, []string{"a", ""})
	_, entry := storage.GetEntry(ctx, s, "")
	_, entries := storage.GetEntries(ctx, s, []string{"a", ""})
	_, swap := storage.CompareAndSwap(ctx, s, "", "", "v", 0)
	_, take := storage.Take(ctx, s, "")
	for op, err := range map[storage.Op]error{
		storage.OpGet: get, storage.OpSet: s.Set(ctx, "", "v", 0), storage.OpDelete: s.Delete(ctx, ""),
		storage.OpHas: has, storage.OpGetMany: getMany,
		storage.OpSetMany:    storage.SetMany(ctx, s, map[string]string{"a": "1", "": "2"}, 0),
		storage.OpDeleteMany: storage.DeleteMany(ctx, s, []string{"a", ""}),
		storage.OpGetEntry:   entry, storage.OpGetEntries: entries, storage.OpCompareAndSwap: swap,
		storage.OpTake: take, storage.OpTouch: storage.Touch(ctx, s, "", 0),
	} {
		if !errors.Is(err, storage.ErrInvalidKey) {
			t.Errorf("%v: %v, want ErrInvalidKey", op, err)
		}
	}
	if calls := inner.calls(); calls != "" {
		t.Errorf("the store was asked %q", calls)
	}
	if err := storage.DeletePrefix(ctx, s, ""); err != nil || inner.calls() != "delete_prefix p:" {
		t.Errorf("DeletePrefix of everything in the view: %v", err)
	}
}

// The laws hold for what this package builds over three methods.
func TestLaws(t *testing.T) {
	suite := func(name string, opts storagetest.Options, open func() storage.ByteStore) {
		t.Run(name, func(t *testing.T) {
			opts.Bubble = true
			storagetest.TestStore(t, func(testing.TB) storage.ByteStore { return open() }, opts)
		})
	}
	all := storagetest.Options{Native: storagetest.AllOps}
	suite("Intercept", all, func() storage.ByteStore {
		return storage.Intercept[[]byte](memstore.New[[]byte](), pass, pass)
	})
	suite("Intercept three methods", storagetest.Options{}, func() storage.ByteStore {
		return storage.Intercept(storagetest.Minimal(memstore.New[[]byte]()), pass)
	})
	suite("In three methods", storagetest.Options{}, func() storage.ByteStore {
		return storage.In(storagetest.Minimal(memstore.New[[]byte]()), storage.Scope{Prefix: "own:"})
	})
	all.OwnPrefix = true
	suite("In Intercept", all, func() storage.ByteStore {
		return storage.In(storage.Intercept[[]byte](memstore.New[[]byte](), pass), storage.Scope{Prefix: "own:"})
	})
}

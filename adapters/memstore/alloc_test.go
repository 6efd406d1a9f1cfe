package memstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

func TestAllocations(t *testing.T) {
	ctx := t.Context()
	long := strings.Repeat("k", 500)
	for name, opts := range map[string][]memstore.Option{
		"unbounded": nil,
		"refusing":  {memstore.MaxEntries(1000)},
		"evicting":  {memstore.MaxEntries(1000), memstore.Evict()},
	} {
		raw := memstore.New[[]byte](opts...)
		typed := memstore.New[*session](opts...)
		view := raw.In(storage.Scope{Prefix: "sessions:", Name: "sessions"})
		typedView := typed.In(storage.Scope{Prefix: "sessions:", Name: "sessions"})
		value := make([]byte, 1024)
		for _, key := range []string{"key", long} {
			ok(t, raw.Set(ctx, key, value, time.Hour))
			ok(t, view.Set(ctx, key, value, time.Hour))
			ok(t, typed.Set(ctx, key, &session{}, time.Hour))
			ok(t, typedView.Set(ctx, key, &session{}, time.Hour))
		}
		var err error
		for _, test := range []struct {
			op   string
			want float64
			f    func()
		}{
			{"Get of bytes", 1, func() { _, err = raw.Get(ctx, "key") }},
			{"Get of bytes, long key", 1, func() { _, err = raw.Get(ctx, long) }},
			{"Get of bytes in a view", 1, func() { _, err = view.Get(ctx, "key") }},
			{"Get of bytes in a view, long key", 2, func() { _, err = view.Get(ctx, long) }},
			{"Get of a pointer", 0, func() { _, err = typed.Get(ctx, "key") }},
			{"Get of a pointer in a view", 0, func() { _, err = typedView.Get(ctx, "key") }},
			{"Has in a view", 0, func() { _, err = storage.Has(ctx, view, "key") }},
			{"Touch in a view", 0, func() { err = storage.Touch(ctx, view, "key", time.Hour) }},
			{"Set of a pointer there already, in a view", 0, func() { err = typedView.Set(ctx, "key", nil, time.Hour) }},
			{"Set of bytes there already", 1, func() { err = raw.Set(ctx, "key", value, time.Hour) }},
			{"GetEntry of bytes", 2, func() { _, err = raw.GetEntry(ctx, "key") }},
			{"a miss", 0, func() {
				if _, e := view.Get(ctx, "absent"); e != storage.ErrNotFound {
					err = e
				}
			}},
			{"a lost CompareAndSwap of a pointer", 0, func() {
				if _, e := storage.CompareAndSwap(ctx, typedView, "key", "other", nil, 0); e != storage.ErrConflict {
					err = e
				}
			}},
		} {
			if got := testing.AllocsPerRun(100, test.f); got != test.want || err != nil {
				t.Errorf("%s: %s: %v allocations, %v, want %v", name, test.op, got, err, test.want)
			}
		}
	}
}

package singleflight_test

import (
	"bytes"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func open[V any](t testing.TB, next storage.Store[V], options ...singleflight.Option[V]) storage.Store[V] {
	s := singleflight.New(next, options...)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestLaws(t *testing.T) {
	memory := func() storage.ByteStore { return memstore.New[[]byte]() }
	shares := storagetest.Options{Native: storagetest.AllOps, SharesReads: true, Bubble: true}
	inView, alone, minimal := shares, shares, shares
	inView.OwnPrefix = true
	alone.SharesReads = false
	minimal.Native = nil
	for _, test := range []struct {
		name string
		opts storagetest.Options
		open func(testing.TB) storage.ByteStore
	}{
		{"memstore", shares, func(t testing.TB) storage.ByteStore {
			return open(t, memory())
		}},
		{"Clone", alone, func(t testing.TB) storage.ByteStore {
			return open(t, memory(), singleflight.Clone(bytes.Clone))
		}},
		{"Intercept", shares, func(t testing.TB) storage.ByteStore {
			return open(t, storage.Intercept(memory(), new(storagetest.Faults)))
		}},
		{"Minimal", minimal, func(t testing.TB) storage.ByteStore {
			return open(t, storagetest.Minimal(memory()))
		}},
		{"namespace of it", inView, func(t testing.TB) storage.ByteStore {
			return namespace.New(open(t, memory()), "ns")
		}},
		{"namespace below it", inView, func(t testing.TB) storage.ByteStore {
			return open(t, namespace.New(memory(), "ns"))
		}},
		{"twice", shares, func(t testing.TB) storage.ByteStore {
			return open(t, open(t, memory()))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			storagetest.TestStore(t, test.open, test.opts)
		})
	}
}

func TestLawsOfStructs(t *testing.T) {
	type point struct{ X, Y int }
	storagetest.TestStoreOf(t, func(t testing.TB) storage.Store[point] {
		return open(t, storage.Store[point](memstore.New[point]()))
	}, func(i int) point { return point{i, -i} }, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

func TestOutage(t *testing.T) {
	storagetest.TestOutage(t, func(t testing.TB) (storage.ByteStore, storagetest.Outage) {
		faulty, faults := storagetest.Faulty(storage.ByteStore(memstore.New[[]byte]()))
		return open(t, faulty), faults.Outage()
	}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllOps, SharesReads: true, Bubble: true})
}

// A shared Get ends with the last of its callers, not with the first.
func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(t testing.TB, next storage.ByteStore) storage.ByteStore {
		return open(t, next)
	}, storagetest.Options{
		Native:      storagetest.AllOps,
		SharesReads: true,
		Bubble:      true,
		Losses:      map[storage.Op]storagetest.Loss{storage.OpGet: {Detached: true}},
	})
}

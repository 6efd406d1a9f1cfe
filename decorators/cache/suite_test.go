package cache_test

import (
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestLaws(t *testing.T) {
	all := storagetest.Options{Native: storagetest.AllOps, SharesReads: true}
	memory := func() storage.ByteStore { return memstore.New[[]byte]() }
	for _, test := range []struct {
		name string
		opts storagetest.Options
		open func(testing.TB) storage.ByteStore
	}{
		{"memstore", all, func(t testing.TB) storage.ByteStore {
			return open(t, memory(), cache.Options{})
		}},
		{"negative", all, func(t testing.TB) storage.ByteStore {
			return open(t, memory(), cache.Options{NegativeTTL: 1 << 40, TTL: cache.NoTTL})
		}},
		{"tiny", all, func(t testing.TB) storage.ByteStore {
			return open(t, memory(), cache.Options{MaxEntries: 2, MaxBytes: 100, Share: 0.5})
		}},
		{"namespace", all, func(t testing.TB) storage.ByteStore {
			return namespace.New(open(t, memory(), cache.Options{}), "ns")
		}},
		{"minimal", storagetest.Options{SharesReads: true}, func(t testing.TB) storage.ByteStore {
			return open(t, storagetest.Minimal(memory()), cache.Options{})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := test.opts
			opts.OwnPrefix = test.name == "namespace"
			storagetest.TestStore(t, test.open, opts)
		})
	}
}

func open(t testing.TB, next storage.ByteStore, o cache.Options) storage.ByteStore {
	c := cache.New(next, o)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestOutage(t *testing.T) {
	storagetest.TestOutage(t, func(t testing.TB) (storage.ByteStore, storagetest.Outage) {
		b := newBackend()
		return open(t, b.ByteStore, cache.Options{}), b.Outage()
	}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllOps, SharesReads: true})
}

// A cache reads entries, because they tell when they expire, and shares its
// loads, which therefore end with the last of their callers.
func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(t testing.TB, next storage.ByteStore) storage.ByteStore {
		return open(t, next, cache.Options{})
	}, storagetest.Options{
		Native:      storagetest.AllOps,
		SharesReads: true,
		Losses: map[storage.Op]storagetest.Loss{
			storage.OpGet:     {As: storage.OpGetEntry, Held: true, Detached: true},
			storage.OpGetMany: {As: storage.OpGetEntries, Held: true, Detached: true},
			storage.OpHas:     {Held: true},
		},
	})
}

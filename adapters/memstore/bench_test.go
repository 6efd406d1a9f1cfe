package memstore_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

const benchKeys = 100_000

func benchmarkStores(b *testing.B, run func(b *testing.B, s storage.Store[*session], keys []string)) {
	keys := make([]string, benchKeys)
	for i := range keys {
		keys[i] = "session:" + strconv.Itoa(i)
	}
	for _, store := range []struct {
		name string
		open func() storage.Store[*session]
	}{
		{"unbounded", func() storage.Store[*session] { return memstore.New[*session]() }},
		{"view", func() storage.Store[*session] {
			return memstore.New[*session]().In(storage.Scope{Prefix: "sessions:"})
		}},
		{"refusing", func() storage.Store[*session] {
			return memstore.New[*session](memstore.MaxEntries(benchKeys))
		}},
		{"evicting", func() storage.Store[*session] {
			return memstore.New[*session](memstore.MaxEntries(benchKeys), memstore.Evict())
		}},
		{"thrashing", func() storage.Store[*session] {
			return memstore.New[*session](memstore.MaxEntries(benchKeys/2), memstore.Evict())
		}},
	} {
		b.Run(store.name, func(b *testing.B) {
			s := store.open()
			for _, key := range keys {
				ok(b, s.Set(b.Context(), key, &session{}, time.Hour))
			}
			b.ReportAllocs()
			b.ResetTimer()
			run(b, s, keys)
		})
	}
}

func BenchmarkGet(b *testing.B) {
	benchmarkStores(b, func(b *testing.B, s storage.Store[*session], keys []string) {
		b.RunParallel(func(pb *testing.PB) {
			ctx, r := b.Context(), rand.New(rand.NewPCG(rand.Uint64(), 0))
			for pb.Next() {
				_, _ = s.Get(ctx, keys[r.IntN(len(keys))])
			}
		})
	})
}

func BenchmarkSet(b *testing.B) {
	benchmarkStores(b, func(b *testing.B, s storage.Store[*session], keys []string) {
		value := &session{}
		b.RunParallel(func(pb *testing.PB) {
			ctx, r := b.Context(), rand.New(rand.NewPCG(rand.Uint64(), 0))
			for pb.Next() {
				_ = s.Set(ctx, keys[r.IntN(len(keys))], value, time.Hour)
			}
		})
	})
}

func BenchmarkGetBytes(b *testing.B) {
	s := memstore.New[[]byte]()
	ok(b, s.Set(b.Context(), "key", make([]byte, 1024), 0))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Get(b.Context(), "key")
	}
}

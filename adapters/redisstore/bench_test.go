package redisstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// BenchmarkGet shows what a context that can end costs: a goroutine.
func BenchmarkGet(b *testing.B) {
	store := open(b, redistest.Shared(b))
	if err := store.Set(b.Context(), "bench:key", make([]byte, 1024), storage.NoExpiry); err != nil {
		b.Fatal(err)
	}
	cancellable := b.Context()
	for name, ctx := range map[string]context.Context{"inline": context.Background(), "cancellable": cancellable} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := store.Get(ctx, "bench:key"); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/parallel", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := store.Get(ctx, "bench:key"); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

func BenchmarkGetEntry(b *testing.B) {
	store := open(b, redistest.Shared(b))
	if err := store.Set(b.Context(), "bench:key", make([]byte, 1024), storage.NoExpiry); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := store.GetEntry(context.Background(), "bench:key"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	store := open(b, redistest.Shared(b))
	value := make([]byte, 1024)
	for name, ctx := range map[string]context.Context{"inline": context.Background(), "cancellable": b.Context()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := store.Set(ctx, "bench:key", value, storage.NoExpiry); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSetMany(b *testing.B) {
	store := open(b, redistest.Shared(b))
	values := make(map[string][]byte)
	for i := range 100 {
		values[fmt.Sprint("bench:", i)] = make([]byte, 100)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := store.SetMany(context.Background(), values, storage.NoExpiry); err != nil {
			b.Fatal(err)
		}
	}
}

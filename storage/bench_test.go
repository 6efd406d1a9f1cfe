package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// BenchmarkIntercept is what one interceptor that does nothing costs, around
// a store that costs nothing.
func BenchmarkIntercept(b *testing.B) {
	s := storage.Intercept[[]byte](constant{}, pass)
	value := make([]byte, 100)
	ctx := b.Context()
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = s.Get(ctx, "k")
		}
	})
	b.Run("Set", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = s.Set(ctx, "k", value, time.Minute)
		}
	})
	b.Run("GetParallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = s.Get(ctx, "k")
			}
		})
	})
	for _, n := range []int{2, 100} {
		keys := make([]string, n)
		for i := range keys {
			keys[i] = fmt.Sprint("key ", i)
		}
		b.Run(fmt.Sprint("DeleteMany", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = storage.DeleteMany(ctx, s, keys)
			}
		})
	}
}

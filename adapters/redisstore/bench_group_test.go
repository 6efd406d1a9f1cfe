package redisstore_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// BenchmarkGroup compares callers who share the pipelines of a store with those of
// go-redis as it is, which has a connection for each, and with its AutoPipeline.
// Each reads or writes 1 KiB at one of 10,000 keys. The contexts of "store" cannot
// end, those of "cancellable" can.
//
// The machine changes from one moment to the next: compare what was measured in
// turn, with -count.
func BenchmarkGroup(b *testing.B) {
	const keys = 10_000
	server := redistest.Start(b)
	value := make([]byte, 1024)
	names := make([]string, keys)
	admin := connect(b, &redis.Options{Addr: server.Addr()})
	fill := admin.Pipeline()
	for i := range names {
		names[i] = fmt.Sprint("bench:", i)
		fill.Set(b.Context(), names[i], value, 0)
	}
	if _, err := fill.Exec(b.Context()); err != nil {
		b.Fatal(err)
	}
	type peer struct {
		name     string
		ctx      context.Context
		get, set func(ctx context.Context, key string) error
	}
	for _, callers := range []int{1, 2, 4, 16, 128, 1024} {
		plain := connect(b, &redis.Options{Addr: server.Addr(), PoolSize: callers})
		auto, err := connect(b, &redis.Options{Addr: server.Addr()}).AutoPipeline()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = auto.Close() })
		store := borrow(b, &redis.Options{Addr: server.Addr()})
		get := func(ctx context.Context, key string) error { _, err := store.Get(ctx, key); return err }
		set := func(ctx context.Context, key string) error { return store.Set(ctx, key, value, 0) }
		peers := []peer{
			{
				"plain", context.Background(),
				func(ctx context.Context, key string) error { return plain.Get(ctx, key).Err() },
				func(ctx context.Context, key string) error { return plain.Set(ctx, key, value, 0).Err() },
			},
			{
				"autopipeline", context.Background(),
				func(ctx context.Context, key string) error { return auto.Get(ctx, key).Err() },
				func(ctx context.Context, key string) error { return auto.Set(ctx, key, value, 0).Err() },
			},
			{"store", context.Background(), get, set},
			{"cancellable", b.Context(), get, set},
		}
		for _, p := range peers {
			for op, call := range map[string]func(context.Context, string) error{"get": p.get, "set": p.set} {
				b.Run(fmt.Sprintf("%s/callers=%d/%s", op, callers, p.name), func(b *testing.B) {
					share(b, callers, func(i int) error { return call(p.ctx, names[i*7919%keys]) })
				})
			}
		}
	}
}

// share has callers make the b.N calls, and reports how long the slowest took.
func share(b *testing.B, callers int, call func(i int) error) {
	b.ReportAllocs()
	var next atomic.Int64
	var all sync.WaitGroup
	took := make([][]time.Duration, callers)
	b.ResetTimer()
	for c := range callers {
		all.Go(func() {
			for i := int(next.Add(1)); i <= b.N; i = int(next.Add(1)) {
				begun := time.Now()
				if err := call(i); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(begun))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	times := slices.Concat(took...)
	slices.Sort(times)
	b.ReportMetric(float64(times[(len(times)-1)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

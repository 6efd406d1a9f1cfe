package cache_test

import (
	"fmt"
	"testing"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// BenchmarkHit compares a hit with one of golang-lru, which has no deadlines,
// no fence and no statistics.
func BenchmarkHit(b *testing.B) {
	const entries = 10_000
	keys := make([]string, entries)
	for i := range keys {
		keys[i] = fmt.Sprintf("key-%06d", i)
	}
	value := make([]byte, 1024)

	bare, err := lru.New[string, []byte](entries)
	if err != nil {
		b.Fatal(err)
	}
	c := cache.New(memstore.New[[]byte](), cache.Options{MaxEntries: 2 * entries})
	defer c.Close()
	ns := namespace.New(c, "sessions")
	for _, key := range keys {
		bare.Add(key, value)
		for _, s := range []storage.ByteStore{c, ns} {
			if err := s.Set(ctx, key, value, storage.NoExpiry); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Get(ctx, key); err != nil {
				b.Fatal(err)
			}
		}
	}
	run := func(name string, get func(key string)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					get(keys[i*7919%entries])
				}
			})
		})
	}
	run("golang-lru", func(key string) { bare.Get(key) })
	run("cache", func(key string) { _, _ = c.Get(ctx, key) })
	run("namespace", func(key string) { _, _ = ns.Get(ctx, key) })
}

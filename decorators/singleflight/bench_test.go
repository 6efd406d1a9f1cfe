package singleflight_test

import (
	"context"
	"testing"

	xsync "golang.org/x/sync/singleflight"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

// BenchmarkGet compares ways to share Gets of a store in memory, where a call
// costs next to nothing: what is measured is the sharing. Only Get keeps the
// rules of this package; Do gives followers no way to leave and fails them
// with their leader, DoChan needs what is around it here not to.
func BenchmarkGet(b *testing.B) {
	backend := memstore.New[string]()
	if err := backend.Set(ctx, "key", "value", storage.NoExpiry); err != nil {
		b.Fatal(err)
	}
	s := singleflight.New(backend)
	defer s.Close()
	view := storage.In(s, storage.Scope{Prefix: "k"})
	var group xsync.Group
	endless := context.Background()
	for _, bench := range []struct {
		name string
		get  func(ctx context.Context) (string, error)
	}{
		{"bare", func(ctx context.Context) (string, error) { return backend.Get(ctx, "key") }},
		{"Get", func(ctx context.Context) (string, error) { return s.Get(ctx, "key") }},
		{"GetEndless", func(context.Context) (string, error) { return s.Get(endless, "key") }},
		{"GetInView", func(ctx context.Context) (string, error) { return view.Get(ctx, "ey") }},
		{"xsync.Do", func(ctx context.Context) (string, error) {
			value, err, _ := group.Do("key", func() (any, error) { return backend.Get(ctx, "key") })
			s, _ := value.(string)
			return s, err
		}},
		{"xsync.DoChan", func(ctx context.Context) (string, error) {
			c := group.DoChan("key", func() (any, error) { return backend.Get(context.WithoutCancel(ctx), "key") })
			select {
			case r := <-c:
				s, _ := r.Val.(string)
				return s, r.Err
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}},
	} {
		b.Run(bench.name+"/alone", func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			for b.Loop() {
				if _, err := bench.get(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(bench.name+"/together", func(b *testing.B) {
			b.ReportAllocs()
			ctx := b.Context()
			b.SetParallelism(64)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := bench.get(ctx); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

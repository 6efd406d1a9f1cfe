package storagetest

import (
	"context"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// Minimal returns a store that has nothing but the three methods of s, like
// the adapter of somebody who read no further.
func Minimal[V any](s storage.Store[V]) storage.Store[V] { return minimal[V]{s} }

type minimal[V any] struct{ next storage.Store[V] }

func (m minimal[V]) Get(ctx context.Context, key string) (V, error) { return m.next.Get(ctx, key) }

func (m minimal[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	return m.next.Set(ctx, key, value, ttl)
}

func (m minimal[V]) Delete(ctx context.Context, key string) error { return m.next.Delete(ctx, key) }

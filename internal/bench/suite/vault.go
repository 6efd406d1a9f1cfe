package suite

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// vault is a store that holds a value for every key, at no cost: it makes it
// out of the number at the key's end, and shares it with its readers. It takes
// writes and forgets them.
type vault[V any] struct {
	value func(i int) V
	reads *atomic.Int64
}

func newVault[V any](value func(i int) V) vault[V] {
	return vault[V]{value: value, reads: new(atomic.Int64)}
}

// bytesVault has the values of the world.
func bytesVault() vault[[]byte] {
	values := world().values
	return newVault(func(i int) []byte { return values[i] })
}

func (v vault[V]) Get(_ context.Context, key string) (V, error) {
	v.reads.Add(1)
	return v.value(keyNumber(key)), nil
}

func (v vault[V]) Set(context.Context, string, V, time.Duration) error { return nil }

func (v vault[V]) Delete(context.Context, string) error { return nil }

func (v vault[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	value, err := v.Get(ctx, key)
	return storage.Entry[V]{Value: value, Version: "1"}, err
}

func (v vault[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	entries := make(map[string]storage.Entry[V], len(keys))
	for _, key := range keys {
		entries[key], _ = v.GetEntry(ctx, key)
	}
	return entries, nil
}

// In returns the vault itself: it minds only the end of a key.
func (v vault[V]) In(storage.Scope) storage.Store[V] { return v }

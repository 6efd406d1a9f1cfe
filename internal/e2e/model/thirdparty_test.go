package model

import (
	"context"
	"iter"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// foreign is a decorator of somebody else that does everything but In, so that
// views of it are the generic key map.
type foreign[V any] struct{ next storage.Store[V] }

func (f foreign[V]) Get(ctx context.Context, key string) (V, error) { return f.next.Get(ctx, key) }

func (f foreign[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	return f.next.Set(ctx, key, value, ttl)
}

func (f foreign[V]) Delete(ctx context.Context, key string) error { return f.next.Delete(ctx, key) }

func (f foreign[V]) Has(ctx context.Context, key string) (bool, error) {
	return storage.Has(ctx, f.next, key)
}

func (f foreign[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	return storage.GetMany(ctx, f.next, keys)
}

func (f foreign[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	return storage.SetMany(ctx, f.next, values, ttl)
}

func (f foreign[V]) DeleteMany(ctx context.Context, keys []string) error {
	return storage.DeleteMany(ctx, f.next, keys)
}

func (f foreign[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	return storage.GetEntry(ctx, f.next, key)
}

func (f foreign[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	return storage.GetEntries(ctx, f.next, keys)
}

func (f foreign[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (storage.Version, error) {
	return storage.CompareAndSwap(ctx, f.next, key, old, value, ttl)
}

func (f foreign[V]) Take(ctx context.Context, key string) (V, error) {
	return storage.Take(ctx, f.next, key)
}

func (f foreign[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return storage.Touch(ctx, f.next, key, ttl)
}

func (f foreign[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return storage.Keys(ctx, f.next, prefix)
}

func (f foreign[V]) DeletePrefix(ctx context.Context, prefix string) error {
	return storage.DeletePrefix(ctx, f.next, prefix)
}

func (f foreign[V]) Ping(ctx context.Context) error { return storage.Ping(ctx, f.next) }

// sliding is an adapter of somebody who needed sessions: of the powers it has
// GetEntry, Take and Touch.
type sliding struct{ next storage.ByteStore }

var slidingLacks = []storage.Op{
	storage.OpGetEntries, storage.OpCompareAndSwap, storage.OpKeys, storage.OpDeletePrefix, storage.OpPing,
}

func (s sliding) Get(ctx context.Context, key string) ([]byte, error) { return s.next.Get(ctx, key) }

func (s sliding) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, key, value, ttl)
}

func (s sliding) Delete(ctx context.Context, key string) error { return s.next.Delete(ctx, key) }

func (s sliding) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	return storage.GetEntry(ctx, s.next, key)
}

func (s sliding) Take(ctx context.Context, key string) ([]byte, error) {
	return storage.Take(ctx, s.next, key)
}

func (s sliding) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return storage.Touch(ctx, s.next, key, ttl)
}

// listing is an adapter that can list and no more.
type listing struct{ next storage.ByteStore }

var listingLacks = []storage.Op{
	storage.OpGetEntry, storage.OpGetEntries, storage.OpCompareAndSwap, storage.OpTake, storage.OpTouch,
}

func (l listing) Get(ctx context.Context, key string) ([]byte, error) { return l.next.Get(ctx, key) }

func (l listing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return l.next.Set(ctx, key, value, ttl)
}

func (l listing) Delete(ctx context.Context, key string) error { return l.next.Delete(ctx, key) }

func (l listing) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return storage.Keys(ctx, l.next, prefix)
}

func (l listing) DeletePrefix(ctx context.Context, prefix string) error {
	return storage.DeletePrefix(ctx, l.next, prefix)
}

func (l listing) Ping(ctx context.Context) error { return storage.Ping(ctx, l.next) }

// swapping is an adapter of somebody who needed to write safely: of the powers
// it has GetEntry and CompareAndSwap.
type swapping struct{ next storage.ByteStore }

var swappingLacks = []storage.Op{
	storage.OpGetEntries, storage.OpTake, storage.OpTouch, storage.OpKeys, storage.OpDeletePrefix, storage.OpPing,
}

func (s swapping) Get(ctx context.Context, key string) ([]byte, error) { return s.next.Get(ctx, key) }

func (s swapping) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, key, value, ttl)
}

func (s swapping) Delete(ctx context.Context, key string) error { return s.next.Delete(ctx, key) }

func (s swapping) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	return storage.GetEntry(ctx, s.next, key)
}

func (s swapping) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

var (
	_ storage.EntryGetter[[]byte] = sliding{}
	_ storage.Toucher             = sliding{}
	_ storage.Swapper[[]byte]     = swapping{}
	_ storage.KeyLister           = listing{}
	_ storage.PrefixDeleter       = listing{}
)

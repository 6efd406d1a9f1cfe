package singleflight

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"sync"
	"time"

	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

const shards = 16

// Store shares concurrent Gets. All other operations go to the store below
// as they are.
type Store[V any] struct {
	view[V]
}

// view is the part of a store under a prefix; views share their calls.
type view[V any] struct {
	next   storage.Store[V]
	prefix string
	group  *group[V]
}

// group has the calls in progress by wire key.
type group[V any] struct {
	seed   maphash.Seed
	shards [shards]struct {
		sync.Mutex
		calls flight.Table[V]
	}
	clone func(V) V
}

// Option sets what depends on the type of the values.
type Option[V any] func(*group[V])

// Clone makes every caller get a copy of a shared value, made by fn. Without
// it the callers share the value and must not write to it; to append to bytes
// is safe.
func Clone[V any](fn func(V) V) Option[V] {
	return func(g *group[V]) { g.clone = fn }
}

// New returns next with concurrent Gets of a key shared.
func New[V any](next storage.Store[V], options ...Option[V]) *Store[V] {
	if next == nil {
		panic("singleflight: New of a nil store")
	}
	g := &group[V]{seed: maphash.MakeSeed()}
	for i := range g.shards {
		g.shards[i].calls.Lock = &g.shards[i]
	}
	for _, option := range options {
		option(g)
	}
	return &Store[V]{view[V]{next: next, group: g}}
}

// Close cancels the calls in progress, whose callers get
// [storage.ErrClosed], and waits for them to end. A call that a caller performs
// whose context cannot end is not cancelled. Close does not close the store
// below. Get fails after it.
func (s *Store[V]) Close() error {
	for i := range s.group.shards {
		shard := &s.group.shards[i]
		shard.Lock()
		shard.calls.Close(fmt.Errorf("singleflight: %w", storage.ErrClosed))
		shard.Unlock()
	}
	for i := range s.group.shards {
		s.group.shards[i].calls.Drain()
	}
	return nil
}

// Get returns the value of key, from a call that other Gets may share.
func (s *view[V]) Get(ctx context.Context, key string) (V, error) {
	value, err := s.get(ctx, key)
	flight.Rethrow(err)
	if err == nil && s.group.clone != nil {
		value = s.group.clone(value)
	}
	return value, err
}

func (s *view[V]) get(ctx context.Context, key string) (value V, err error) {
	if key == "" {
		return value, storage.ErrInvalidKey
	}
	if ctx.Err() != nil {
		return value, fmt.Errorf("singleflight: get: %w", ctx.Err())
	}
	wire := s.prefix + key
	shard := &s.group.shards[maphash.String(s.group.seed, wire)%shards]
	shard.Lock()
	place, err := shard.calls.Join(ctx, wire, (*source[V])(s))
	shard.Unlock()
	if err != nil {
		return value, err
	}
	value, err = place.Wait(ctx)
	if err != nil && err == ctx.Err() {
		err = fmt.Errorf("singleflight: get: %w", err)
	}
	return value, err
}

// source is a view as that which its calls are to.
type source[V any] view[V]

// Load performs a call.
func (s *source[V]) Load(ctx context.Context, call *flight.Load[V]) (V, error) {
	value, err := s.next.Get(ctx, call.Key[len(s.prefix):])
	return flight.Clip(value), err
}

// detach keeps Gets that begin after it from sharing a call that began
// before. Writes end with it, and so do reads that bypass the calls: what
// they saw may be newer than what a call in progress will tell.
func (s *view[V]) detach(key string) {
	wire := s.prefix + key
	shard := &s.group.shards[maphash.String(s.group.seed, wire)%shards]
	shard.Lock()
	defer shard.Unlock()
	shard.calls.Detach(wire)
}

func (s *view[V]) detachAll(keys []string) {
	for _, key := range keys {
		s.detach(key)
	}
}

// Set stores value under key.
func (s *view[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	defer s.detach(key)
	return s.next.Set(ctx, key, value, ttl)
}

// Delete removes key.
func (s *view[V]) Delete(ctx context.Context, key string) error {
	defer s.detach(key)
	return s.next.Delete(ctx, key)
}

// Has reports whether key has a value.
func (s *view[V]) Has(ctx context.Context, key string) (bool, error) {
	defer s.detach(key)
	return storage.Has(ctx, s.next, key)
}

// GetMany returns the values of keys, by a call of its own.
func (s *view[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	defer s.detachAll(keys)
	return storage.GetMany(ctx, s.next, keys)
}

// SetMany stores values.
func (s *view[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	defer func() {
		for key := range values {
			s.detach(key)
		}
	}()
	return storage.SetMany(ctx, s.next, values, ttl)
}

// DeleteMany removes keys.
func (s *view[V]) DeleteMany(ctx context.Context, keys []string) error {
	defer s.detachAll(keys)
	return storage.DeleteMany(ctx, s.next, keys)
}

// GetEntry returns the value of key with its version and expiry, by a call of
// its own.
func (s *view[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	defer s.detach(key)
	return storage.GetEntry(ctx, s.next, key)
}

// GetEntries is GetEntry for many keys.
func (s *view[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	defer s.detachAll(keys)
	return storage.GetEntries(ctx, s.next, keys)
}

// CompareAndSwap stores value if the version is still old.
func (s *view[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (storage.Version, error) {
	defer s.detach(key)
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

// Take returns the value of key and deletes it.
func (s *view[V]) Take(ctx context.Context, key string) (V, error) {
	defer s.detach(key)
	return storage.Take(ctx, s.next, key)
}

// Touch gives key a new ttl.
func (s *view[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	defer s.detach(key)
	return storage.Touch(ctx, s.next, key, ttl)
}

// Keys lists the keys that begin with prefix.
func (s *view[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range storage.Keys(ctx, s.next, prefix) {
			if err == nil {
				s.detach(key)
			}
			if !yield(key, err) {
				return
			}
		}
	}
}

// DeletePrefix removes the keys that begin with prefix.
func (s *view[V]) DeletePrefix(ctx context.Context, prefix string) error {
	defer func() {
		for i := range s.group.shards {
			shard := &s.group.shards[i]
			shard.Lock()
			shard.calls.DetachPrefix(s.prefix + prefix)
			shard.Unlock()
		}
	}()
	return storage.DeletePrefix(ctx, s.next, prefix)
}

// Ping asks the backend whether it can serve now.
func (s *view[V]) Ping(ctx context.Context) error { return storage.Ping(ctx, s.next) }

// In returns the part of s under the scope.
func (s *view[V]) In(scope storage.Scope) storage.Store[V] {
	return &view[V]{next: storage.In(s.next, scope), prefix: s.prefix + scope.Prefix, group: s.group}
}

// Supports reports whether op is native in the store below.
func (s *view[V]) Supports(op storage.Op) bool { return storage.Supports(s.next, op) }

var (
	_ full.Store[any] = (*Store[any])(nil)
	_ full.Store[any] = (*view[any])(nil)
)

package memstore

import (
	"context"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var _ full.Adapter[any] = (*Store[any])(nil)

// Store is a store in memory, or a view of one made by [Store.In].
// Use [New]; the zero Store is not usable.
type Store[V any] struct {
	data   *data[V]
	prefix string // before every key, in a view
}

// New returns an empty store for values of type V:
//
//	memstore.New[[]byte]()
//	memstore.New[[]byte](memstore.MaxEntries(100_000), memstore.Evict())
//
// Without options it has no bounds. It starts nothing and needs no Close.
// New panics if a bound is negative, if a hook is for another type than V, or
// if there is a [MaxBytes] and no [Weigh] for a V that is neither bytes nor a
// string.
func New[V any](opts ...Option) *Store[V] {
	return &Store[V]{data: newData[V](opts)}
}

// In returns a view whose key k is the key scope.Prefix+k of s. It shares the
// data and the bounds of s.
func (s *Store[V]) In(scope storage.Scope) storage.Store[V] {
	return &Store[V]{data: s.data, prefix: s.prefix + scope.Prefix}
}

// Get returns the value of key, or [storage.ErrNotFound].
// Bytes are the caller's own copy.
func (s *Store[V]) Get(ctx context.Context, key string) (V, error) {
	if err := check(ctx, storage.OpGet, key); err != nil {
		var zero V
		return zero, err
	}
	return s.get(key)
}

// Set stores value under key until ttl has passed. Bytes are copied. In a
// store that is full it makes room or is refused, see [Evict].
func (s *Store[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	if err := checkWrite(ctx, storage.OpSet, key, ttl); err != nil {
		return err
	}
	if _, err := s.put(key, value, ttl, nil); err != nil {
		return fail(storage.OpSet, err)
	}
	return nil
}

// Delete removes key.
func (s *Store[V]) Delete(ctx context.Context, key string) error {
	if err := check(ctx, storage.OpDelete, key); err != nil {
		return err
	}
	s.delete(key)
	return nil
}

// Has reports whether key has a value. It does not count as a use of the key
// when the store evicts.
func (s *Store[V]) Has(ctx context.Context, key string) (bool, error) {
	if err := check(ctx, storage.OpHas, key); err != nil {
		return false, err
	}
	shard, e := s.lock(key)
	shard.mu.Unlock()
	return e != nil, nil
}

// Ping returns nil, unless ctx has ended.
func (s *Store[V]) Ping(ctx context.Context) error { return alive(ctx, storage.OpPing) }

func (s *Store[V]) get(key string) (V, error) {
	shard, e := s.lock(key)
	if e == nil {
		shard.mu.Unlock()
		var zero V
		return zero, storage.ErrNotFound
	}
	shard.read(e)
	value := e.value
	shard.mu.Unlock()
	return s.data.copyOf(value), nil
}

func (s *Store[V]) delete(key string) {
	shard, e := s.lock(key)
	if e != nil {
		shard.remove(e)
	}
	shard.mu.Unlock()
}

// alive fails if ctx has ended.
func alive(ctx context.Context, op storage.Op) error {
	if err := ctx.Err(); err != nil {
		return fail(op, err)
	}
	return nil
}

// check fails if ctx has ended or if key is invalid.
func check(ctx context.Context, op storage.Op, key string) error {
	if err := alive(ctx, op); err != nil {
		return err
	}
	if key == "" {
		return fail(op, storage.ErrInvalidKey)
	}
	return nil
}

// checkWrite is check, and fails if ttl is invalid.
func checkWrite(ctx context.Context, op storage.Op, key string, ttl time.Duration) error {
	if err := check(ctx, op, key); err != nil {
		return err
	}
	if ttl < 0 {
		return fail(op, storage.ErrInvalidTTL)
	}
	return nil
}

func fail(op storage.Op, err error) error { return fmt.Errorf("memstore: %s: %w", op, err) }

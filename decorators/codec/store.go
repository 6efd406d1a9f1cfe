package codec

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var _ full.Store[any] = (*Store[any])(nil)

// Store is a store of values over a store of bytes.
type Store[V any] struct {
	next  storage.ByteStore
	codec Codec[V]
	memo  *memo // nil: decode each time
}

// An Option changes what a store does.
type Option func(*options)

type options struct{ memo *memo }

// memo is who leaves decoded values beside the bytes: a store with its views.
type memo struct{ _ byte }

// Memo has Get decode bytes that are in a cache below only once: the value stays
// beside them, for all who get them through this store or a view of it.
//
//	host:   c := cache.New(redisstore.New(client), cache.Options{})
//	plugin: codec.New(namespace.New(c, "sessions"), codec.JSON[*Session](), codec.Memo())
//
// So the host has one cache of bytes, with one bound for all plugins, and a hit
// costs no decoding. A value is as fresh as its bytes, and goes with them. Its own
// memory counts for no bound of the cache.
//
// The readers share the value. They must not write to it, nor to what it points
// to: the promise that everybody has his own is given up.
//
// It needs a store with [storage.GetMemo]: a cache, also through namespaces and
// interceptors. Over others, and for other operations than Get, nothing changes.
func Memo() Option { return func(o *options) { o.memo = new(memo) } }

// New returns next as a store of the values that c encodes. It panics if one
// of them is nil. There is nothing to close.
func New[V any](next storage.ByteStore, c Codec[V], opts ...Option) *Store[V] {
	if next == nil {
		panic("codec: New of a nil store")
	}
	if c == nil {
		panic("codec: New with a nil codec")
	}
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return &Store[V]{next: next, codec: c, memo: o.memo}
}

// Get returns the value of key. Bytes that do not decode are
// [storage.ErrCorrupt].
func (s *Store[V]) Get(ctx context.Context, key string) (V, error) {
	if s.memo != nil {
		return s.getMemo(ctx, key)
	}
	data, err := s.next.Get(ctx, key)
	return s.decode(storage.OpGet, data, err)
}

// getMemo is Get that looks for a decoded value beside the bytes, and leaves one.
func (s *Store[V]) getMemo(ctx context.Context, key string) (V, error) {
	data, memo, err := storage.GetMemo(ctx, s.next, key)
	if memo == nil {
		return s.decode(storage.OpGet, data, err)
	}
	if made, ok := memo.Load(s.memo); ok {
		value, _ := made.(V) // a nil of an interface type is of none
		return value, nil
	}
	value, err := s.decode(storage.OpGet, data, err)
	if err == nil {
		memo.Store(s.memo, value)
	}
	return value, err
}

// Set stores value under key. A value that does not encode is [storage.ErrInvalidValue] or
// [storage.ErrTooLarge] and nothing is sent.
func (s *Store[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	data, err := s.encode(storage.OpSet, value)
	if err != nil {
		return err
	}
	return s.next.Set(ctx, key, data, ttl)
}

// Delete removes key.
func (s *Store[V]) Delete(ctx context.Context, key string) error { return s.next.Delete(ctx, key) }

// Has reports whether key has a value, be it one that does not decode.
func (s *Store[V]) Has(ctx context.Context, key string) (bool, error) {
	return storage.Has(ctx, s.next, key)
}

// GetMany returns the values of keys. If some do not decode, it returns the
// others with an error that matches [storage.ErrCorrupt].
func (s *Store[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	found, err := storage.GetMany(ctx, s.next, keys)
	values := make(map[string]V, len(found))
	var bad corruption
	for key, data := range found {
		if value, err := s.codec.Decode(data); err != nil {
			bad.add(data, err)
		} else {
			values[key] = value
		}
	}
	return values, join(err, notDecoded[V](storage.OpGetMany, bad))
}

// SetMany stores all values, unless one of them does not encode.
func (s *Store[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	encoded := make(map[string][]byte, len(values))
	for key, value := range values {
		data, err := s.encode(storage.OpSetMany, value)
		if err != nil {
			return err
		}
		encoded[key] = data
	}
	return storage.SetMany(ctx, s.next, encoded, ttl)
}

// DeleteMany removes keys.
func (s *Store[V]) DeleteMany(ctx context.Context, keys []string) error {
	return storage.DeleteMany(ctx, s.next, keys)
}

// GetEntry returns the value of key with the version and the expiry of its
// bytes.
func (s *Store[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	found, err := storage.GetEntry(ctx, s.next, key)
	value, err := s.decode(storage.OpGetEntry, found.Value, err)
	if err != nil {
		return storage.Entry[V]{}, err
	}
	return storage.Entry[V]{Value: value, Version: found.Version, Expires: found.Expires}, nil
}

// GetEntries is GetEntry for many keys. If some do not decode, it returns the
// others with an error that matches [storage.ErrCorrupt].
func (s *Store[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	found, err := storage.GetEntries(ctx, s.next, keys)
	entries := make(map[string]storage.Entry[V], len(found))
	var bad corruption
	for key, entry := range found {
		if value, err := s.codec.Decode(entry.Value); err != nil {
			bad.add(entry.Value, err)
		} else {
			entries[key] = storage.Entry[V]{Value: value, Version: entry.Version, Expires: entry.Expires}
		}
	}
	return entries, join(err, notDecoded[V](storage.OpGetEntries, bad))
}

// CompareAndSwap stores value under key if the bytes there still have the
// version old.
func (s *Store[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (storage.Version, error) {
	data, err := s.encode(storage.OpCompareAndSwap, value)
	if err != nil {
		return "", err
	}
	return storage.CompareAndSwap(ctx, s.next, key, old, data, ttl)
}

// Take returns the value of key and deletes it. Bytes that do not decode are
// gone too, and the error says so.
func (s *Store[V]) Take(ctx context.Context, key string) (V, error) {
	data, err := storage.Take(ctx, s.next, key)
	return s.decode(storage.OpTake, data, err)
}

// Touch gives key a new ttl.
func (s *Store[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return storage.Touch(ctx, s.next, key, ttl)
}

// Keys returns the keys that begin with prefix.
func (s *Store[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return storage.Keys(ctx, s.next, prefix)
}

// DeletePrefix removes the keys that begin with prefix.
func (s *Store[V]) DeletePrefix(ctx context.Context, prefix string) error {
	return storage.DeletePrefix(ctx, s.next, prefix)
}

// Ping asks the backend whether it can serve now.
func (s *Store[V]) Ping(ctx context.Context) error { return storage.Ping(ctx, s.next) }

// In returns the part of the store under scope, with the same codec.
func (s *Store[V]) In(scope storage.Scope) storage.Store[V] {
	return &Store[V]{next: storage.In(s.next, scope), codec: s.codec, memo: s.memo}
}

// Supports reports whether op is native in the store of bytes.
func (s *Store[V]) Supports(op storage.Op) bool { return storage.Supports(s.next, op) }

func (s *Store[V]) encode(op storage.Op, value V) ([]byte, error) {
	data, err := s.codec.Encode(value)
	if err != nil {
		return nil, notEncoded[V](op, err)
	}
	return data, nil
}

// decode returns the value of data, the result of op on the store of bytes,
// unless op failed with err.
func (s *Store[V]) decode(op storage.Op, data []byte, err error) (V, error) {
	var zero V
	if err != nil {
		return zero, err
	}
	value, err := s.codec.Decode(data)
	if err != nil {
		var bad corruption
		bad.add(data, err)
		return zero, notDecoded[V](op, bad)
	}
	return value, nil
}

// join returns both errors, and one that stands alone as it is.
func join(err, corrupt error) error {
	switch {
	case corrupt == nil:
		return err
	case err == nil:
		return corrupt
	default:
		return errors.Join(err, corrupt)
	}
}

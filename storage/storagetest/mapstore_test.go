package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// tiny is the smallest correct store: a map behind a lock.
type tiny[V any] struct {
	mu    sync.Mutex
	items map[string]item[V]
	copy  func(V) V
}

type item[V any] struct {
	value   V
	expires time.Time
}

func newTiny() *tiny[[]byte] {
	return &tiny[[]byte]{items: make(map[string]item[[]byte]), copy: bytes.Clone}
}

func newTinyOf[V any]() *tiny[V] {
	return &tiny[V]{items: make(map[string]item[V]), copy: func(v V) V { return v }}
}

// begin checks what every call must and locks.
func (s *tiny[V]) begin(ctx context.Context, ttl time.Duration, keys ...string) error {
	if slices.Contains(keys, "") {
		return storage.ErrInvalidKey
	}
	if ttl < 0 {
		return storage.ErrInvalidTTL
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("tiny: %w", err)
	}
	s.mu.Lock()
	return nil
}

func (s *tiny[V]) look(key string) (item[V], bool) {
	it, ok := s.items[key]
	if ok && !it.expires.IsZero() && !time.Now().Before(it.expires) {
		delete(s.items, key)
		ok = false
	}
	return it, ok
}

func (s *tiny[V]) put(key string, value V, ttl time.Duration) {
	it := item[V]{value: s.copy(value)}
	if ttl > 0 {
		it.expires = time.Now().Add(ttl)
	}
	s.items[key] = it
}

func (s *tiny[V]) Get(ctx context.Context, key string) (V, error) {
	var zero V
	if err := s.begin(ctx, 0, key); err != nil {
		return zero, err
	}
	defer s.mu.Unlock()
	it, ok := s.look(key)
	if !ok {
		return zero, storage.ErrNotFound
	}
	return s.copy(it.value), nil
}

func (s *tiny[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	if err := s.begin(ctx, ttl, key); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.put(key, value, ttl)
	return nil
}

func (s *tiny[V]) Delete(ctx context.Context, key string) error {
	if err := s.begin(ctx, 0, key); err != nil {
		return err
	}
	defer s.mu.Unlock()
	delete(s.items, key)
	return nil
}

// mighty is tiny with every power and shortcut.
type mighty struct{ *tiny[[]byte] }

func newMighty() mighty { return mighty{newTiny()} }

var seed = maphash.MakeSeed()

func version(value []byte) storage.Version {
	return storage.Version(fmt.Sprintf("%x", maphash.Bytes(seed, value)))
}

func (s mighty) Has(ctx context.Context, key string) (bool, error) {
	if err := s.begin(ctx, 0, key); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	_, ok := s.look(key)
	return ok, nil
}

func (s mighty) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	entries, err := s.GetEntries(ctx, keys)
	values := make(map[string][]byte)
	for key, entry := range entries {
		values[key] = entry.Value
	}
	return values, err
}

func (s mighty) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	if err := s.begin(ctx, ttl, keys...); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for key, value := range values {
		s.put(key, value, ttl)
	}
	return nil
}

func (s mighty) DeleteMany(ctx context.Context, keys []string) error {
	if err := s.begin(ctx, 0, keys...); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.items, key)
	}
	return nil
}

func (s mighty) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	entries, err := s.GetEntries(ctx, []string{key})
	entry, ok := entries[key]
	if err == nil && !ok {
		err = storage.ErrNotFound
	}
	return entry, err
}

func (s mighty) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[[]byte], error) {
	if err := s.begin(ctx, 0, keys...); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	entries := make(map[string]storage.Entry[[]byte])
	for _, key := range keys {
		if it, ok := s.look(key); ok {
			entries[key] = storage.Entry[[]byte]{Value: s.copy(it.value), Version: version(it.value), Expires: it.expires}
		}
	}
	return entries, nil
}

func (s mighty) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	if err := s.begin(ctx, ttl, key); err != nil {
		return "", err
	}
	defer s.mu.Unlock()
	var now storage.Version
	if it, ok := s.look(key); ok {
		now = version(it.value)
	}
	if now != old {
		return "", storage.ErrConflict
	}
	s.put(key, value, ttl)
	return version(value), nil
}

func (s mighty) Take(ctx context.Context, key string) ([]byte, error) {
	if err := s.begin(ctx, 0, key); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	it, ok := s.look(key)
	if !ok {
		return nil, storage.ErrNotFound
	}
	delete(s.items, key)
	return it.value, nil
}

func (s mighty) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := s.begin(ctx, ttl, key); err != nil {
		return err
	}
	defer s.mu.Unlock()
	it, ok := s.look(key)
	if !ok {
		return storage.ErrNotFound
	}
	s.put(key, it.value, ttl)
	return nil
}

func (s mighty) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := s.begin(ctx, 0); err != nil {
			yield("", err)
			return
		}
		var keys []string
		for key := range s.items {
			if _, ok := s.look(key); ok && strings.HasPrefix(key, prefix) {
				keys = append(keys, key)
			}
		}
		s.mu.Unlock()
		for _, key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (s mighty) DeletePrefix(ctx context.Context, prefix string) error {
	if err := s.begin(ctx, 0, prefix); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for key := range s.items {
		if strings.HasPrefix(key, prefix) {
			delete(s.items, key)
		}
	}
	return nil
}

func (s mighty) Ping(ctx context.Context) error { return ctx.Err() }

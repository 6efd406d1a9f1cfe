package memstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// GetMany returns the values of those keys that have one. Each key is read on
// its own.
func (s *Store[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	return readMany(ctx, storage.OpGetMany, keys, s.get)
}

// GetEntries is GetEntry for many keys.
func (s *Store[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	return readMany(ctx, storage.OpGetEntries, keys, s.getEntry)
}

// SetMany stores values, all with the same ttl. An invalid key or ttl, or a
// value that is too large, is found before anything is stored. When the store
// refuses because it is full, some values may have been stored.
func (s *Store[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	if err := alive(ctx, storage.OpSetMany); err != nil {
		return err
	}
	if ttl < 0 {
		return fail(storage.OpSetMany, storage.ErrInvalidTTL)
	}
	for key, value := range values {
		if key == "" {
			return fail(storage.OpSetMany, storage.ErrInvalidKey)
		}
		if _, err := s.data.sizeOf(s.prefix, key, value); err != nil {
			return fail(storage.OpSetMany, err)
		}
	}
	for key, value := range values {
		if err := alive(ctx, storage.OpSetMany); err != nil {
			return err
		}
		if _, err := s.put(key, value, ttl, nil); err != nil {
			return fail(storage.OpSetMany, err)
		}
	}
	return nil
}

// DeleteMany removes keys. An invalid key is found before anything is removed.
func (s *Store[V]) DeleteMany(ctx context.Context, keys []string) error {
	if err := checkMany(ctx, storage.OpDeleteMany, keys); err != nil {
		return err
	}
	for _, key := range keys {
		if err := alive(ctx, storage.OpDeleteMany); err != nil {
			return err
		}
		s.delete(key)
	}
	return nil
}

// readMany reads each key once. With an error the result holds what was read
// before it.
func readMany[T any](ctx context.Context, op storage.Op, keys []string, get func(key string) (T, error)) (map[string]T, error) {
	if err := checkMany(ctx, op, keys); err != nil {
		return nil, err
	}
	found := make(map[string]T, len(keys))
	for _, key := range keys {
		if err := alive(ctx, op); err != nil {
			return found, err
		}
		if _, ok := found[key]; ok {
			continue
		}
		switch value, err := get(key); {
		case err == nil:
			found[key] = value
		case !errors.Is(err, storage.ErrNotFound):
			return found, fail(op, err)
		}
	}
	return found, nil
}

func checkMany(ctx context.Context, op storage.Op, keys []string) error {
	if err := alive(ctx, op); err != nil {
		return err
	}
	if slices.Contains(keys, "") {
		return fail(op, storage.ErrInvalidKey)
	}
	return nil
}

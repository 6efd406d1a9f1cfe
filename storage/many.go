package storage

import (
	"context"
	"errors"
	"slices"
	"time"
)

// ManyGetter is the interface of a store with a native [GetMany].
type ManyGetter[V any] interface {
	GetMany(ctx context.Context, keys []string) (map[string]V, error)
}

// GetMany returns the values of keys. Absent keys are absent from the result.
// With an error the result holds what was read before it. It is no snapshot:
// each key is read on its own.
//
// If s implements [ManyGetter], GetMany calls s.GetMany.
// Otherwise it calls s.Get for each key.
func GetMany[V any](ctx context.Context, s Store[V], keys []string) (map[string]V, error) {
	if s, ok := s.(ManyGetter[V]); ok {
		return s.GetMany(ctx, keys)
	}
	return each(keys, func(key string) (V, error) { return s.Get(ctx, key) })
}

// ManySetter is the interface of a store with a native [SetMany].
type ManySetter[V any] interface {
	SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error
}

// SetMany stores all values with the same ttl. It is not atomic: after an
// error some values may have been stored, unless the error says that a key or
// the ttl is invalid, which is found before anything is stored.
//
// If s implements [ManySetter], SetMany calls s.SetMany.
// Otherwise it calls s.Set for each value.
func SetMany[V any](ctx context.Context, s Store[V], values map[string]V, ttl time.Duration) error {
	if s, ok := s.(ManySetter[V]); ok {
		return s.SetMany(ctx, values, ttl)
	}
	if ttl < 0 {
		return ErrInvalidTTL
	}
	if _, ok := values[""]; ok {
		return ErrInvalidKey
	}
	for key, value := range values {
		if err := s.Set(ctx, key, value, ttl); err != nil {
			return err
		}
	}
	return nil
}

// ManyDeleter is the interface of a store with a native [DeleteMany].
type ManyDeleter interface {
	DeleteMany(ctx context.Context, keys []string) error
}

// DeleteMany removes keys; those that do not exist are no error. It is not
// atomic: after an error some keys may have been removed, unless the error
// says that a key is invalid, which is found before anything is removed.
//
// If s implements [ManyDeleter], DeleteMany calls s.DeleteMany.
// Otherwise it calls s.Delete for each key.
func DeleteMany[V any](ctx context.Context, s Store[V], keys []string) error {
	if s, ok := s.(ManyDeleter); ok {
		return s.DeleteMany(ctx, keys)
	}
	if err := checkKeys(keys); err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// each reads keys and leaves out those that are not found.
func each[T any](keys []string, get func(key string) (T, error)) (map[string]T, error) {
	if err := checkKeys(keys); err != nil {
		return nil, err
	}
	found := make(map[string]T, len(keys))
	for _, key := range keys {
		if _, ok := found[key]; ok {
			continue
		}
		value, err := get(key)
		switch {
		case err == nil:
			found[key] = value
		case !errors.Is(err, ErrNotFound):
			return found, err
		}
	}
	return found, nil
}

func checkKeys(keys []string) error {
	if slices.Contains(keys, "") {
		return ErrInvalidKey
	}
	return nil
}

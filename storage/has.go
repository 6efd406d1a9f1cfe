package storage

import (
	"context"
	"errors"
)

// Haser is the interface of a store with a native [Has].
type Haser interface {
	Has(ctx context.Context, key string) (bool, error)
}

// Has reports whether key has a value, an empty one included. A failure is an
// error, never false.
//
// If s implements [Haser], Has calls s.Has, which moves no value where the
// backend can tell without. Otherwise it calls s.Get.
func Has[V any](ctx context.Context, s Store[V], key string) (bool, error) {
	if s, ok := s.(Haser); ok {
		return s.Has(ctx, key)
	}
	switch _, err := s.Get(ctx, key); {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrNotFound):
		return false, nil
	default:
		return false, err
	}
}

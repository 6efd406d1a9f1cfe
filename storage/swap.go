package storage

import (
	"context"
	"time"
)

// Swapper is the interface of a store with a native [CompareAndSwap].
type Swapper[V any] interface {
	CompareAndSwap(ctx context.Context, key string, old Version, value V, ttl time.Duration) (Version, error)
}

// CompareAndSwap stores value under key, with ttl as in Set, if the stored
// value still has the version old; an old of "" means that there must be no
// value. It returns the new version. If the version is another one, it
// changes neither value nor expiry and returns an error that matches
// [ErrConflict]. It always reaches the backend. [Update] is the loop around it.
//
// If s implements [Swapper], CompareAndSwap calls s.CompareAndSwap.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func CompareAndSwap[V any](ctx context.Context, s Store[V], key string, old Version, value V, ttl time.Duration) (Version, error) {
	if s, ok := s.(Swapper[V]); ok {
		return s.CompareAndSwap(ctx, key, old, value, ttl)
	}
	return "", Unsupported(OpCompareAndSwap, s)
}

// Taker is the interface of a store with a native [Take].
type Taker[V any] interface {
	Take(ctx context.Context, key string) (V, error)
}

// Take returns the value of key and deletes it, atomically: of many callers
// one gets the value and the others an error that matches [ErrNotFound].
// It always reaches the backend. One-time tokens are taken.
//
// If s implements [Taker], Take calls s.Take.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func Take[V any](ctx context.Context, s Store[V], key string) (V, error) {
	if s, ok := s.(Taker[V]); ok {
		return s.Take(ctx, key)
	}
	var zero V
	return zero, Unsupported(OpTake, s)
}

// Toucher is the interface of a store with a native [Touch].
type Toucher interface {
	Touch(ctx context.Context, key string, ttl time.Duration) error
}

// Touch gives key a new ttl, as in Set, and does not move the value. A missing
// key is an error that matches [ErrNotFound]. It always reaches the backend.
// Sliding sessions are touched.
//
// If s implements [Toucher], Touch calls s.Touch.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func Touch[V any](ctx context.Context, s Store[V], key string, ttl time.Duration) error {
	if s, ok := s.(Toucher); ok {
		return s.Touch(ctx, key, ttl)
	}
	return Unsupported(OpTouch, s)
}

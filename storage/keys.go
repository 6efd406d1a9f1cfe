package storage

import (
	"context"
	"iter"
)

// KeyLister is the interface of a store with a native [Keys].
type KeyLister interface {
	Keys(ctx context.Context, prefix string) iter.Seq2[string, error]
}

// Keys returns the keys that begin with prefix, taken literally; the empty
// prefix lists all. A key that exists during the whole iteration comes at
// least once; one that is written or deleted meanwhile may or may not. An
// error is yielded last, with an empty key. The loop may write and delete.
//
// If s implements [KeyLister], Keys calls s.Keys.
// Otherwise it yields an error that matches [errors.ErrUnsupported].
func Keys[V any](ctx context.Context, s Store[V], prefix string) iter.Seq2[string, error] {
	if s, ok := s.(KeyLister); ok {
		return s.Keys(ctx, prefix)
	}
	return func(yield func(string, error) bool) {
		yield("", Unsupported(OpKeys, s))
	}
}

// PrefixDeleter is the interface of a store with a native [DeletePrefix].
type PrefixDeleter interface {
	DeletePrefix(ctx context.Context, prefix string) error
}

// DeletePrefix removes the keys that begin with prefix, taken literally. It
// is not atomic: keys written meanwhile may survive, and after an error some
// keys may have been removed. An empty prefix removes everything in a
// namespace and is [ErrInvalidKey] outside of one.
//
// If s implements [PrefixDeleter], DeletePrefix calls s.DeletePrefix.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func DeletePrefix[V any](ctx context.Context, s Store[V], prefix string) error {
	if s, ok := s.(PrefixDeleter); ok {
		return s.DeletePrefix(ctx, prefix)
	}
	return Unsupported(OpDeletePrefix, s)
}

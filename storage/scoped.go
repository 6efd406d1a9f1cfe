package storage

import (
	"context"
	"iter"
	"strings"
	"time"
)

// scoped is the view of a store that has no In of its own: it puts the prefix
// before every key, calls the function and takes the prefix off again.
type scoped[V any] struct {
	next   Store[V]
	prefix string
}

func (s *scoped[V]) key(key string) (string, error) {
	if key == "" {
		return "", ErrInvalidKey
	}
	return s.prefix + key, nil
}

func (s *scoped[V]) keys(keys []string) ([]string, error) {
	full := make([]string, len(keys))
	for i, key := range keys {
		if key == "" {
			return nil, ErrInvalidKey
		}
		full[i] = s.prefix + key
	}
	return full, nil
}

func (s *scoped[V]) Get(ctx context.Context, key string) (V, error) {
	full, err := s.key(key)
	if err != nil {
		var zero V
		return zero, err
	}
	return s.next.Get(ctx, full)
}

func (s *scoped[V]) GetMemo(ctx context.Context, key string) (V, *Memo, error) {
	full, err := s.key(key)
	if err != nil {
		var zero V
		return zero, nil, err
	}
	return GetMemo(ctx, s.next, full)
}

func (s *scoped[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	full, err := s.key(key)
	if err != nil {
		return err
	}
	return s.next.Set(ctx, full, value, ttl)
}

func (s *scoped[V]) Delete(ctx context.Context, key string) error {
	full, err := s.key(key)
	if err != nil {
		return err
	}
	return s.next.Delete(ctx, full)
}

func (s *scoped[V]) Has(ctx context.Context, key string) (bool, error) {
	full, err := s.key(key)
	if err != nil {
		return false, err
	}
	return Has(ctx, s.next, full)
}

func (s *scoped[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	full, err := s.keys(keys)
	if err != nil {
		return nil, err
	}
	found, err := GetMany(ctx, s.next, full)
	return unscope(keys, full, found), err
}

func (s *scoped[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	full := make(map[string]V, len(values))
	for key, value := range values {
		if key == "" {
			return ErrInvalidKey
		}
		full[s.prefix+key] = value
	}
	return SetMany(ctx, s.next, full, ttl)
}

func (s *scoped[V]) DeleteMany(ctx context.Context, keys []string) error {
	full, err := s.keys(keys)
	if err != nil {
		return err
	}
	return DeleteMany(ctx, s.next, full)
}

func (s *scoped[V]) GetEntry(ctx context.Context, key string) (Entry[V], error) {
	full, err := s.key(key)
	if err != nil {
		return Entry[V]{}, err
	}
	return GetEntry(ctx, s.next, full)
}

func (s *scoped[V]) GetEntries(ctx context.Context, keys []string) (map[string]Entry[V], error) {
	full, err := s.keys(keys)
	if err != nil {
		return nil, err
	}
	found, err := GetEntries(ctx, s.next, full)
	return unscope(keys, full, found), err
}

func (s *scoped[V]) CompareAndSwap(ctx context.Context, key string, old Version, value V, ttl time.Duration) (Version, error) {
	full, err := s.key(key)
	if err != nil {
		return "", err
	}
	return CompareAndSwap(ctx, s.next, full, old, value, ttl)
}

func (s *scoped[V]) Take(ctx context.Context, key string) (V, error) {
	full, err := s.key(key)
	if err != nil {
		var zero V
		return zero, err
	}
	return Take(ctx, s.next, full)
}

func (s *scoped[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	full, err := s.key(key)
	if err != nil {
		return err
	}
	return Touch(ctx, s.next, full, ttl)
}

func (s *scoped[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for full, err := range Keys(ctx, s.next, s.prefix+prefix) {
			if err != nil {
				yield("", err)
				return
			}
			key, ok := strings.CutPrefix(full, s.prefix)
			if !ok || key == "" {
				continue // the key that is the prefix itself is not in the view
			}
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (s *scoped[V]) DeletePrefix(ctx context.Context, prefix string) error {
	return DeletePrefix(ctx, s.next, s.prefix+prefix)
}

func (s *scoped[V]) Ping(ctx context.Context) error { return Ping(ctx, s.next) }

func (s *scoped[V]) Supports(op Op) bool { return Supports(s.next, op) }

func (s *scoped[V]) In(scope Scope) Store[V] {
	return &scoped[V]{next: s.next, prefix: s.prefix + scope.Prefix}
}

// unscope returns what was found under the full names by the caller's keys.
func unscope[T any](keys, full []string, found map[string]T) map[string]T {
	got := make(map[string]T, len(found))
	for i, key := range keys {
		if value, ok := found[full[i]]; ok {
			got[key] = value
		}
	}
	return got
}

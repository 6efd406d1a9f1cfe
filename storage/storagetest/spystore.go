package storagetest

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var _ full.Closer[any] = (*spy[any])(nil)

func (s *spy[V]) Get(ctx context.Context, key string) (value V, err error) {
	err = s.call(ctx, received{op: storage.OpGet, keys: []string{key}}, func() error {
		item, err := s.look(key)
		value = item.value
		return err
	})
	return value, err
}

func (s *spy[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	return s.call(ctx, received{op: storage.OpSet, keys: []string{key}, ttl: ttl}, func() error {
		s.put(key, value, ttl)
		return nil
	})
}

func (s *spy[V]) Delete(ctx context.Context, key string) error {
	return s.call(ctx, received{op: storage.OpDelete, keys: []string{key}}, func() error {
		s.remove(key)
		return nil
	})
}

func (s *spy[V]) Has(ctx context.Context, key string) (has bool, err error) {
	err = s.call(ctx, received{op: storage.OpHas, keys: []string{key}}, func() error {
		_, err := s.look(key)
		has = err == nil
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		return err
	})
	return has, err
}

func (s *spy[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	found, err := s.many(ctx, storage.OpGetMany, keys)
	values := make(map[string]V, len(found))
	for key, item := range found {
		values[key] = item.value
	}
	return values, err
}

// many reads keys, and those that can be read even if another cannot.
func (s *spy[V]) many(ctx context.Context, op storage.Op, keys []string) (map[string]kept[V], error) {
	found := make(map[string]kept[V], len(keys))
	err := s.call(ctx, received{op: op, keys: keys}, func() error {
		var failed error
		for _, key := range keys {
			switch item, err := s.look(key); {
			case err == nil:
				found[key] = item
			case !errors.Is(err, storage.ErrNotFound):
				failed = err
			}
		}
		return failed
	})
	return found, err
}

func (s *spy[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	keys := slices.Collect(maps.Keys(values))
	return s.call(ctx, received{op: storage.OpSetMany, keys: keys, ttl: ttl}, func() error {
		for key, value := range values {
			s.put(key, value, ttl)
		}
		return nil
	})
}

func (s *spy[V]) DeleteMany(ctx context.Context, keys []string) error {
	return s.call(ctx, received{op: storage.OpDeleteMany, keys: keys}, func() error {
		for _, key := range keys {
			s.remove(key)
		}
		return nil
	})
}

func (s *spy[V]) GetEntry(ctx context.Context, key string) (entry storage.Entry[V], err error) {
	err = s.call(ctx, received{op: storage.OpGetEntry, keys: []string{key}}, func() error {
		item, err := s.look(key)
		entry = storage.Entry[V]{Value: item.value, Version: item.version, Expires: item.expires}
		return err
	})
	return entry, err
}

func (s *spy[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	found, err := s.many(ctx, storage.OpGetEntries, keys)
	entries := make(map[string]storage.Entry[V], len(found))
	for key, item := range found {
		entries[key] = storage.Entry[V]{Value: item.value, Version: item.version, Expires: item.expires}
	}
	return entries, err
}

func (s *spy[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (version storage.Version, err error) {
	call := received{op: storage.OpCompareAndSwap, keys: []string{key}, ttl: ttl, old: old}
	err = s.call(ctx, call, func() error {
		if item, _ := s.look(key); item.version != old {
			return storage.ErrConflict
		}
		version = s.put(key, value, ttl)
		return nil
	})
	return version, err
}

func (s *spy[V]) Take(ctx context.Context, key string) (value V, err error) {
	err = s.call(ctx, received{op: storage.OpTake, keys: []string{key}}, func() error {
		item, err := s.look(key)
		if err == nil {
			s.remove(key)
		}
		value = item.value
		return err
	})
	return value, err
}

func (s *spy[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return s.call(ctx, received{op: storage.OpTouch, keys: []string{key}, ttl: ttl}, func() error {
		item, err := s.look(key)
		if err != nil {
			return err
		}
		item.expires = expiry(ttl)
		s.items[s.scope.Prefix+key] = item
		return nil
	})
}

// Keys yields the keys in order, up to one that is broken.
func (s *spy[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var keys []string
		var failed error
		err := s.call(ctx, received{op: storage.OpKeys, keys: []string{prefix}}, func() error {
			for _, wire := range slices.Sorted(maps.Keys(s.items)) {
				key, ok := strings.CutPrefix(wire, s.scope.Prefix)
				if !ok || key == "" || !strings.HasPrefix(key, prefix) {
					continue
				}
				_, err := s.look(key)
				if err != nil && !errors.Is(err, storage.ErrNotFound) {
					failed = err
					break
				}
				if err == nil {
					keys = append(keys, key)
				}
			}
			return nil
		})
		for _, key := range keys {
			if !s.hand(key, yield) {
				return
			}
		}
		if err == nil {
			err = failed
		}
		if err != nil {
			yield("", err)
		}
	}
}

// hand yields a key to a loop, and counts it.
func (s *spied[V]) hand(key string, yield func(string, error) bool) bool {
	s.mu.Lock()
	s.yielded++
	s.mu.Unlock()
	return yield(key, nil)
}

func (s *spy[V]) DeletePrefix(ctx context.Context, prefix string) error {
	return s.call(ctx, received{op: storage.OpDeletePrefix, keys: []string{prefix}}, func() error {
		maps.DeleteFunc(s.items, func(wire string, _ kept[V]) bool { return strings.HasPrefix(wire, s.scope.Prefix+prefix) })
		return nil
	})
}

func (s *spy[V]) Ping(ctx context.Context) error {
	return s.call(ctx, received{op: storage.OpPing}, func() error { return nil })
}

func (s *spy[V]) In(scope storage.Scope) storage.Store[V] {
	return &spy[V]{spied: s.spied, scope: s.scope.Join(scope)}
}

func (s *spy[V]) Supports(op storage.Op) bool { return op != s.lacks }

// Close counts. Closing a view does nothing.
func (s *spy[V]) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scope == (storage.Scope{}) {
		s.closed++
	}
	return nil
}

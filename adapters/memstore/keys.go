package memstore

import (
	"context"
	"iter"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// Keys returns the keys that begin with prefix, in no order. It looks at one
// shard after another and holds no lock while the loop runs, so the loop may
// use the store. A key that exists all the while comes exactly once. The keys
// of one shard (of 64) are in memory at a time.
func (s *Store[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i := range s.data.shards {
			if err := alive(ctx, storage.OpKeys); err != nil {
				yield("", err)
				return
			}
			for _, wire := range s.data.shards[i].keys(s.prefix+prefix, len(s.prefix)) {
				if err := alive(ctx, storage.OpKeys); err != nil {
					yield("", err)
					return
				}
				if !yield(wire[len(s.prefix):], nil) {
					return
				}
			}
		}
	}
}

// DeletePrefix removes the keys that begin with prefix. It looks at every key
// of the store, one shard at a time. An empty prefix removes all keys of a
// view, and is [storage.ErrInvalidKey] where there is no view.
func (s *Store[V]) DeletePrefix(ctx context.Context, prefix string) error {
	if s.prefix+prefix == "" {
		return fail(storage.OpDeletePrefix, storage.ErrInvalidKey)
	}
	for i := range s.data.shards {
		if err := alive(ctx, storage.OpDeletePrefix); err != nil {
			return err
		}
		s.data.shards[i].deletePrefix(s.prefix+prefix, len(s.prefix))
	}
	return nil
}

// keys returns the live keys that begin with prefix and are longer than view,
// the length of the prefix of the view: the key that is this prefix itself is
// not in the view.
func (s *shard[V]) keys(prefix string, view int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.data.clock.now()
	var keys []string
	for key, e := range s.entries {
		if len(key) > view && strings.HasPrefix(key, prefix) && !e.expired(now) {
			keys = append(keys, key)
		}
	}
	return keys
}

func (s *shard[V]) deletePrefix(prefix string, view int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, e := range s.entries {
		if len(key) > view && strings.HasPrefix(key, prefix) {
			s.remove(e)
		}
	}
}

package storagetest

import (
	"context"
	"errors"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// globs takes a prefix for a pattern.
type globs struct{ mighty }

func (s globs) DeletePrefix(ctx context.Context, prefix string) error {
	if err := s.begin(ctx, 0, prefix); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for key := range s.items {
		if ok, _ := path.Match(prefix+"*", key); ok || strings.HasPrefix(key, prefix) {
			delete(s.items, key)
		}
	}
	return nil
}

// flushes lets the empty prefix delete everything.
type flushes struct{ mighty }

func (s flushes) DeletePrefix(ctx context.Context, prefix string) error {
	if prefix == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		clear(s.items)
		return nil
	}
	return s.mighty.DeletePrefix(ctx, prefix)
}

// keyMap changes the keys of the three methods.
type keyMap struct {
	*tiny[bytesOf]
	key func(string) string
}

func (s keyMap) Get(ctx context.Context, key string) (bytesOf, error) {
	return s.tiny.Get(ctx, s.key(key))
}

func (s keyMap) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	return s.tiny.Set(ctx, s.key(key), v, ttl)
}

func (s keyMap) Delete(ctx context.Context, key string) error { return s.tiny.Delete(ctx, s.key(key)) }

// emptyInBatch stores a batch up to the key that is empty.
type emptyInBatch struct{ mighty }

func (s emptyInBatch) SetMany(ctx context.Context, values map[string]bytesOf, ttl time.Duration) error {
	var err error
	for key, v := range values {
		err = errors.Join(err, s.Set(ctx, key, v, ttl))
	}
	return err
}

// locked holds its lock while it yields.
type locked struct{ mighty }

func (s locked) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := s.begin(ctx, 0); err != nil {
			yield("", err)
			return
		}
		defer s.mu.Unlock()
		for key := range s.items {
			if _, ok := s.look(key); ok && strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

// firstPage lists only so many keys.
type firstPage struct{ mighty }

func (s firstPage) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		n := 0
		for key, err := range s.mighty.Keys(ctx, prefix) {
			if n++; n > 200 || !yield(key, err) {
				return
			}
		}
	}
}

// deletesPage deletes only so many keys, the first ones.
type deletesPage struct{ mighty }

func (s deletesPage) DeletePrefix(ctx context.Context, prefix string) error {
	if prefix == "" {
		return storage.ErrInvalidKey
	}
	var keys []string
	for key, err := range s.Keys(ctx, prefix) {
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return s.DeleteMany(ctx, keys[:min(len(keys), 2)])
}

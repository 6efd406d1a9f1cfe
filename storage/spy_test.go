package storage_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var (
	_ full.Store[any]      = (*storage.Intercepted[any])(nil)
	_ full.Closer[any]     = (*storage.Intercepted[any])(nil)
	_ full.Store[any]      = (*storage.Scoped[any])(nil)
	_ full.Adapter[string] = (*spy)(nil)
)

// three is a store of three methods that notes what it is asked.
type three struct {
	mu     sync.Mutex
	log    []string
	values map[string]string
	err    error // what every call returns, if not nil
}

func newThree() *three { return &three{values: make(map[string]string)} }

func (s *three) note(format string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, fmt.Sprintf(format, args...))
	return s.err
}

// calls returns what the store was asked since the last time.
func (s *three) calls() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := strings.Join(s.log, "; ")
	s.log = nil
	return log
}

func (s *three) Get(_ context.Context, key string) (string, error) {
	if err := s.note("get %s", key); err != nil {
		return "partial", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	return "", storage.ErrNotFound
}

func (s *three) Set(_ context.Context, key, value string, ttl time.Duration) error {
	if err := s.note("set %s=%s %v", key, value, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = value
	return nil
}

func (s *three) Delete(_ context.Context, key string) error {
	if err := s.note("delete %s", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, key)
	return nil
}

// spy is three with every other method. Its answers are made up.
type spy struct{ *three }

func newSpy() spy { return spy{newThree()} }

func (s spy) Has(_ context.Context, key string) (bool, error) {
	return true, s.note("has %s", key)
}

func (s spy) GetMany(_ context.Context, keys []string) (map[string]string, error) {
	found := make(map[string]string)
	for _, key := range keys {
		found[key] = "value of " + key
	}
	return found, s.note("get_many %s", strings.Join(keys, ","))
}

func (s spy) SetMany(_ context.Context, values map[string]string, ttl time.Duration) error {
	var pairs []string
	for key, value := range values {
		pairs = append(pairs, key+"="+value)
	}
	slices.Sort(pairs)
	return s.note("set_many %s %v", strings.Join(pairs, ","), ttl)
}

func (s spy) DeleteMany(_ context.Context, keys []string) error {
	return s.note("delete_many %s", strings.Join(keys, ","))
}

var someday = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

func (s spy) GetEntry(_ context.Context, key string) (storage.Entry[string], error) {
	return storage.Entry[string]{Value: "value of " + key, Version: "v1", Expires: someday}, s.note("get_entry %s", key)
}

func (s spy) GetEntries(_ context.Context, keys []string) (map[string]storage.Entry[string], error) {
	found := make(map[string]storage.Entry[string])
	for _, key := range keys {
		found[key] = storage.Entry[string]{Value: "value of " + key, Version: "v1"}
	}
	return found, s.note("get_entries %s", strings.Join(keys, ","))
}

func (s spy) CompareAndSwap(_ context.Context, key string, old storage.Version, value string, ttl time.Duration) (storage.Version, error) {
	return "v2", s.note("compare_and_swap %s %s=%s %v", key, old, value, ttl)
}

func (s spy) Take(_ context.Context, key string) (string, error) {
	return "value of " + key, s.note("take %s", key)
}

func (s spy) Touch(_ context.Context, key string, ttl time.Duration) error {
	return s.note("touch %s %v", key, ttl)
}

func (s spy) Keys(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := s.note("keys %s", prefix)
		for i := range 3 {
			if !yield(fmt.Sprint(prefix, i), nil) {
				_ = s.note("break")
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

func (s spy) DeletePrefix(_ context.Context, prefix string) error {
	return s.note("delete_prefix %s", prefix)
}

func (s spy) Ping(context.Context) error { return s.note("ping") }

func (s spy) In(scope storage.Scope) storage.Store[string] {
	_ = s.note("in %s %s", scope.Prefix, scope.Name)
	return s
}

func (s spy) Close() error { return s.note("close") }

// operation is one call of a package function, with what it did and returned.
type operation struct {
	op     storage.Op
	call   func(ctx context.Context, s storage.Store[string]) (any, error)
	native string // what spy is asked, and
	result any    // what it makes of the answer
}

var operations = []operation{
	{storage.OpGet, func(ctx context.Context, s storage.Store[string]) (any, error) { return s.Get(ctx, "k") }, "get k", "v"},
	{storage.OpSet, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return nil, s.Set(ctx, "k", "v", time.Minute)
	}, "set k=v 1m0s", nil},
	{storage.OpDelete, func(ctx context.Context, s storage.Store[string]) (any, error) { return nil, s.Delete(ctx, "k") }, "delete k", nil},
	{storage.OpHas, func(ctx context.Context, s storage.Store[string]) (any, error) { return storage.Has(ctx, s, "k") }, "has k", true},
	{storage.OpGetMany, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return storage.GetMany(ctx, s, []string{"a", "b"})
	}, "get_many a,b", map[string]string{"a": "value of a", "b": "value of b"}},
	{storage.OpSetMany, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return nil, storage.SetMany(ctx, s, map[string]string{"a": "1", "b": "2"}, time.Minute)
	}, "set_many a=1,b=2 1m0s", nil},
	{storage.OpDeleteMany, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return nil, storage.DeleteMany(ctx, s, []string{"a", "b"})
	}, "delete_many a,b", nil},
	{storage.OpGetEntry, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return storage.GetEntry(ctx, s, "k")
	}, "get_entry k", storage.Entry[string]{Value: "value of k", Version: "v1", Expires: someday}},
	{storage.OpGetEntries, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return storage.GetEntries(ctx, s, []string{"a"})
	}, "get_entries a", map[string]storage.Entry[string]{"a": {Value: "value of a", Version: "v1"}}},
	{storage.OpCompareAndSwap, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return storage.CompareAndSwap(ctx, s, "k", "v1", "v", time.Minute)
	}, "compare_and_swap k v1=v 1m0s", storage.Version("v2")},
	{storage.OpTake, func(ctx context.Context, s storage.Store[string]) (any, error) { return storage.Take(ctx, s, "k") }, "take k", "value of k"},
	{storage.OpTouch, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return nil, storage.Touch(ctx, s, "k", time.Minute)
	}, "touch k 1m0s", nil},
	{storage.OpKeys, func(ctx context.Context, s storage.Store[string]) (any, error) {
		var keys []string
		for key, err := range storage.Keys(ctx, s, "k") {
			if err != nil {
				if key != "" {
					return keys, fmt.Errorf("the key %q came with an error", key)
				}
				return keys, err
			}
			keys = append(keys, key)
		}
		return keys, nil
	}, "keys k", []string{"k0", "k1", "k2"}},
	{storage.OpDeletePrefix, func(ctx context.Context, s storage.Store[string]) (any, error) {
		return nil, storage.DeletePrefix(ctx, s, "k")
	}, "delete_prefix k", nil},
	{storage.OpPing, func(ctx context.Context, s storage.Store[string]) (any, error) { return nil, storage.Ping(ctx, s) }, "ping", nil},
}

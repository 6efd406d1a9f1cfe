package storagetest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// stale remembers what it has read and never forgets.
type stale struct {
	mighty
	held *sync.Map
}

func (s stale) Get(ctx context.Context, key string) (bytesOf, error) {
	if v, ok := s.held.Load(key); ok {
		return s.copy(v.(bytesOf)), nil
	}
	v, err := s.mighty.Get(ctx, key)
	if err == nil {
		s.held.Store(key, s.copy(v))
	}
	return v, err
}

// forgetful is stale until it is written to; its views write to what is below.
type forgetful struct {
	next storage.ByteStore
	held *sync.Map
}

func (s forgetful) Get(ctx context.Context, key string) (bytesOf, error) {
	if v, ok := s.held.Load(key); ok {
		return bytes.Clone(v.(bytesOf)), nil
	}
	v, err := s.next.Get(ctx, key)
	if err == nil {
		s.held.Store(key, bytes.Clone(v))
	}
	return v, err
}

func (s forgetful) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	defer s.held.Clear()
	return s.next.Set(ctx, key, v, ttl)
}

func (s forgetful) Delete(ctx context.Context, key string) error {
	defer s.held.Clear()
	return s.next.Delete(ctx, key)
}

func (s forgetful) In(scope storage.Scope) storage.ByteStore { return storage.In(s.next, scope) }

// truthy has only what is not empty.
type truthy struct{ mighty }

func (s truthy) Has(ctx context.Context, key string) (bool, error) {
	v, err := s.Get(ctx, key)
	return len(v) > 0, ignoreMiss(err)
}

func ignoreMiss(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

// emptyMiss takes an empty value for a miss.
type emptyMiss struct{ *tiny[bytesOf] }

func (s emptyMiss) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.tiny.Get(ctx, key)
	if err == nil && len(v) == 0 {
		return nil, storage.ErrNotFound
	}
	return v, err
}

// noMiss returns no error for a key that never had a value.
type noMiss struct {
	mighty
	known *sync.Map
}

func (s noMiss) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.mighty.Get(ctx, key)
	if _, ok := s.known.Load(key); !ok {
		err = ignoreMiss(err)
	}
	return v, err
}

func (s noMiss) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	s.known.Store(key, true)
	return s.mighty.Set(ctx, key, v, ttl)
}

// pads gives absent keys in a batch of several a value.
type pads struct{ mighty }

func (s pads) GetMany(ctx context.Context, keys []string) (map[string]bytesOf, error) {
	values, err := s.mighty.GetMany(ctx, keys)
	for _, key := range keys {
		if _, ok := values[key]; !ok && len(keys) > 1 {
			values[key] = nil
		}
	}
	return values, err
}

// aliases shares its bytes with its callers.
func aliases() storage.ByteStore {
	s := newTiny()
	s.copy = func(v bytesOf) bytesOf { return v }
	return s
}

// inPlace writes a new value over the old one. It does so for one key only,
// which no law uses from two goroutines, so that it is no data race.
type inPlace struct {
	*tiny[bytesOf]
	buffer *[64]byte
}

func (s inPlace) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.tiny.Get(ctx, key)
	if key == "key" && err == nil {
		v = s.buffer[:copy(s.buffer[:], v)]
	}
	return v, err
}

// mixesUp reads for the caller that came last.
type mixesUp struct {
	*tiny[bytesOf]
	key *atomic.Value
}

func (s mixesUp) Get(ctx context.Context, key string) (bytesOf, error) {
	s.key.Store(key)
	time.Sleep(time.Microsecond)
	return s.tiny.Get(ctx, s.key.Load().(string))
}

package storagetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// through is a correct decorator for broken ones to embed; next is what is
// below it.
type through struct {
	full.Store[bytesOf]
	next storage.ByteStore
}

func newThrough(next storage.ByteStore) through {
	return through{storage.Intercept(next, pass).(full.Store[bytesOf]), next}
}

// locksLoop holds a lock while a loop over Keys runs, and for every write.
type locksLoop struct {
	through
	mu *sync.Mutex
}

func (s locksLoop) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.through.Keys(ctx, prefix)(yield)
	}
}

func (s locksLoop) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.through.Delete(ctx, key)
}

// collects reads all keys before it yields the first, at once or in the loop.
type collects struct {
	through
	early bool
}

func (s collects) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	type item struct {
		key string
		err error
	}
	read := func() (all []item) {
		for key, err := range s.through.Keys(ctx, prefix) {
			all = append(all, item{key, err})
		}
		return all
	}
	var all []item
	if s.early {
		all = read()
	}
	return func(yield func(string, error) bool) {
		if !s.early {
			all = read()
		}
		for _, it := range all {
			if !yield(it.key, it.err) {
				return
			}
		}
	}
}

// mapsError changes the errors of Set.
type mapsError struct {
	through
	to func(error) error
}

func (s mapsError) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	if err := s.through.Set(ctx, key, v, ttl); err != nil {
		return s.to(err)
	}
	return nil
}

// missBelow takes a failure below for a miss.
type missBelow struct{ through }

func (s missBelow) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.next.Get(ctx, key)
	if storage.Failed(err) {
		return nil, storage.ErrNotFound
	}
	return v, err
}

// allOrNothing has no part of a batch.
type allOrNothing struct{ through }

func (s allOrNothing) GetMany(ctx context.Context, keys []string) (map[string]bytesOf, error) {
	values, err := s.through.GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	return values, nil
}

// namesKey yields an error with the prefix.
type namesKey struct{ through }

func (s namesKey) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range s.through.Keys(ctx, prefix) {
			if err != nil {
				key = prefix
			}
			if !yield(key, err) {
				return
			}
		}
	}
}

// insists sends a write again when it has failed.
type insists struct{ through }

func (s insists) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	err := s.through.Set(ctx, key, v, ttl)
	if storage.Failed(err) {
		err = s.through.Set(ctx, key, v, ttl)
	}
	return err
}

// wedges leaves its lock locked when the store below panics.
type wedges struct {
	through
	mu *sync.Mutex
}

func (s wedges) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	s.mu.Lock()
	err := s.through.Set(ctx, key, v, ttl)
	s.mu.Unlock()
	return err
}

// recovers makes an error of a panic.
type recovers struct{ through }

func (s recovers) Get(ctx context.Context, key string) (v bytesOf, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", storage.ErrUnavailable, r)
		}
	}()
	return s.next.Get(ctx, key)
}

// replaced returns an error that matches nothing.
func replaced(err error) error { return errors.New("set: " + err.Error()) }

// driverless returns the sentinel that err matches, alone.
func driverless(err error) error {
	for _, kind := range outcomes(storage.OpSet) {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return err
}

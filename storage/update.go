package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	updateTries = 64
	updateDelay = 50 * time.Millisecond // the longest wait between two tries
)

// Update changes the value of key without losing a concurrent change. It
// reads the entry, calls fn with it and stores what fn returns by
// [CompareAndSwap]; when another writer was faster it waits a little and
// starts again, 64 times at most, after which the error matches [ErrConflict].
//
// fn gets an entry with Version "" if the key is absent. It returns the new
// value and its ttl, as in Set; entry.TTL() keeps the expiry. It may be called
// several times, so it has no other effect. If fn returns an error, nothing is
// stored and Update returns that error.
//
// Update returns the value that it stored. It stops at [ErrUnknownOutcome],
// because a second try might apply the change twice.
func Update[V any](ctx context.Context, s Store[V], key string, fn func(Entry[V]) (value V, ttl time.Duration, err error)) (V, error) {
	var zero V
	for try := range updateTries {
		if err := pause(ctx, try); err != nil {
			return zero, err
		}
		entry, err := GetEntry(ctx, s, key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return zero, err
		}
		if err != nil {
			entry = Entry[V]{}
		}
		value, ttl, err := fn(entry)
		if err != nil {
			return zero, err
		}
		_, err = CompareAndSwap(ctx, s, key, entry.Version, value, ttl)
		if err == nil {
			return value, nil
		}
		if !errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome) {
			return zero, err
		}
	}
	return zero, fmt.Errorf("storage: update: gave up after %d tries: %w", updateTries, ErrConflict)
}

// pause waits before the given try: not at all before the first two, then for
// a random time whose bound doubles with each try (full jitter).
func pause(ctx context.Context, try int) error {
	if try < 2 {
		return nil
	}
	bound := min(100*time.Microsecond<<min(try-2, 20), updateDelay)
	timer := time.NewTimer(rand.N(bound))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("storage: update: %w", ctx.Err())
	}
}

package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// ttlMap gives another ttl to the backend.
type ttlMap struct {
	*tiny[bytesOf]
	ttl func(time.Duration) time.Duration
}

func (s ttlMap) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	return s.tiny.Set(ctx, key, v, s.ttl(ttl))
}

// keepsExpiry does not replace the expiry by none.
type keepsExpiry struct{ *tiny[bytesOf] }

func (s keepsExpiry) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	if err := s.begin(ctx, ttl, key); err != nil {
		return err
	}
	defer s.mu.Unlock()
	before, ok := s.look(key)
	s.put(key, v, ttl)
	if ok && ttl == 0 {
		s.items[key] = item[bytesOf]{value: s.items[key].value, expires: before.expires}
	}
	return nil
}

// lateExpiry tells an expiry after the real one.
type lateExpiry struct{ mighty }

func (s lateExpiry) GetEntry(ctx context.Context, key string) (storage.Entry[bytesOf], error) {
	e, err := s.mighty.GetEntry(ctx, key)
	if !e.Expires.IsZero() {
		e.Expires = e.Expires.Add(time.Millisecond)
	}
	return e, err
}

// expiredHas sees what has expired and was not looked at.
type expiredHas struct{ mighty }

func (s expiredHas) Has(ctx context.Context, key string) (bool, error) {
	if err := s.begin(ctx, 0, key); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	_, ok := s.items[key]
	return ok, nil
}

// touchySwap gives a new expiry even where the version is stale.
type touchySwap struct{ mighty }

func (s touchySwap) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	version, err := s.mighty.CompareAndSwap(ctx, key, old, v, ttl)
	if errors.Is(err, storage.ErrConflict) {
		_ = s.Touch(ctx, key, ttl)
	}
	return version, err
}

// blindSwap swaps whatever is there, if something is.
type blindSwap struct{ mighty }

func (s blindSwap) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if e, _ := s.GetEntry(ctx, key); (e.Version == "") != (old == "") {
		return "", storage.ErrConflict
	}
	return version(v), s.Set(ctx, key, v, ttl)
}

// oldVersion returns the version from before the swap.
type oldVersion struct{ mighty }

func (s oldVersion) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	_, err := s.mighty.CompareAndSwap(ctx, key, old, v, ttl)
	return old, err
}

// racySwap compares and swaps in two steps.
type racySwap struct{ mighty }

func (s racySwap) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	if ttl < 0 {
		return "", storage.ErrInvalidTTL
	}
	switch e, err := s.GetEntry(ctx, key); {
	case err != nil && !errors.Is(err, storage.ErrNotFound):
		return "", err
	case e.Version != old:
		return "", storage.ErrConflict
	}
	time.Sleep(time.Microsecond)
	return version(v), s.Set(ctx, key, v, ttl)
}

// racyTake gets and deletes in two steps.
type racyTake struct{ mighty }

func (s racyTake) Take(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.Get(ctx, key)
	if err == nil {
		time.Sleep(time.Microsecond)
		err = s.Delete(ctx, key)
	}
	return v, err
}

// extends does not shorten what is left of a ttl.
type extends struct{ mighty }

func (s extends) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if e, err := s.GetEntry(ctx, key); err == nil && !e.Expires.IsZero() && ttl > 0 {
		ttl = max(ttl, e.TTL())
	}
	return s.mighty.Touch(ctx, key, ttl)
}

// racyUpdate is racySwap where there is a value, and creates only once.
type racyUpdate struct{ mighty }

func (s racyUpdate) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	if old == "" {
		return s.mighty.CompareAndSwap(ctx, key, old, v, ttl)
	}
	return racySwap(s).CompareAndSwap(ctx, key, old, v, ttl)
}

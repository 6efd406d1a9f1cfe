package model

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/tunica-go/tunica/storage"
)

var ttlSpecimens = []specimen{
	{"a ttl is cut to seconds", false, glued, func(s store) store { return inSeconds{whole{s}} }},
	{"a short ttl becomes none", true, glued, func(s store) store { return inMillis{whole{s}} }},
	{"a huge ttl overflows", false, glued, func(s store) store { return overflows{whole{s}} }},
	{"Touch with 0 is now", false, glued, func(s store) store { return zeroIsNow{whole{s}} }},
	{"Touch with 0 keeps the expiry", false, glued, func(s store) store { return zeroKeeps{whole{s}} }},
	{"Touch with a negative ttl deletes", false, glued, func(s store) store { return negativeDeletes{whole{s}} }},
	{"Set with 0 keeps the expiry", false, glued, func(s store) store { return setKeeps{whole{s}} }},
	{"Has finds what has expired", true, glued, func(s store) store { return afterlife{whole{s}, make(map[string]bool)} }},
	{"Keys lists what has expired", true, glued, func(s store) store { return ghosts{whole{s}, make(map[string]bool)} }},
	{"a value lives a moment too long", true, glued, func(s store) store { return late{whole{s}} }},
	{"Expires is what the ttl was", true, glued, func(s store) store { return restarts{whole{s}, make(map[string]time.Duration)} }},
}

type inSeconds struct{ whole }

func (s inSeconds) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl > time.Second {
		ttl = ttl.Truncate(time.Second)
	}
	return s.next.Set(ctx, key, value, ttl)
}

type inMillis struct{ whole }

func (s inMillis) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, key, value, ttl.Truncate(time.Millisecond))
}

type overflows struct{ whole }

func (s overflows) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := storage.Touch(ctx, s.next, key, ttl); err != nil || time.Now().UnixNano()+int64(ttl) > 0 {
		return err
	}
	return s.next.Delete(ctx, key)
}

type zeroIsNow struct{ whole }

func (s zeroIsNow) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := storage.Touch(ctx, s.next, key, ttl); err != nil || ttl != 0 {
		return err
	}
	return s.next.Delete(ctx, key)
}

type zeroKeeps struct{ whole }

func (s zeroKeeps) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if has, err := storage.Has(ctx, s.next, key); has && err == nil && ttl == 0 {
		return nil
	}
	return storage.Touch(ctx, s.next, key, ttl)
}

type negativeDeletes struct{ whole }

func (s negativeDeletes) Touch(ctx context.Context, key string, ttl time.Duration) error {
	err := storage.Touch(ctx, s.next, key, ttl)
	if errors.Is(err, storage.ErrInvalidTTL) {
		_ = s.next.Delete(ctx, key)
	}
	return err
}

type setKeeps struct{ whole }

func (s setKeeps) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if e, err := storage.GetEntry(ctx, s.next, key); err == nil && ttl == 0 {
		ttl = e.TTL()
	}
	return s.next.Set(ctx, key, value, ttl)
}

// afterlife remembers what Set has stored.
type afterlife struct {
	whole
	stored map[string]bool
}

func (s afterlife) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	err := s.next.Set(ctx, key, value, ttl)
	if err == nil {
		s.stored[key] = true
	}
	return err
}

func (s afterlife) Delete(ctx context.Context, key string) error {
	delete(s.stored, key)
	return s.next.Delete(ctx, key)
}

func (s afterlife) Has(ctx context.Context, key string) (bool, error) {
	has, err := storage.Has(ctx, s.next, key)
	return has || err == nil && s.stored[key], err
}

// ghosts lists what was there at the last look and has not been deleted.
type ghosts struct {
	whole
	seen map[string]bool
}

func (s ghosts) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.next.Get(ctx, key)
	if err == nil {
		s.seen[key] = true
	}
	return value, err
}

func (s ghosts) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if s.seen[prefix] {
			if has, _ := storage.Has(ctx, s.next, prefix); !has && !yield(prefix, nil) {
				return
			}
		}
		for key, err := range storage.Keys(ctx, s.next, prefix) {
			if !yield(key, err) {
				return
			}
		}
	}
}

type late struct{ whole }

func (s late) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl > 0 && ttl < time.Hour {
		ttl++
	}
	return s.next.Set(ctx, key, value, ttl)
}

// restarts tells the expiry as if the ttl had begun just now.
type restarts struct {
	whole
	ttls map[string]time.Duration
}

func (s restarts) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	s.ttls[key] = ttl
	return s.next.Set(ctx, key, value, ttl)
}

func (s restarts) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	e, err := storage.GetEntry(ctx, s.next, key)
	if ttl := s.ttls[key]; err == nil && ttl > 0 && !e.Expires.IsZero() {
		e.Expires = time.Now().Add(ttl)
	}
	return e, err
}

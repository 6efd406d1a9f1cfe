package model

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var powerSpecimens = []specimen{
	{"CompareAndSwap ignores a stale version", false, glued, func(s store) store { return ignoresStale{whole{s}} }},
	{"CompareAndSwap with a version creates", false, glued, func(s store) store { return creates{whole{s}} }},
	{"CompareAndSwap with none overwrites", false, glued, func(s store) store { return overwrites{whole{s}} }},
	{"CompareAndSwap with none finds an empty value absent", false, glued, func(s store) store { return emptyIsAbsent{whole{s}} }},
	{"a conflict changes the expiry", false, glued, func(s store) store { return touchesAnyway{whole{s}} }},
	{"a conflict is a miss", false, glued, func(s store) store { return conflictIsMiss{whole{s}} }},
	{"CompareAndSwap returns the old version", false, glued, func(s store) store { return oldVersions{whole{s}} }},
	{"GetEntries has other versions", false, glued, func(s store) store { return otherVersions{whole{s}} }},
	{"Take leaves the value", false, glued, func(s store) store { return leaves{whole{s}} }},
	{"Touch moves the version", false, glued, func(s store) store { return rewrites{whole{s}} }},
	{"Supports forgets", false, plainly, func(s store) store { return forgetful{whole{s}} }},
	{"Supports boasts", false, traits{lacks: []storage.Op{storage.OpTake}, glued: true}, func(s store) store { return boastful{whole{s}} }},
	{"a power that is refused works by half", false, traits{lacks: []storage.Op{storage.OpTake}, glued: true}, func(s store) store { return halfTake{whole{s}} }},
	{"a power is refused without a word", false, traits{lacks: allPowers}, func(s store) store { return silent{storagetest.Minimal(s)} }},
}

type ignoresStale struct{ whole }

func (s ignoresStale) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	if e, err := storage.GetEntry(ctx, s.next, key); err == nil && old != "" {
		old = e.Version
	}
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

type creates struct{ whole }

func (s creates) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	if has, err := storage.Has(ctx, s.next, key); err == nil && !has {
		old = ""
	}
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

type overwrites struct{ whole }

func (s overwrites) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	if e, err := storage.GetEntry(ctx, s.next, key); err == nil && old == "" {
		old = e.Version
	}
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

type emptyIsAbsent struct{ whole }

func (s emptyIsAbsent) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	if e, err := storage.GetEntry(ctx, s.next, key); err == nil && old == "" && len(e.Value) == 0 {
		old = e.Version
	}
	return storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
}

type touchesAnyway struct{ whole }

func (s touchesAnyway) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	version, err := storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
	if errors.Is(err, storage.ErrConflict) {
		_ = storage.Touch(ctx, s.next, key, ttl)
	}
	return version, err
}

type conflictIsMiss struct{ whole }

func (s conflictIsMiss) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	version, err := storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
	if errors.Is(err, storage.ErrConflict) && old != "" {
		if has, _ := storage.Has(ctx, s.next, key); !has {
			err = storage.ErrNotFound
		}
	}
	return version, err
}

type oldVersions struct{ whole }

func (s oldVersions) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	version, err := storage.CompareAndSwap(ctx, s.next, key, old, value, ttl)
	if err == nil && old != "" {
		version = old
	}
	return version, err
}

type otherVersions struct{ whole }

func (s otherVersions) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[[]byte], error) {
	entries, err := storage.GetEntries(ctx, s.next, keys)
	for key, e := range entries {
		e.Version += "'"
		entries[key] = e
	}
	return entries, err
}

type leaves struct{ whole }

func (s leaves) Take(ctx context.Context, key string) ([]byte, error) { return s.next.Get(ctx, key) }

type rewrites struct{ whole }

func (s rewrites) Touch(ctx context.Context, key string, ttl time.Duration) error {
	value, err := s.next.Get(ctx, key)
	if err != nil {
		return err
	}
	return s.next.Set(ctx, key, value, ttl)
}

type forgetful struct{ whole }

func (s forgetful) In(scope storage.Scope) store {
	if scope.Prefix == "" {
		return s
	}
	return storage.In(s.next, scope)
}
func (s forgetful) Supports(op storage.Op) bool { return op != storage.OpTouch }

type boastful struct{ whole }

func (s boastful) Supports(storage.Op) bool { return true }
func (s boastful) Take(context.Context, string) ([]byte, error) {
	return nil, storage.Unsupported(storage.OpTake, s)
}

type halfTake struct{ whole }

func (s halfTake) Supports(op storage.Op) bool { return op != storage.OpTake }
func (s halfTake) Take(ctx context.Context, key string) ([]byte, error) {
	if err := s.next.Delete(ctx, key); err != nil {
		return nil, err
	}
	return nil, storage.Unsupported(storage.OpTake, s)
}

// silent has no Ping and says that all is well.
type silent struct{ store }

func (silent) Ping(context.Context) error  { return nil }
func (silent) Supports(op storage.Op) bool { return op != storage.OpPing }

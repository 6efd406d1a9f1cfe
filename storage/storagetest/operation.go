package storagetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// operation is one operation as a probe calls it: on a key, or on that key and
// its companion if it is one for many. A read returns what it found, of which
// Has and Keys know the keys only.
type operation[W any] struct {
	op storage.Op
	do func(ctx context.Context, s storage.Store[W], key string, with argument[W]) (found map[string]W, err error)
}

// argument is what a write gives.
type argument[W any] struct {
	value W
	ttl   time.Duration
	old   storage.Version
}

// companion is the second key of a batch. It begins with the first one, so
// that Keys and DeletePrefix of that concern both.
func companion(key string) string { return key + " too" }

// batch returns the keys of an operation on key.
func batch(op storage.Op, key string) []string {
	if op.Batch() {
		return []string{key, companion(key)}
	}
	return []string{key}
}

// one returns what a read of one key found.
func one[W any](key string, value W, err error) (map[string]W, error) {
	if err != nil {
		return nil, err
	}
	return map[string]W{key: value}, nil
}

var errNoVersion = errors.New("no error, and an empty version")

// operations returns every operation that is a call.
func operations[W any]() []operation[W] {
	type (
		con = context.Context
		arg = argument[W]
		sto = storage.Store[W]
		set = map[string]W
	)
	return []operation[W]{
		{storage.OpGet, func(ctx con, s sto, key string, _ arg) (set, error) {
			value, err := s.Get(ctx, key)
			return one(key, value, err)
		}},
		{storage.OpSet, func(ctx con, s sto, key string, a arg) (set, error) {
			return nil, s.Set(ctx, key, a.value, a.ttl)
		}},
		{storage.OpDelete, func(ctx con, s sto, key string, _ arg) (set, error) {
			return nil, s.Delete(ctx, key)
		}},
		{storage.OpHas, func(ctx con, s sto, key string, a arg) (set, error) {
			has, err := storage.Has(ctx, s, key)
			if err == nil && !has {
				err = storage.ErrNotFound
			}
			return one(key, a.value, err)
		}},
		{storage.OpGetMany, func(ctx con, s sto, key string, _ arg) (set, error) {
			return storage.GetMany(ctx, s, batch(storage.OpGetMany, key))
		}},
		{storage.OpSetMany, func(ctx con, s sto, key string, a arg) (set, error) {
			return nil, storage.SetMany(ctx, s, set{key: a.value, companion(key): a.value}, a.ttl)
		}},
		{storage.OpDeleteMany, func(ctx con, s sto, key string, _ arg) (set, error) {
			return nil, storage.DeleteMany(ctx, s, batch(storage.OpDeleteMany, key))
		}},
		{storage.OpGetEntry, func(ctx con, s sto, key string, _ arg) (set, error) {
			entry, err := storage.GetEntry(ctx, s, key)
			if err == nil && entry.Version == "" {
				err = errNoVersion
			}
			return one(key, entry.Value, err)
		}},
		{storage.OpGetEntries, func(ctx con, s sto, key string, _ arg) (set, error) {
			entries, err := storage.GetEntries(ctx, s, batch(storage.OpGetEntries, key))
			found := make(set)
			for key, entry := range entries {
				found[key] = entry.Value
				if err == nil && entry.Version == "" {
					err = errNoVersion
				}
			}
			return found, err
		}},
		{storage.OpCompareAndSwap, func(ctx con, s sto, key string, a arg) (set, error) {
			version, err := storage.CompareAndSwap(ctx, s, key, a.old, a.value, a.ttl)
			if err == nil && version == "" {
				err = errNoVersion
			}
			return nil, err
		}},
		{storage.OpTake, func(ctx con, s sto, key string, _ arg) (set, error) {
			value, err := storage.Take(ctx, s, key)
			return one(key, value, err)
		}},
		{storage.OpTouch, func(ctx con, s sto, key string, a arg) (set, error) {
			return nil, storage.Touch(ctx, s, key, a.ttl)
		}},
		{storage.OpKeys, func(ctx con, s sto, key string, a arg) (set, error) {
			found := make(set)
			for key, err := range storage.Keys(ctx, s, key) {
				if err != nil {
					return found, err
				}
				found[key] = a.value
			}
			return found, nil
		}},
		{storage.OpDeletePrefix, func(ctx con, s sto, key string, _ arg) (set, error) {
			return nil, storage.DeletePrefix(ctx, s, key)
		}},
		{storage.OpPing, func(ctx con, s sto, _ string, _ arg) (set, error) {
			return nil, storage.Ping(ctx, s)
		}},
	}
}

// finds returns the keys that a successful call finds.
func (o operation[W]) finds(key string) []string {
	switch o.op {
	case storage.OpGet, storage.OpHas, storage.OpGetEntry, storage.OpTake:
		return []string{key}
	case storage.OpGetMany, storage.OpGetEntries, storage.OpKeys:
		return []string{key, companion(key)}
	}
	return nil
}

// tells reports whether a call returns the values that it finds.
func (o operation[W]) tells() bool { return o.op != storage.OpHas && o.op != storage.OpKeys }

// leaves returns what a successful call leaves of a key and its companion,
// which had the value before.
func (o operation[W]) leaves(before W, a argument[W]) (first, second *W) {
	switch o.op {
	case storage.OpSet, storage.OpCompareAndSwap:
		return &a.value, &before
	case storage.OpSetMany:
		return &a.value, &a.value
	case storage.OpDelete, storage.OpTake:
		return nil, &before
	case storage.OpDeleteMany, storage.OpDeletePrefix:
		return nil, nil
	}
	return &before, &before
}

// ttl returns the ttl with which a call of op reaches the store below.
func ttlOf(op storage.Op, ttl time.Duration) time.Duration {
	given := []storage.Op{storage.OpSet, storage.OpSetMany, storage.OpCompareAndSwap, storage.OpTouch}
	if slices.Contains(given, op) {
		return ttl
	}
	return 0
}

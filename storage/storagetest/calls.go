package storagetest

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// read is one way to look at a key. A miss is no error here.
type read[V any] struct {
	op     storage.Op
	name   string
	valued bool // it returns the value
	do     func(ctx context.Context, s storage.Store[V], key string) (found bool, value V, err error)
}

// reads returns the reads that work.
func (c *check[V]) reads() []read[V] {
	all := []read[V]{
		{storage.OpGet, "Get", true, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			value, err := s.Get(ctx, key)
			return found(value, err)
		}},
		{storage.OpHas, "Has", false, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			var zero V
			has, err := storage.Has(ctx, s, key)
			return has, zero, err
		}},
		{storage.OpGetMany, "GetMany", true, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			values, err := storage.GetMany(ctx, s, []string{key})
			value, ok := values[key]
			return ok, value, err
		}},
		{storage.OpGetEntry, "GetEntry", true, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			entry, err := storage.GetEntry(ctx, s, key)
			return found(entry.Value, err)
		}},
		{storage.OpGetEntries, "GetEntries", true, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			entries, err := storage.GetEntries(ctx, s, []string{key})
			entry, ok := entries[key]
			return ok, entry.Value, err
		}},
		{storage.OpKeys, "Keys", false, func(ctx context.Context, s storage.Store[V], key string) (bool, V, error) {
			var zero V
			listed := false
			for k, err := range storage.Keys(ctx, s, key) {
				if err != nil {
					return listed, zero, err
				}
				listed = listed || k == key
			}
			return listed, zero, nil
		}},
	}
	working := all[:0]
	for _, r := range all {
		if c.works(r.op) {
			working = append(working, r)
		}
	}
	return working
}

// found tells a miss from a failure.
func found[V any](value V, err error) (bool, V, error) {
	var zero V
	switch {
	case err == nil:
		return true, value, nil
	case errors.Is(err, storage.ErrNotFound):
		return false, zero, nil
	default:
		return false, zero, err
	}
}

// effect is what a write does to its key.
type effect int

const (
	stores effect = iota
	removes
	touches
)

// write is one way to change a key.
type write[V any] struct {
	op     storage.Op
	name   string
	effect effect
	do     func(ctx context.Context, s storage.Store[V], key string, value V, ttl time.Duration) error
}

// writes returns the writes that work.
func (c *check[V]) writes() []write[V] {
	all := c.allWrites()
	working := all[:0]
	for _, w := range all {
		// A swap of a present value needs its version.
		if c.works(w.op) && (w.op != storage.OpCompareAndSwap || c.works(storage.OpGetEntry)) {
			working = append(working, w)
		}
	}
	return working
}

func (c *check[V]) allWrites() []write[V] {
	return []write[V]{
		{storage.OpSet, "Set", stores, func(ctx context.Context, s storage.Store[V], key string, value V, ttl time.Duration) error {
			return s.Set(ctx, key, value, ttl)
		}},
		{storage.OpSetMany, "SetMany", stores, func(ctx context.Context, s storage.Store[V], key string, value V, ttl time.Duration) error {
			return storage.SetMany(ctx, s, map[string]V{key: value}, ttl)
		}},
		{storage.OpCompareAndSwap, "CompareAndSwap", stores, func(ctx context.Context, s storage.Store[V], key string, value V, ttl time.Duration) error {
			// The version is read even if ctx has ended: that is not what is tested.
			old := storage.Entry[V]{}
			if c.works(storage.OpGetEntry) {
				prepare, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.patience())
				old, _ = storage.GetEntry(prepare, s, key)
				cancel()
			}
			_, err := storage.CompareAndSwap(ctx, s, key, old.Version, value, ttl)
			return err
		}},
		{storage.OpCompareAndSwap, "Update", stores, func(ctx context.Context, s storage.Store[V], key string, value V, ttl time.Duration) error {
			_, err := storage.Update(ctx, s, key, func(storage.Entry[V]) (V, time.Duration, error) { return value, ttl, nil })
			return err
		}},
		{storage.OpDelete, "Delete", removes, func(ctx context.Context, s storage.Store[V], key string, _ V, _ time.Duration) error {
			return s.Delete(ctx, key)
		}},
		{storage.OpDeleteMany, "DeleteMany", removes, func(ctx context.Context, s storage.Store[V], key string, _ V, _ time.Duration) error {
			return storage.DeleteMany(ctx, s, []string{key})
		}},
		{storage.OpTake, "Take", removes, func(ctx context.Context, s storage.Store[V], key string, _ V, _ time.Duration) error {
			_, err := storage.Take(ctx, s, key)
			return err
		}},
		{storage.OpDeletePrefix, "DeletePrefix", removes, func(ctx context.Context, s storage.Store[V], key string, _ V, _ time.Duration) error {
			return storage.DeletePrefix(ctx, s, key)
		}},
		{storage.OpTouch, "Touch", touches, func(ctx context.Context, s storage.Store[V], key string, _ V, ttl time.Duration) error {
			return storage.Touch(ctx, s, key, ttl)
		}},
	}
}

// call is any operation, for what is the same for all of them.
type call[V any] struct {
	op   storage.Op
	name string
	do   func(ctx context.Context, s storage.Store[V], key string, value V) error
}

// calls returns every operation, also those that are refused.
func (c *check[V]) calls() []call[V] {
	var all []call[V]
	everything := &check[V]{TB: c.TB, opts: c.opts}
	everything.opts.Native = AllOps
	for _, r := range everything.reads() {
		all = append(all, call[V]{r.op, r.name, func(ctx context.Context, s storage.Store[V], key string, _ V) error {
			ok, _, err := r.do(ctx, s, key)
			if err == nil && !ok {
				return storage.ErrNotFound
			}
			return err
		}})
	}
	for _, w := range everything.allWrites() {
		all = append(all, call[V]{w.op, w.name, func(ctx context.Context, s storage.Store[V], key string, value V) error {
			return w.do(ctx, s, key, value, storage.NoExpiry)
		}})
	}
	return append(all, call[V]{storage.OpPing, "Ping", func(ctx context.Context, s storage.Store[V], _ string, _ V) error {
		return storage.Ping(ctx, s)
	}})
}

package cache

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// attempt performs a remote write and then calls after, whatever came of it:
// maybe says that the write may yet happen.
func attempt(write func() error, after func(maybe bool)) error {
	maybe := true
	defer func() { after(maybe) }()
	err := write()
	maybe = errors.Is(err, storage.ErrUnknownOutcome)
	return err
}

// write performs a remote write of keys, and then always forgets what is held
// of them. It never puts the written value: the write of another client may
// already have followed.
func (v *view[V]) write(op func() error, keys ...string) error {
	if err := v.core.open(); err != nil {
		return err
	}
	v.overtake(keys)
	return attempt(op, func(maybe bool) { v.wrote(maybe, keys...) })
}

// overtake tells the fills of keys that a write has begun, or has ended: what
// they make may be made from what the caller has just replaced elsewhere.
func (v *view[V]) overtake(keys []string) {
	for _, key := range keys {
		sh, wire, _ := v.lock(key)
		sh.fills.Detach(wire)
		sh.Unlock()
	}
}

// wrote comes after a write.
func (v *view[V]) wrote(maybe bool, keys ...string) {
	v.forget(maybe, keys...)
	v.overtake(keys)
}

// Set stores value under key.
func (v *view[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	return v.write(func() error { return v.next.Set(ctx, key, value, ttl) }, key)
}

// Delete removes key.
func (v *view[V]) Delete(ctx context.Context, key string) error {
	return v.write(func() error { return v.next.Delete(ctx, key) }, key)
}

// SetMany stores values.
func (v *view[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	keys := slices.Collect(maps.Keys(values))
	return v.write(func() error { return storage.SetMany(ctx, v.next, values, ttl) }, keys...)
}

// DeleteMany removes keys.
func (v *view[V]) DeleteMany(ctx context.Context, keys []string) error {
	return v.write(func() error { return storage.DeleteMany(ctx, v.next, keys) }, keys...)
}

// CompareAndSwap stores value if the version is still old.
func (v *view[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (version storage.Version, err error) {
	err = v.write(func() (err error) {
		version, err = storage.CompareAndSwap(ctx, v.next, key, old, value, ttl)
		return err
	}, key)
	return version, err
}

// Take returns the value of key and deletes it.
func (v *view[V]) Take(ctx context.Context, key string) (value V, err error) {
	err = v.write(func() (err error) {
		value, err = storage.Take(ctx, v.next, key)
		return err
	}, key)
	return value, err
}

// Touch gives key a new ttl. If that succeeds, the value stays in memory, no
// longer than the new ttl.
func (v *view[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := v.core.open(); err != nil {
		return err
	}
	sent, touched := v.core.now(), false
	return attempt(func() error {
		err := storage.Touch(ctx, v.next, key, ttl)
		touched = err == nil
		return err
	}, func(maybe bool) {
		if touched {
			v.touched(key, sent, ttl)
		} else {
			v.wrote(maybe, key)
		}
	})
}

// touched shortens the deadline of an entry to what it can be at most, and
// detaches the loads, which may know another.
func (v *view[V]) touched(key string, sent int64, ttl time.Duration) {
	sh, wire, h := v.lock(key)
	defer sh.Unlock()
	sh.loads.Detach(wire)
	e := sh.entries.find(h, v.prefix, key)
	switch {
	case e == nil:
	case e.absent:
		sh.remove(e)
	case ttl > 0:
		e.expires.Store(min(e.expires.Load(), after(sent, ttl)))
	}
}

// DeletePrefix removes the keys that begin with prefix.
func (v *view[V]) DeletePrefix(ctx context.Context, prefix string) error {
	if err := v.core.open(); err != nil {
		return err
	}
	for _, sh := range v.core.shards {
		sh.Lock()
		sh.fills.DetachPrefix(v.prefix + prefix)
		sh.Unlock()
	}
	return attempt(
		func() error { return storage.DeletePrefix(ctx, v.next, prefix) },
		func(maybe bool) { v.core.invalidatePrefix(v.prefix+prefix, maybe) },
	)
}

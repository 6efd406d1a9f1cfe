package cache

import (
	"context"
	"hash/maphash"
	"iter"

	"github.com/tunica-go/tunica/storage"
)

// view is the part of a cache under a prefix, and the whole of it under "".
type view[V any] struct {
	next    storage.Store[V] // the same part of the store below
	prefix  string
	share   string   // the outermost name, which its entries count for
	tallies []*tally // of share, by shard
	core    *core[V]
}

// lock locks the shard of key, and returns it with the key in the store below
// and its hash. The caller unlocks.
func (v *view[V]) lock(key string) (sh *shard[V], wire string, h uint64) {
	wire = v.prefix + key
	sh, h = v.core.shard(wire)
	sh.Lock()
	return sh, wire, h
}

// tally returns what counts for the view in the shard of the hash h.
func (v *view[V]) tally(h uint64) *tally { return v.tallies[h%uint64(len(v.tallies))] }

// answer is what the cache knows of a key.
type answer uint8

const (
	unknown answer = iota
	present
	absent
)

// lookup tells what is held of key. A hit allocates nothing, unless prefix
// and key together are longer than the buffer.
func (v *view[V]) lookup(key string) (value V, known answer) {
	var buf [128]byte
	wire := append(append(buf[:0], v.prefix...), key...)
	h := maphash.Bytes(v.core.seed, wire)
	sh := v.core.shardOf(h)
	sh.Lock()
	defer sh.Unlock()
	e := sh.fresh(h, v.prefix, key, v.core.now())
	if e == nil {
		return value, unknown
	}
	v.tally(h).Hits++
	if e.absent {
		return value, absent
	}
	return e.value, present
}

// Get returns the value of key, from memory if it is held, or from the store
// below by a load that other Gets may share.
func (v *view[V]) Get(ctx context.Context, key string) (V, error) {
	if key == "" {
		var zero V
		return zero, storage.ErrInvalidKey
	}
	switch value, known := v.lookup(key); known {
	case present:
		return v.core.handOut(value), nil
	case absent:
		return value, storage.ErrNotFound
	}
	return v.miss(ctx, key)
}

// handOut returns value as a reader gets it.
func (c *core[V]) handOut(value V) V {
	if c.clone != nil {
		return c.clone(value)
	}
	return value
}

// Has reports whether key has a value, from memory if that is known there.
func (v *view[V]) Has(ctx context.Context, key string) (bool, error) {
	if key == "" {
		return false, storage.ErrInvalidKey
	}
	if _, known := v.lookup(key); known != unknown {
		return known == present, nil
	}
	if err := v.core.open(); err != nil {
		return false, err
	}
	v.countMiss(key)
	defer v.forget(false, key)
	return storage.Has(ctx, v.next, key)
}

// GetEntry returns the value of key with its version and expiry, from the
// store below.
func (v *view[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	if err := v.core.open(); err != nil {
		return storage.Entry[V]{}, err
	}
	defer v.forget(false, key)
	return storage.GetEntry(ctx, v.next, key)
}

// GetEntries is GetEntry for many keys.
func (v *view[V]) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	if err := v.core.open(); err != nil {
		return nil, err
	}
	defer v.forget(false, keys...)
	return storage.GetEntries(ctx, v.next, keys)
}

// forget drops what is held of keys and detaches their loads: something newer
// has been seen, or written. If maybe is true, a write may yet happen.
func (v *view[V]) forget(maybe bool, keys ...string) {
	for _, key := range keys {
		sh, wire, h := v.lock(key)
		sh.drop(h, wire)
		sh.loads.Detach(wire)
		if maybe {
			sh.holds.add(wire, v.core.now())
		}
		sh.Unlock()
	}
}

func (v *view[V]) countMiss(key string) {
	sh, _, h := v.lock(key)
	v.tally(h).Misses++
	sh.Unlock()
}

// Keys lists the keys of the store below that begin with prefix.
func (v *view[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := v.core.open(); err != nil {
			yield("", err)
			return
		}
		for key, err := range storage.Keys(ctx, v.next, prefix) {
			if err == nil {
				v.seen(key)
			}
			if !yield(key, err) {
				return
			}
		}
	}
}

// seen drops a held absence of key, and detaches a load that may tell one.
func (v *view[V]) seen(key string) {
	sh, wire, h := v.lock(key)
	defer sh.Unlock()
	if e, ok := sh.entries.Peek(h); ok && e.absent {
		sh.drop(h, wire)
	}
	sh.loads.Detach(wire)
}

// Ping asks the store below whether it can serve now.
func (v *view[V]) Ping(ctx context.Context) error {
	if err := v.core.open(); err != nil {
		return err
	}
	return storage.Ping(ctx, v.next)
}

// In returns the part of the cache under the scope.
func (v *view[V]) In(scope storage.Scope) storage.Store[V] {
	share, tallies := v.share, v.tallies
	if share == "" && scope.Name != "" {
		share, tallies = scope.Name, v.core.tallies(scope.Name)
	}
	return &view[V]{
		next:    storage.In(v.next, scope),
		prefix:  v.prefix + scope.Prefix,
		share:   share,
		tallies: tallies,
		core:    v.core,
	}
}

// Supports reports whether op is native in the store below.
func (v *view[V]) Supports(op storage.Op) bool { return storage.Supports(v.next, op) }

// open returns an error if the cache is closed.
func (c *core[V]) open() error {
	if c.closed.Load() {
		return errClosed
	}
	return nil
}

package cache

import (
	"context"
	"hash/maphash"
	"iter"

	"github.com/tunica-go/tunica/storage"
)

// view is the part of a cache under a prefix, and the whole of it under "".
type view[V any] struct {
	core    *core[V]
	prefix  string
	account account[V]       // of the outermost name, which its entries count for
	share   string           // that name
	next    storage.Store[V] // the same part of the store below
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
func (v *view[V]) tally(h uint64) *tally[V] {
	return v.account.tallies[h&uint64(len(v.account.tallies)-1)]
}

// hit counts a key that was answered from memory. No lock is needed.
func (v *view[V]) hit(h uint64) { v.account.hits[h&uint64(len(v.account.hits)-1)].Add(1) }

// lookup returns the entry of key, or nil if none is held. It allocates nothing,
// unless prefix and key together are longer than the buffer, and takes no lock,
// unless the policy needs one.
func (v *view[V]) lookup(key string) *entry[V] {
	h := v.hash(key)
	sh := v.core.shardOf(h)
	e := sh.entries.find(h, v.prefix, key)
	if e == nil || e.over(v.core) {
		return nil
	}
	if sh.policy == LRU {
		sh.Lock()
		sh.used(e)
		sh.Unlock()
	} else {
		e.mark()
	}
	v.hit(h)
	return e
}

// hash returns the hash of prefix+key, without joining them on the heap.
func (v *view[V]) hash(key string) uint64 {
	if v.prefix == "" {
		return v.core.hash(key)
	}
	var buf [128]byte
	return noZero(maphash.Bytes(v.core.seed, append(append(buf[:0], v.prefix...), key...)))
}

// Get returns the value of key, from memory if it is held, or from the store
// below by a load that other Gets may share.
func (v *view[V]) Get(ctx context.Context, key string) (V, error) {
	if key == "" {
		var zero V
		return zero, storage.ErrInvalidKey
	}
	e := v.lookup(key)
	if e == nil {
		return v.miss(ctx, key)
	}
	return v.deliver(e.value, e.absent)
}

// GetMemo is Get. It returns the Memo of a value that is held, or has been by the
// end of a load, unless readers get copies: see [Clone].
func (v *view[V]) GetMemo(ctx context.Context, key string) (V, *storage.Memo, error) {
	if key == "" {
		var zero V
		return zero, nil, storage.ErrInvalidKey
	}
	e := v.lookup(key)
	if e == nil {
		value, err := v.miss(ctx, key)
		if err == nil {
			e = v.held(key)
		}
		if e == nil {
			return value, nil, err
		}
	}
	value, err := v.deliver(e.value, e.absent)
	if err != nil || v.core.clone != nil {
		return value, nil, err
	}
	return value, &e.memo, nil
}

// held returns the entry of key, or nil, as lookup does, and counts nothing.
func (v *view[V]) held(key string) *entry[V] {
	h := v.hash(key)
	e := v.core.shardOf(h).entries.find(h, v.prefix, key)
	if e == nil || e.over(v.core) {
		return nil
	}
	return e
}

// deliver is the answer of Get.
func (v *view[V]) deliver(value V, absent bool) (V, error) {
	if absent {
		return value, storage.ErrNotFound
	}
	return v.core.handOut(value), nil
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
	if e := v.lookup(key); e != nil {
		return !e.absent, nil
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
	if e := sh.entries.find(h, "", wire); e != nil && e.absent {
		sh.remove(e)
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
	share, account := v.share, v.account
	if share == "" && scope.Name != "" {
		share, account = scope.Name, *v.core.account(scope.Name)
	}
	return &view[V]{
		core:    v.core,
		prefix:  v.prefix + scope.Prefix,
		account: account,
		share:   share,
		next:    storage.In(v.next, scope),
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

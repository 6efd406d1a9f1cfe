package memstore

import (
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// data is what a store and its views share.
type data[V any] struct {
	settings[V]
	clock  clock
	seed   maphash.Seed
	shards []shard[V] // a power of two of them
	budget budget
	ticks  atomic.Uint64 // the clock of uses, see lru.go
}

// shard is a part of the keys. Every field but the hints is guarded by mu.
type shard[V any] struct {
	mu        sync.Mutex
	data      *data[V]
	entries   map[string]*entry[V] // by wire key
	peak      int                  // the most entries since the map was made
	deadlines deadlines[V]
	uses      uses[V]
	version   uint64 // the last one given away

	// Hints may be read without mu, to skip a shard that has nothing to give.
	due    atomic.Int64  // the earliest deadline, see deadlines.go
	oldest atomic.Uint64 // the tick of the least recent use, see lru.go

	_ [64]byte // the next shard's mutex is on another cache line
}

// entry is a value in the store. What value refers to is never changed.
type entry[V any] struct {
	key      string // on the wire
	value    V
	version  uint64
	size     int64 // bytes of key and value, in a store with MaxBytes
	deadline int64 // when it expires; 0: never
	place    int   // its index in deadlines

	tick         uint64 // of the last use
	newer, older *entry[V]
}

func newData[V any](opts []Option) *data[V] {
	d := &data[V]{
		settings: newSettings[V](opts),
		clock:    clock{start: time.Now()},
		seed:     maphash.MakeSeed(),
	}
	d.budget.maxEntries, d.budget.maxBytes = d.maxEntries, d.maxBytes
	d.shards = make([]shard[V], d.shardCount())
	for i := range d.shards {
		s := &d.shards[i]
		s.data = d
		// A random start: versions that outlived an earlier store, such as the
		// ETags of its clients, do not match in this one.
		s.version = rand.Uint64()
		s.publishDue()
		s.publishOldest()
	}
	return d
}

// longestOnStack is the length up to which a view's keys are joined without
// an allocation.
const longestOnStack = 128

// lock returns the shard of key, locked, and the live entry of key, or nil.
// The caller unlocks.
func (s *Store[V]) lock(key string) (*shard[V], *entry[V]) {
	if s.prefix == "" {
		shard := s.data.shard(maphash.String(s.data.seed, key))
		shard.mu.Lock()
		return shard, shard.live(shard.entries[key])
	}
	var buf [longestOnStack]byte
	wire := append(append(buf[:0], s.prefix...), key...)
	shard := s.data.shard(maphash.Bytes(s.data.seed, wire))
	shard.mu.Lock()
	return shard, shard.live(shard.entries[string(wire)])
}

func (d *data[V]) shard(hash uint64) *shard[V] { return &d.shards[hash&uint64(len(d.shards)-1)] }

// put stores value under key, if old is nil or names the version that is
// there, and returns the new version. Its errors are bare.
func (s *Store[V]) put(key string, value V, ttl time.Duration, old *storage.Version) (uint64, error) {
	value = s.data.copyOf(value)
	size, err := s.data.sizeOf(s.prefix, key, value)
	if err != nil {
		return 0, err
	}
	for {
		shard, e := s.lock(key)
		if old != nil && !e.isVersion(*old) {
			shard.mu.Unlock()
			return 0, storage.ErrConflict
		}
		if shard.reserve(e, size) {
			if e == nil {
				e = shard.insert(s.prefix, key)
			}
			e.value, e.size = value, size
			shard.version++
			e.version = shard.version
			shard.expireAt(e, s.data.clock.deadline(ttl))
			shard.written(e)
			shard.expire(expirePerWrite)
			version := e.version
			shard.mu.Unlock()
			return version, nil
		}
		shard.mu.Unlock()
		if !s.data.makeRoom(e) {
			return 0, storage.ErrOverloaded
		}
	}
}

// live returns e, or nil if e has expired, in which case it is removed.
func (s *shard[V]) live(e *entry[V]) *entry[V] {
	if e == nil || e.deadline == 0 || !e.expired(s.data.clock.now()) {
		return e
	}
	s.remove(e)
	return nil
}

// insert adds an entry without a value. The key is copied: it may be a part
// of something large, or of a buffer that is used again.
func (s *shard[V]) insert(prefix, key string) *entry[V] {
	if prefix == "" {
		key = strings.Clone(key)
	} else {
		key = prefix + key
	}
	e := &entry[V]{key: key}
	if s.entries == nil {
		s.entries = make(map[string]*entry[V])
	}
	s.entries[key] = e
	s.peak = max(s.peak, len(s.entries))
	return e
}

func (s *shard[V]) remove(e *entry[V]) {
	delete(s.entries, e.key)
	s.expireAt(e, 0)
	s.forget(e)
	s.release(e)
	s.shrink()
}

// smallMap is the number of entries up to which the memory of an emptied map
// is not worth giving back.
const smallMap = 128

// shrink gives back the memory of a map of which at least 7/8 was removed; maps do
// not do that themselves. The removals have paid for the copy.
func (s *shard[V]) shrink() {
	if s.peak <= smallMap || len(s.entries) > s.peak/8 {
		return
	}
	entries := make(map[string]*entry[V], len(s.entries))
	maps.Copy(entries, s.entries)
	s.entries, s.peak = entries, len(entries)
}

package memstore

import (
	"math"
	"math/bits"
	"runtime"
	"sync"

	"github.com/tunica-go/tunica/storage"
)

// budget counts what the whole store holds, so that its bounds are exact and
// not divided among shards. Its lock is taken with a shard's, and no other
// lock after it.
type budget struct {
	maxEntries, maxBytes int64 // 0: no bound

	mu             sync.Mutex
	entries, bytes int64
}

func (b *budget) bounded() bool { return b.maxEntries > 0 || b.maxBytes > 0 }

// change counts entries and bytes in, or reports that they do not fit.
func (b *budget) change(entries, bytes int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.maxEntries > 0 && entries > 0 && entries > b.maxEntries-b.entries {
		return false
	}
	if b.maxBytes > 0 && bytes > 0 && bytes > b.maxBytes-b.bytes {
		return false
	}
	b.entries += entries
	b.bytes += bytes
	return true
}

// reserve counts a value of the given size in, for e or, if e is nil, for a
// new entry. It reports whether it fits.
func (s *shard[V]) reserve(e *entry[V], size int64) bool {
	budget := &s.data.budget
	switch {
	case !budget.bounded():
		return true
	case e == nil:
		return budget.change(1, size)
	default:
		return budget.change(0, size-e.size)
	}
}

// release counts e out.
func (s *shard[V]) release(e *entry[V]) {
	if budget := &s.data.budget; budget.bounded() {
		budget.change(-1, -e.size)
	}
}

// expirePerRoom is the number of expired entries that are removed at a time
// when a write needs room, under one lock.
const expirePerRoom = 16

// makeRoom removes expired entries, or else, if the store evicts, the least
// recently used one, but for keep. It reports whether the write may fit now.
func (d *data[V]) makeRoom(keep *entry[V]) bool {
	now := d.clock.now()
	for i := range d.shards {
		s := &d.shards[i]
		if s.due.Load() > now {
			continue
		}
		s.mu.Lock()
		removed := s.expire(expirePerRoom)
		s.mu.Unlock()
		if removed > 0 {
			return true
		}
	}
	if d.evict {
		d.evictOldest(keep)
	}
	return d.evict
}

// evictOldest removes the least recently used entry, but for keep: a value
// that grows is not evicted to make room for itself.
func (d *data[V]) evictOldest(keep *entry[V]) {
	var without *shard[V]
	for {
		s := d.oldestShard(without)
		if s == nil {
			runtime.Gosched() // others have room and are about to fill it, or the reverse
			return
		}
		if s.evictOldest(keep) || without != nil {
			return
		}
		without = s
	}
}

// oldestShard returns the shard with the least recently used entry.
func (d *data[V]) oldestShard(without *shard[V]) (oldest *shard[V]) {
	first := uint64(math.MaxUint64)
	for i := range d.shards {
		s := &d.shards[i]
		if tick := s.oldest.Load(); tick < first && s != without {
			oldest, first = s, tick
		}
	}
	return oldest
}

func (s *shard[V]) evictOldest(keep *entry[V]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.uses.oldest
	if e != nil && e == keep {
		e = e.newer
	}
	if e == nil {
		return false
	}
	s.remove(e)
	return true
}

// sizeOf returns what key and value count for MaxBytes, 0 without that bound.
func (d *data[V]) sizeOf(prefix, key string, value V) (int64, error) {
	if d.maxBytes == 0 {
		return 0, nil
	}
	n := d.weigh(value)
	if n < 0 {
		panic("memstore: Weigh returned a negative number")
	}
	size := int64(len(prefix)) + int64(len(key)) + int64(n)
	if size > d.maxBytes {
		return 0, storage.ErrTooLarge
	}
	return size, nil
}

const (
	maxShards = 64

	// A store that evicts has fewer shards when it is small, in the end one,
	// in which the order of uses is exact.
	entriesPerShard = 256
	bytesPerShard   = 64 << 10
)

func (d *data[V]) shardCount() int {
	n := int64(maxShards)
	if d.evict && d.maxEntries > 0 {
		n = min(n, d.maxEntries/entriesPerShard)
	}
	if d.evict && d.maxBytes > 0 {
		n = min(n, d.maxBytes/bytesPerShard)
	}
	return 1 << (bits.Len64(uint64(max(n, 1))) - 1)
}

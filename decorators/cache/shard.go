package cache

import (
	"math"
	"sync"

	"github.com/tunica-go/tunica/internal/flight"
)

const (
	maxShards      = 16
	entriesPerPart = 256     // a shard has room for so many entries at least,
	bytesPerPart   = 1 << 20 // and for so many bytes
)

// shard is the part of a cache that one lock guards: the entries, the loads
// and what keeps the two apart. To find an entry takes no lock.
type shard[V any] struct {
	sync.Mutex
	entries table[V]
	policy  Policy
	order   order[V]
	bytes   int64
	loads   flight.Table[result[V]]
	fills   flight.Table[filled[V]]
	holds   holds

	maxEntries, shareEntries int   // 0: no bound by share
	maxBytes, shareBytes     int64 // 0: no bound
}

// tally counts for one name in a shard, and orders its entries there if shares
// are bounded.
type tally[V any] struct {
	Counts          // but for Hits, which are counted without the lock
	order  order[V] // or nil
}

func newShards[V any](c *core[V], o Options) []*shard[V] {
	if o.MaxEntries == 0 {
		o.MaxEntries = defaultMaxEntries
	}
	n := 1
	for n < maxShards && o.MaxEntries/(2*n) >= entriesPerPart &&
		(o.MaxBytes == 0 || o.MaxBytes/int64(2*n) >= bytesPerPart) {
		n *= 2
	}
	shards := make([]*shard[V], n)
	for i := range shards {
		sh := &shard[V]{
			policy:     o.Policy,
			order:      newOrder(o.Policy, (*entry[V]).inShard),
			maxEntries: part(o.MaxEntries, n, i),
			maxBytes:   part(o.MaxBytes, int64(n), int64(i)),
		}
		sh.entries.replace(minSlots)
		if o.Share > 0 {
			sh.shareEntries = max(1, int(math.Ceil(o.Share*float64(sh.maxEntries))))
			sh.shareBytes = int64(math.Ceil(o.Share * float64(sh.maxBytes)))
		}
		sh.loads.Lock, sh.fills.Lock = sh, sh
		sh.loads.Finished = func(l *flight.Load[result[V]], r result[V], err error) func() {
			return c.keep(sh, l, r, err)
		}
		shards[i] = sh
	}
	return shards
}

// part is the i-th of n nearly equal parts of total.
func part[T int | int64](total, n, i T) T {
	if i < total%n {
		return total/n + 1
	}
	return total / n
}

// fresh returns the entry of the key prefix+key with hash h, if there is one
// that is not over, and marks it as used. The lock is held.
func (sh *shard[V]) fresh(c *core[V], h uint64, prefix, key string) *entry[V] {
	e := sh.entries.find(h, prefix, key)
	if e == nil {
		return nil
	}
	if e.over(c) {
		sh.remove(e)
		return nil
	}
	sh.used(e)
	return e
}

func (sh *shard[V]) used(e *entry[V]) {
	sh.order.used(e)
	if o := e.tally.order; o != nil {
		o.used(e)
	}
}

// add puts e in for key, and first out what has to go for it, which it returns.
func (sh *shard[V]) add(key string, e *entry[V], now int64) (evicted []*entry[V]) {
	e.setKey(key)
	if old := sh.entries.find(e.hash, "", key); old != nil {
		sh.remove(old)
	}
	if sh.maxBytes > 0 && e.size > sh.maxBytes || sh.shareBytes > 0 && e.size > sh.shareBytes {
		return nil
	}
	evict := func(o order[V]) {
		old := o.evict()
		sh.remove(old)
		if old.expires.Load() > now {
			old.tally.Evictions++
			evicted = append(evicted, old)
		}
	}
	t := e.tally
	for sh.shareEntries > 0 && t.Entries >= sh.shareEntries || sh.shareBytes > 0 && t.Bytes+e.size > sh.shareBytes {
		evict(t.order)
	}
	for sh.entries.held >= sh.maxEntries || sh.maxBytes > 0 && sh.bytes+e.size > sh.maxBytes {
		evict(sh.order)
	}
	sh.bytes += e.size
	t.Entries++
	t.Bytes += e.size
	sh.order.add(e)
	if t.order != nil {
		e.own = new(link[V])
		t.order.add(e)
	}
	sh.entries.put(e)
	return evicted
}

func (sh *shard[V]) remove(e *entry[V]) {
	sh.entries.remove(e)
	sh.bytes -= e.size
	e.tally.Entries--
	e.tally.Bytes -= e.size
	sh.order.remove(e)
	if e.tally.order != nil {
		e.tally.order.remove(e)
	}
}

// drop removes the entry of a key.
func (sh *shard[V]) drop(h uint64, wire string) {
	if e := sh.entries.find(h, "", wire); e != nil {
		sh.remove(e)
	}
}

// dropPrefix removes the entries of the keys that begin with prefix.
func (sh *shard[V]) dropPrefix(prefix string) {
	for e := range sh.entries.all() {
		if e.under(prefix) {
			sh.remove(e)
		}
	}
}

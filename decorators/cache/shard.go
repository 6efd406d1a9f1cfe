package cache

import (
	"math"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/tunica-go/tunica/internal/flight"
)

const (
	maxShards      = 16
	entriesPerPart = 256     // a shard has room for so many entries at least,
	bytesPerPart   = 1 << 20 // and for so many bytes
)

// shard is the part of a cache that one lock guards: the entries, the loads
// and what keeps the two apart.
type shard[V any] struct {
	sync.Mutex
	entries *simplelru.LRU[uint64, *entry[V]] // by hash of the key; an entry knows its key
	bytes   int64
	loads   flight.Table[result[V]]
	fills   flight.Table[filled[V]]
	holds   holds
	tallies map[string]*tally

	maxEntries, shareEntries int   // 0: no bound by share
	maxBytes, shareBytes     int64 // 0: no bound
}

// entry is a value that is held, or the absence of one.
type entry[V any] struct {
	key     string // in the store below
	value   V
	absent  bool
	expires int64
	size    int64
	tally   *tally
}

// tally counts for one name, and orders its entries by use if shares are
// bounded.
type tally struct {
	Counts
	order *simplelru.LRU[uint64, struct{}]
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
			tallies:    make(map[string]*tally),
			maxEntries: part(o.MaxEntries, n, i),
			maxBytes:   part(o.MaxBytes, int64(n), int64(i)),
		}
		if o.Share > 0 {
			sh.shareEntries = max(1, int(math.Ceil(o.Share*float64(sh.maxEntries))))
			sh.shareBytes = int64(math.Ceil(o.Share * float64(sh.maxBytes)))
		}
		sh.entries = newLRU[*entry[V]]()
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

// newLRU returns an order by use without a bound of its own: the shard has
// several.
func newLRU[T any]() *simplelru.LRU[uint64, T] {
	lru, err := simplelru.NewLRU[uint64, T](math.MaxInt, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return lru
}

// fresh returns the entry of the key prefix+key with hash h, if there is one
// that is not over at now, and marks it as used.
func (sh *shard[V]) fresh(h uint64, prefix, key string, now int64) *entry[V] {
	e, ok := sh.entries.Get(h)
	if !ok || !e.is(prefix, key) {
		return nil
	}
	if e.expires <= now {
		sh.remove(h, e)
		return nil
	}
	if e.tally.order != nil {
		e.tally.order.Get(h)
	}
	return e
}

// is reports whether e is the entry of prefix+key, without joining them.
func (e *entry[V]) is(prefix, key string) bool {
	n := len(prefix)
	return len(e.key) == n+len(key) && e.key[:n] == prefix && e.key[n:] == key
}

// add puts e in, and first out what has to go for it, which it returns.
func (sh *shard[V]) add(h uint64, e *entry[V], now int64) (evicted []*entry[V]) {
	if old, ok := sh.entries.Peek(h); ok {
		sh.remove(h, old)
	}
	if sh.maxBytes > 0 && e.size > sh.maxBytes || sh.shareBytes > 0 && e.size > sh.shareBytes {
		return nil
	}
	evict := func(h uint64) {
		old, _ := sh.entries.Peek(h)
		sh.remove(h, old)
		if old.expires > now {
			old.tally.Evictions++
			evicted = append(evicted, old)
		}
	}
	t := e.tally
	for sh.shareEntries > 0 && t.Entries >= sh.shareEntries || sh.shareBytes > 0 && t.Bytes+e.size > sh.shareBytes {
		oldest, _, _ := t.order.GetOldest()
		evict(oldest)
	}
	for sh.entries.Len() >= sh.maxEntries || sh.maxBytes > 0 && sh.bytes+e.size > sh.maxBytes {
		oldest, _, _ := sh.entries.GetOldest()
		evict(oldest)
	}
	sh.entries.Add(h, e)
	sh.bytes += e.size
	t.Entries++
	t.Bytes += e.size
	if t.order != nil {
		t.order.Add(h, struct{}{})
	}
	return evicted
}

func (sh *shard[V]) remove(h uint64, e *entry[V]) {
	sh.entries.Remove(h)
	sh.bytes -= e.size
	e.tally.Entries--
	e.tally.Bytes -= e.size
	if e.tally.order != nil {
		e.tally.order.Remove(h)
	}
}

// drop removes the entry of a key.
func (sh *shard[V]) drop(h uint64, wire string) {
	if e, ok := sh.entries.Peek(h); ok && e.key == wire {
		sh.remove(h, e)
	}
}

// dropPrefix removes the entries of the keys that begin with prefix.
func (sh *shard[V]) dropPrefix(prefix string) {
	for _, h := range sh.entries.Keys() {
		if e, ok := sh.entries.Peek(h); ok && strings.HasPrefix(e.key, prefix) {
			sh.remove(h, e)
		}
	}
}

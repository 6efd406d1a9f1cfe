package cache

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// Store is a cache over a store. Its views, made by [storage.In] and so by
// namespaces, share its entries, loads and bounds: an entry is known by its
// key in the store below, whichever view it came through.
type Store[V any] struct {
	view[V]
}

// New returns a cache over next. Close it when it is no longer used.
//
// New panics if options make no sense, and if MaxBytes is set for values that
// are neither []byte nor string without [Weigh].
func New[V any](next storage.Store[V], options Options, hooks ...Option[V]) *Store[V] {
	if next == nil {
		panic("cache: New of a nil store")
	}
	options.check()
	c := &core[V]{
		seed:     maphash.MakeSeed(),
		base:     time.Now(),
		tells:    storage.Supports(next, storage.OpGetEntry),
		ttl:      options.TTL,
		negative: options.NegativeTTL,
		accounts: make(map[string]*account[V]),
	}
	for _, hook := range hooks {
		hook(c)
	}
	if c.weigh == nil {
		c.weigh = weigher[V](options.MaxBytes > 0)
	}
	if c.ttl == 0 && c.tells {
		c.ttl = defaultTTL
	}
	c.shards = newShards(c, options)
	return &Store[V]{view[V]{next: next, core: c, account: *c.account("")}}
}

// core is what the views of one cache share.
type core[V any] struct {
	seed   maphash.Seed
	base   time.Time // deadlines are counted from here, on the monotonic clock
	shards []*shard[V]
	closed atomic.Bool

	tells    bool // the store below tells the remaining ttl
	ttl      time.Duration
	negative time.Duration
	weigh    func(V) int
	clone    func(V) V
	onEvict  func(string, V)

	accounting sync.Mutex
	accounts   map[string]*account[V]
}

// never is the deadline of an entry without one.
const never = int64(1<<63 - 1)

func (c *core[V]) now() int64 { return int64(time.Since(c.base)) }

// shard returns the shard of a key and the key's hash.
func (c *core[V]) shard(wire string) (*shard[V], uint64) {
	h := c.hash(wire)
	return c.shardOf(h), h
}

func (c *core[V]) hash(wire string) uint64 { return noZero(maphash.String(c.seed, wire)) }

// noZero sets a bit that neither the shard nor the place in its table is by.
func noZero(hash uint64) uint64 { return hash | 1<<31 }

// shardOf takes the low bits: there are a power of two.
func (c *core[V]) shardOf(h uint64) *shard[V] { return c.shards[h&uint64(len(c.shards)-1)] }

// Purge drops everything that the cache holds. Loads in progress are not kept.
func (s *Store[V]) Purge() { s.core.invalidatePrefix("", false) }

// Close drops everything, cancels the loads in progress, whose callers get
// [storage.ErrClosed], and waits for them to end; a GetOrLoad that has stored
// something too late has 5 seconds to remove it. A load that a caller performs
// whose context cannot end is not cancelled. Close does not close the store
// below. Every operation fails after it.
func (s *Store[V]) Close() error {
	s.core.closed.Store(true)
	for _, sh := range s.core.shards {
		sh.Lock()
		sh.loads.Close(errClosed)
		sh.fills.Close(errClosed)
		sh.dropPrefix("")
		sh.Unlock()
	}
	for _, sh := range s.core.shards {
		sh.loads.Drain()
		sh.fills.Drain()
	}
	return nil
}

var errClosed = fmt.Errorf("cache: %w", storage.ErrClosed)

// invalidatePrefix forgets all that begins with prefix; unknown says that a
// write to it may yet happen.
func (c *core[V]) invalidatePrefix(prefix string, unknown bool) {
	for _, sh := range c.shards {
		sh.Lock()
		sh.dropPrefix(prefix)
		sh.loads.DetachPrefix(prefix)
		sh.fills.DetachPrefix(prefix)
		if unknown {
			sh.holds.addPrefix(prefix, c.now())
		}
		sh.Unlock()
	}
}

// keep puts the result of a load into sh, if it may be kept, and returns what
// is to be called when the lock is released.
func (c *core[V]) keep(sh *shard[V], l *flight.Load[result[V]], r result[V], err error) func() {
	if err != nil || l.Detached() {
		return nil
	}
	now := c.now()
	expires := c.deadline(r)
	if expires <= now || sh.holds.held(l.Key, now) {
		return nil
	}
	size := int64(len(l.Key))
	if !r.absent {
		size += int64(c.weigh(r.value))
	}
	_, h := c.shard(l.Key)
	e := &entry[V]{hash: h, value: r.value, absent: r.absent, size: size, tally: r.tally}
	e.expires.Store(expires)
	evicted := sh.add(l.Key, e, now)
	if c.onEvict == nil || len(evicted) == 0 {
		return nil
	}
	return func() {
		for _, e := range evicted {
			if !e.absent {
				c.onEvict(e.key(), e.value)
			}
		}
	}
}

// deadline is how long a result may be kept; 0 is not at all.
func (c *core[V]) deadline(r result[V]) int64 {
	if r.absent {
		if c.negative == 0 {
			return 0
		}
		return after(r.begun, c.negative)
	}
	switch {
	case c.ttl == 0, c.ttl == NoTTL && !c.tells:
		return 0
	case c.ttl == NoTTL && r.expires.IsZero():
		return never
	case c.ttl == NoTTL:
		return int64(r.expires.Sub(c.base))
	case r.expires.IsZero():
		return after(r.begun, c.ttl)
	}
	return min(after(r.begun, c.ttl), int64(r.expires.Sub(c.base)))
}

// after is t + d, and never on overflow.
func after(t int64, d time.Duration) int64 {
	if t > never-int64(d) {
		return never
	}
	return t + int64(d)
}

// weigher returns the size of values that are bytes, or panics if must and
// they are not.
func weigher[V any](must bool) func(V) int {
	var zero V
	switch any(zero).(type) {
	case []byte:
		return func(v V) int { return len(any(v).([]byte)) }
	case string:
		return func(v V) int { return len(any(v).(string)) }
	}
	if must {
		panic(fmt.Sprintf("cache: MaxBytes for values of type %T needs cache.Weigh", zero))
	}
	return func(V) int { return 0 }
}

var (
	_ full.Store[any] = (*Store[any])(nil)
	_ full.Store[any] = (*view[any])(nil)
)

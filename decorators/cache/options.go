package cache

import (
	"fmt"
	"time"
)

// Options are the settings of a cache. The zero value works.
type Options struct {
	// MaxEntries bounds the number of entries; 0 means 10,000. When it is
	// reached, an entry goes, which one is said by Policy. A large cache is
	// split into shards by key, each with its part of the bounds and an order
	// of its own.
	MaxEntries int

	// MaxBytes bounds the bytes of keys and values; 0 means no bound. The size
	// of values other than []byte and string comes from [Weigh], which they
	// need. A value larger than a shard's part, at least the smaller of
	// MaxBytes and 1 MiB, is not kept.
	MaxBytes int64

	// Policy says which entry goes when a bound is reached; S3FIFO by default.
	Policy Policy

	// TTL bounds how long an entry is kept and so how old it may be when
	// another process has written the key; 0 means 1 minute, and [NoTTL] that
	// only the ttl in the store below counts.
	TTL time.Duration

	// NegativeTTL is how long the absence of a key is kept; 0 means not at all.
	NegativeTTL time.Duration

	// Share bounds the part of MaxEntries and MaxBytes that the entries of one
	// namespace may take, so that one plugin's flood does not evict another's
	// working set: 0.25 is a quarter; 0 means no bound. Entries of nested
	// namespaces count for the outermost, entries without a namespace together.
	Share float64
}

// NoTTL as [Options].TTL keeps an entry as long as the store below does. It
// is for stores that nobody else writes to.
const NoTTL time.Duration = -1

const (
	defaultMaxEntries = 10_000
	defaultTTL        = time.Minute
)

// Option sets what depends on the type of the values.
type Option[V any] func(*core[V])

// Clone makes every reader get a copy of a value, made by fn.
func Clone[V any](fn func(V) V) Option[V] {
	return func(c *core[V]) { c.clone = fn }
}

// Weigh tells the size of a value in bytes, for [Options].MaxBytes and
// [Counts].Bytes.
func Weigh[V any](fn func(V) int) Option[V] {
	return func(c *core[V]) { c.weigh = fn }
}

// OnEvict calls fn for every value that has to go because of a bound before
// its time, with its key in the store below. Values that expire or that a
// write or Purge drops are not reported. Fn is called before the Get that made
// the room returns, and may call the cache, but not Close it.
func OnEvict[V any](fn func(key string, value V)) Option[V] {
	return func(c *core[V]) { c.onEvict = fn }
}

// check panics if o makes no sense.
func (o Options) check() {
	switch {
	case o.MaxEntries < 0:
		panic(fmt.Sprintf("cache: MaxEntries is %d, want 0 (%d) or more", o.MaxEntries, defaultMaxEntries))
	case o.MaxBytes < 0:
		panic(fmt.Sprintf("cache: MaxBytes is %d, want 0 (no bound) or more", o.MaxBytes))
	case o.Policy != S3FIFO && o.Policy != LRU:
		panic(fmt.Sprintf("cache: Policy is %d, want S3FIFO or LRU", int(o.Policy)))
	case o.TTL < 0 && o.TTL != NoTTL:
		panic(fmt.Sprintf("cache: TTL is %v, want NoTTL, 0 (%v) or more", o.TTL, defaultTTL))
	case o.NegativeTTL < 0:
		panic(fmt.Sprintf("cache: NegativeTTL is %v, want 0 (off) or more", o.NegativeTTL))
	case !(o.Share >= 0 && o.Share <= 1):
		panic(fmt.Sprintf("cache: Share is %v, want 0 (no bound) to 1", o.Share))
	}
}

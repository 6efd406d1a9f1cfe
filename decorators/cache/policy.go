package cache

import (
	"math"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A Policy says which entry goes when there has to be room for another.
type Policy int

const (
	// S3FIFO is the default: three queues, of which a small one sorts out what
	// is asked for only once. A hit takes no lock. It keeps more of what will be
	// asked for again than LRU does, above all while somebody reads much once.
	// It is "FIFO queues are all you need for cache eviction" (Yang et al.,
	// SOSP 2023).
	S3FIFO Policy = iota

	// LRU evicts what was not asked for longest. Each hit takes the lock of its
	// shard.
	LRU
)

// String returns the name of p.
func (p Policy) String() string {
	switch p {
	case S3FIFO:
		return "S3-FIFO"
	case LRU:
		return "LRU"
	}
	return "an unknown policy"
}

// An order has the entries of a shard, or those of one name in it, and knows
// which goes first. The lock of the shard is held.
type order[V any] interface {
	add(e *entry[V])
	used(e *entry[V])
	remove(e *entry[V])
	evict() *entry[V] // removes and returns the one to go; there is one
}

// newOrder returns an order of p that keeps its notes on an entry in the link
// that link returns.
func newOrder[V any](p Policy, link func(*entry[V]) *link[V]) order[V] {
	if p == LRU {
		return newLRU[V]()
	}
	return &s3fifo[V]{link: link}
}

// lru is the order of LRU.
type lru[V any] struct {
	simplelru.LRU[*entry[V], struct{}]
}

// newLRU returns an order without a bound of its own: the shard has several.
func newLRU[V any]() *lru[V] {
	l, err := simplelru.NewLRU[*entry[V], struct{}](math.MaxInt, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &lru[V]{*l}
}

func (l *lru[V]) add(e *entry[V])    { l.Add(e, struct{}{}) }
func (l *lru[V]) used(e *entry[V])   { l.Get(e) }
func (l *lru[V]) remove(e *entry[V]) { l.Remove(e) }

func (l *lru[V]) evict() *entry[V] {
	e, _, _ := l.RemoveOldest()
	return e
}

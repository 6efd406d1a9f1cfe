package cache

import (
	"strings"
	"sync/atomic"

	"github.com/tunica-go/tunica/storage"
)

// shortKey is the length up to which a key stands in its entry: to compare it, a
// hit reads no memory elsewhere. With it, an entry of []byte is 160 bytes, which
// the Go runtime allocates without a rest.
const shortKey = 38

// entry is a value that is held, or the absence of one.
//
// What a hit needs comes last, together, from the last field of place on: two lines
// of the processor's cache if the value is as large as []byte.
type entry[V any] struct {
	hash  uint64 // not 0
	size  int64
	tally *tally[V]
	long  string  // the key in the store below, or "" if it is short
	place link[V] // in the order of the shard

	own     *link[V] // in the order of the tally, if it has one
	memo    storage.Memo
	value   V
	expires atomic.Int64
	absent  bool
	n       uint8 // the length of a short key; 0 if it is long
	short   [shortKey]byte
}

// setKey gives a new entry its key.
func (e *entry[V]) setKey(key string) {
	if len(key) > shortKey {
		e.long = key
		return
	}
	e.n = uint8(copy(e.short[:], key))
}

// key is the key in the store below.
func (e *entry[V]) key() string {
	if e.n == 0 {
		return e.long
	}
	return string(e.short[:e.n])
}

// is reports whether e is the entry of prefix+key, without joining them.
func (e *entry[V]) is(prefix, key string) bool {
	n := len(prefix)
	if e.n == 0 {
		return len(e.long) == n+len(key) && e.long[:n] == prefix && e.long[n:] == key
	}
	return int(e.n) == n+len(key) && string(e.short[:n]) == prefix && string(e.short[n:e.n]) == key
}

// under reports whether the key of e begins with prefix.
func (e *entry[V]) under(prefix string) bool {
	if e.n == 0 {
		return strings.HasPrefix(e.long, prefix)
	}
	n := len(prefix)
	return n <= int(e.n) && string(e.short[:n]) == prefix
}

// mark marks e as used, without a lock.
func (e *entry[V]) mark() {
	e.place.use()
	if e.own != nil {
		e.own.use()
	}
}

func (e *entry[V]) inShard() *link[V] { return &e.place }
func (e *entry[V]) inTally() *link[V] { return e.own }

// over reports whether e is over now.
func (e *entry[V]) over(c *core[V]) bool {
	expires := e.expires.Load()
	return expires != never && expires <= c.now()
}

package cache

import (
	"iter"
	"sync/atomic"
)

// A table finds the entries of a shard by their keys. Reading takes no lock;
// writing takes the lock of the shard. It is open addressing with linear
// probing, in an array that is replaced when it fills up. The first one has to
// be there before.
type table[V any] struct {
	slots atomic.Pointer[[]slot[V]]
	held  int // entries
	taken int // slots that are not empty: entries, and what entries have left
}

// A slot has the hash next to the entry: most of what a search passes it does
// not touch. A hash is never taken back, so that searches go on past it.
type slot[V any] struct {
	hash  atomic.Uint64 // 0 if empty
	entry atomic.Pointer[entry[V]]
}

// minSlots is the length of the smallest array. A length is a power of two.
const minSlots = 8

// at is where the search for the hash begins. (The low bits chose the shard.)
func at(hash uint64, slots int) int { return int(hash>>32) & (slots - 1) }

// find returns the entry of the key prefix+key, or nil. No lock is needed.
func (t *table[V]) find(hash uint64, prefix, key string) *entry[V] {
	slots := *t.slots.Load()
	for i := at(hash, len(slots)); ; i++ {
		s := &slots[i&(len(slots)-1)]
		switch s.hash.Load() {
		case 0:
			return nil
		case hash:
			if e := s.entry.Load(); e != nil && e.is(prefix, key) {
				return e
			}
		}
	}
}

// put adds an entry whose key is not in the table.
func (t *table[V]) put(e *entry[V]) {
	if slots := len(*t.slots.Load()); (t.taken+1)*4 > slots*3 {
		size := minSlots
		for (t.held+1)*2 > size {
			size *= 2
		}
		t.replace(size)
	}
	insert(*t.slots.Load(), e)
	t.held++
	t.taken++
}

// insert puts e into the first empty slot.
func insert[V any](slots []slot[V], e *entry[V]) {
	i := at(e.hash, len(slots))
	for slots[i].hash.Load() != 0 {
		i = (i + 1) & (len(slots) - 1)
	}
	slots[i].entry.Store(e)
	slots[i].hash.Store(e.hash) // from here on it is found
}

// remove takes out an entry that is in the table.
func (t *table[V]) remove(e *entry[V]) {
	slots := *t.slots.Load()
	i := at(e.hash, len(slots))
	for slots[i].entry.Load() != e {
		i = (i + 1) & (len(slots) - 1)
	}
	t.held--
	slots[i].entry.Store(nil)
}

// replace moves the entries to an array of size slots.
func (t *table[V]) replace(size int) {
	slots := make([]slot[V], size)
	if t.held > 0 {
		for e := range t.all() {
			insert(slots, e)
		}
	}
	t.taken = t.held
	t.slots.Store(&slots)
}

// all yields the entries, which may be removed meanwhile.
func (t *table[V]) all() iter.Seq[*entry[V]] {
	return func(yield func(*entry[V]) bool) {
		slots := *t.slots.Load()
		for i := range slots {
			if e := slots[i].entry.Load(); e != nil && !yield(e) {
				return
			}
		}
	}
}

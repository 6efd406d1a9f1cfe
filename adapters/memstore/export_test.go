package memstore

import (
	"math"
	"testing"
)

// Held is what a store holds, expired entries included.
type Held struct {
	Entries int
	Bytes   int64
	Room    int // the size of the maps and heaps
}

// Verify fails if the parts of the store contradict each other or break a
// bound, at one moment, and returns what it holds.
func (s *Store[V]) Verify(tb testing.TB) (held Held) {
	tb.Helper()
	d := s.data
	for i := range d.shards {
		d.shards[i].mu.Lock()
		defer d.shards[i].mu.Unlock()
	}
	for i := range d.shards {
		shard := &d.shards[i]
		due, withDeadline := int64(math.MaxInt64), 0
		for key, e := range shard.entries {
			held.Entries++
			held.Bytes += e.size
			if e.key != key {
				tb.Errorf("an entry under %q believes that its key is %q", key, e.key)
			}
			if e.deadline == 0 {
				continue
			}
			withDeadline++
			due = min(due, e.deadline)
			if shard.deadlines[e.place] != e {
				tb.Errorf("an entry is not at its place %d in the heap", e.place)
			}
		}
		if n := len(shard.deadlines); n != withDeadline {
			tb.Errorf("the heap has %d entries, want the %d that expire", n, withDeadline)
		}
		for j, e := range shard.deadlines {
			if j > 0 && e.deadline < shard.deadlines[(j-1)/2].deadline {
				tb.Errorf("the heap is out of order at %d", j)
			}
		}
		if hint := shard.due.Load(); hint != due {
			tb.Errorf("the hint says that the first entry expires at %d, want %d", hint, due)
		}
		held.Room += max(shard.peak, cap(shard.deadlines))
		shard.verifyUses(tb)
	}
	b := &d.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bounded() && (b.entries != int64(held.Entries) || b.bytes != held.Bytes) {
		tb.Errorf("counted %d entries and %d bytes, but there are %d and %d", b.entries, b.bytes, held.Entries, held.Bytes)
	}
	if b.maxEntries > 0 && b.entries > b.maxEntries || b.maxBytes > 0 && b.bytes > b.maxBytes {
		tb.Errorf("holds %d entries and %d bytes, want at most %d and %d", b.entries, b.bytes, b.maxEntries, b.maxBytes)
	}
	return held
}

func (s *shard[V]) verifyUses(tb testing.TB) {
	tb.Helper()
	listed, oldest := 0, uint64(math.MaxUint64)
	for e := s.uses.newest; e != nil; e = e.older {
		listed++
		if e.older == nil {
			oldest = e.tick
			if s.uses.oldest != e {
				tb.Error("the list of uses has another end than its oldest")
			}
		} else if e.older.tick > e.tick || e.older.newer != e {
			tb.Error("the list of uses is out of order")
		}
		if s.entries[e.key] != e {
			tb.Error("the list of uses has an entry that is gone")
		}
	}
	if s.data.evict && listed != len(s.entries) || !s.data.evict && listed != 0 {
		tb.Errorf("the list of uses has %d entries of %d (evict: %t)", listed, len(s.entries), s.data.evict)
	}
	if hint := s.oldest.Load(); hint != oldest {
		tb.Errorf("the hint says that the oldest use was at %d, want %d", hint, oldest)
	}
}

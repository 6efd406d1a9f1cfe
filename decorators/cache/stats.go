package cache

import (
	"runtime"
	"sync/atomic"
)

// Counts are the figures of a cache or of a part of it. Those of type uint64
// only grow.
type Counts struct {
	Hits      uint64 // keys answered from memory, kept absences included
	Misses    uint64 // keys that had to wait for the store below
	Loads     uint64 // reads of the store below; a batch is one
	Evictions uint64 // entries that had to go because of a bound before their time
	Entries   int    // entries held, those included that have expired and are not yet removed
	Bytes     int64  // of the keys and values held
}

// Stats are the figures of a cache.
type Stats struct {
	Counts // of the whole cache

	// Names has the figures of each namespace by its name, nested ones within
	// the outermost, and those of keys without a namespace under "". An entry
	// counts for the namespace through which it was loaded.
	Names map[string]Counts
}

// account counts for one name.
type account[V any] struct {
	hits    []counter   // by key, so that cores seldom need the same one
	tallies []*tally[V] // by shard
}

// counter is a figure that changes all the time, alone in its line of the
// processor's cache.
type counter struct {
	atomic.Uint64
	_ [56]byte
}

// account returns what counts for name.
func (c *core[V]) account(name string) *account[V] {
	c.accounting.Lock()
	defer c.accounting.Unlock()
	a := c.accounts[name]
	if a == nil {
		a = &account[V]{hits: make([]counter, stripes(len(c.shards)))}
		for _, sh := range c.shards {
			a.tallies = append(a.tallies, sh.newTally())
		}
		c.accounts[name] = a
	}
	return a
}

// newTally returns a tally of a name that is new in sh.
func (sh *shard[V]) newTally() *tally[V] {
	t := new(tally[V])
	if sh.shareEntries > 0 {
		t.order = newOrder(sh.policy, (*entry[V]).inTally)
	}
	return t
}

// stripes is the number of counters of one figure: a power of two, no more than
// there are shards, by which they are chosen, and no more than cores need. What is
// not needed would only take room in the processor's caches.
func stripes(shards int) int {
	n := 1
	for n < shards && n < runtime.NumCPU() {
		n *= 2
	}
	return n
}

// Stats returns the figures of the cache. It is no snapshot: they may change
// while they are added up.
func (s *Store[V]) Stats() Stats {
	c := s.core
	c.accounting.Lock()
	defer c.accounting.Unlock()
	stats := Stats{Names: make(map[string]Counts, len(c.accounts))}
	for name, a := range c.accounts {
		var counts Counts
		for i := range a.hits {
			counts.Hits += a.hits[i].Load()
		}
		stats.Names[name] = counts
	}
	for i, sh := range c.shards {
		sh.Lock()
		for name, a := range c.accounts {
			counts := stats.Names[name]
			counts.add(a.tallies[i].Counts)
			stats.Names[name] = counts
		}
		sh.Unlock()
	}
	for _, counts := range stats.Names {
		stats.add(counts)
	}
	return stats
}

func (c *Counts) add(d Counts) {
	c.Hits += d.Hits
	c.Misses += d.Misses
	c.Loads += d.Loads
	c.Evictions += d.Evictions
	c.Entries += d.Entries
	c.Bytes += d.Bytes
}

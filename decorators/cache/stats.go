package cache

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

// Stats returns the figures of the cache. It is no snapshot: they may change
// while they are added up.
func (s *Store[V]) Stats() Stats {
	stats := Stats{Names: make(map[string]Counts)}
	for _, sh := range s.core.shards {
		sh.Lock()
		for name, t := range sh.tallies {
			part := t.Counts
			part.Hits = t.hits.Load()
			counts := stats.Names[name]
			counts.add(part)
			stats.Names[name] = counts
			stats.add(part)
		}
		sh.Unlock()
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

// tallies returns the tally of name in each shard.
func (c *core[V]) tallies(name string) []*tally[V] {
	tallies := make([]*tally[V], len(c.shards))
	for i, sh := range c.shards {
		sh.Lock()
		t := sh.tallies[name]
		if t == nil {
			t = new(tally[V])
			if sh.shareEntries > 0 {
				t.order = newOrder(sh.policy, (*entry[V]).inTally)
			}
			sh.tallies[name] = t
		}
		tallies[i] = t
		sh.Unlock()
	}
	return tallies
}

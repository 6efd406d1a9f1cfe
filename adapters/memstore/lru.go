package memstore

import "math"

// In a store that evicts, each shard lists its entries by their last use, and
// each use has a tick, so that the least recent of all shards can be found.
// Writes advance the clock of ticks by two, and reads use the odd tick after
// the last write: they do not contend on it, and reads of different shards
// between the same two writes count as simultaneous.

// uses is a list of entries by last use.
type uses[V any] struct{ newest, oldest *entry[V] }

// read notes that e was used.
func (s *shard[V]) read(e *entry[V]) {
	if s.data.evict {
		s.use(e, s.data.ticks.Load()+1)
	}
}

// written notes that e was written.
func (s *shard[V]) written(e *entry[V]) {
	if s.data.evict {
		s.use(e, s.data.ticks.Add(2))
	}
}

func (s *shard[V]) use(e *entry[V], tick uint64) {
	e.tick = tick
	s.uses.unlink(e)
	s.uses.link(e)
	s.publishOldest()
}

// forget takes e off the list.
func (s *shard[V]) forget(e *entry[V]) {
	s.uses.unlink(e)
	s.publishOldest()
}

func (s *shard[V]) publishOldest() {
	oldest := uint64(math.MaxUint64)
	if e := s.uses.oldest; e != nil {
		oldest = e.tick
	}
	if s.oldest.Load() != oldest {
		s.oldest.Store(oldest)
	}
}

func (u *uses[V]) link(e *entry[V]) {
	e.older = u.newest
	if u.newest != nil {
		u.newest.newer = e
	} else {
		u.oldest = e
	}
	u.newest = e
}

// unlink takes e off the list, if it is on it.
func (u *uses[V]) unlink(e *entry[V]) {
	switch {
	case e.newer != nil:
		e.newer.older = e.older
	case u.newest == e:
		u.newest = e.older
	}
	switch {
	case e.older != nil:
		e.older.newer = e.newer
	case u.oldest == e:
		u.oldest = e.newer
	}
	e.newer, e.older = nil, nil
}

package memstore

import (
	"math"
	"slices"
	"time"
)

// A write removes up to two expired entries of its shard and adds at most one.
// So while expired entries are left a shard shrinks with every write, and it
// grows only while it holds none: it never holds more entries than were live in
// it at one time. Each costs O(log n) in the heap.
const expirePerWrite = 2

// clock counts nanoseconds on the monotonic clock since its start.
type clock struct{ start time.Time }

func (c clock) now() int64 { return int64(time.Since(c.start)) }

// deadline returns when a ttl that starts now ends, 0 for no expiry.
func (c clock) deadline(ttl time.Duration) int64 {
	if ttl == 0 {
		return 0
	}
	now := c.now()
	if int64(ttl) > math.MaxInt64-now {
		return math.MaxInt64 // in 292 years
	}
	return now + int64(ttl)
}

// expires returns a deadline as a time, the zero Time for 0.
func (c clock) expires(deadline int64) time.Time {
	if deadline == 0 {
		return time.Time{}
	}
	now := time.Now()
	return now.Add(time.Duration(deadline) - now.Sub(c.start))
}

func (e *entry[V]) expired(now int64) bool { return e.deadline != 0 && e.deadline <= now }

// expireAt gives e the deadline, 0 for none.
func (s *shard[V]) expireAt(e *entry[V], deadline int64) {
	before := e.deadline
	e.deadline = deadline
	switch {
	case before == 0 && deadline != 0:
		s.deadlines.add(e)
	case before != 0 && deadline == 0:
		s.deadlines.remove(e.place)
	case deadline != 0:
		s.deadlines.fix(e.place)
	}
	s.publishDue()
}

// expire removes up to limit expired entries, the earliest first, and returns
// how many.
func (s *shard[V]) expire(limit int) (removed int) {
	if len(s.deadlines) == 0 {
		return 0
	}
	for now := s.data.clock.now(); removed < limit; removed++ {
		if len(s.deadlines) == 0 || !s.deadlines[0].expired(now) {
			break
		}
		s.remove(s.deadlines[0])
	}
	return removed
}

func (s *shard[V]) publishDue() {
	due := int64(math.MaxInt64)
	if len(s.deadlines) > 0 {
		due = s.deadlines[0].deadline
	}
	if s.due.Load() != due {
		s.due.Store(due)
	}
}

// deadlines is a heap of the entries that expire, the earliest first. Each
// knows its place.
type deadlines[V any] []*entry[V]

func (d *deadlines[V]) add(e *entry[V]) {
	*d = append(*d, e)
	e.place = len(*d) - 1
	d.up(e.place)
}

func (d *deadlines[V]) remove(i int) {
	h := *d
	last := len(h) - 1
	h.swap(i, last)
	h[last] = nil
	h = h[:last]
	if cap(h) > smallMap && len(h) <= cap(h)/8 {
		h = slices.Clone(h)
	}
	*d = h
	if i < last {
		h.fix(i)
	}
}

// fix restores the order after the deadline at i has changed.
func (d deadlines[V]) fix(i int) {
	if !d.down(i) {
		d.up(i)
	}
}

func (d deadlines[V]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if d[parent].deadline <= d[i].deadline {
			return
		}
		d.swap(i, parent)
		i = parent
	}
}

func (d deadlines[V]) down(i int) (moved bool) {
	for {
		child := 2*i + 1
		if child >= len(d) {
			return moved
		}
		if child+1 < len(d) && d[child+1].deadline < d[child].deadline {
			child++
		}
		if d[i].deadline <= d[child].deadline {
			return moved
		}
		d.swap(i, child)
		i, moved = child, true
	}
}

func (d deadlines[V]) swap(i, j int) {
	d[i], d[j] = d[j], d[i]
	d[i].place, d[j].place = i, j
}

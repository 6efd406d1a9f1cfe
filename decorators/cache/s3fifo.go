package cache

import "sync/atomic"

// s3fifo is the order of S3FIFO. A new entry comes into the small queue. At its
// end it goes, and only its hash is remembered for a while, or it moves to the
// main queue if it was used. What is remembered comes into the main queue at
// once. At the end of that, an entry that was used since is put back.
type s3fifo[V any] struct {
	small, main queue[V]
	ghosts      ghosts
	link        func(*entry[V]) *link[V]
}

// link is what an s3fifo knows of an entry.
type link[V any] struct {
	in         *queue[V]
	prev, next *entry[V]
	uses       atomic.Uint32 // up to maxUses
}

// The figures of the paper, section 4. (It moves an entry to the main queue from
// the second use on. With the first one no trace is worse, and drift better.)
const (
	maxUses   = 3
	smallPart = 10 // the small queue is a tenth
)

// use counts a use. Of two at the same time one may be lost.
func (l *link[V]) use() {
	if n := l.uses.Load(); n < maxUses {
		l.uses.Store(n + 1)
	}
}

func (q *s3fifo[V]) used(e *entry[V]) { q.link(e).use() }

func (q *s3fifo[V]) add(e *entry[V]) {
	if q.ghosts.take(e.hash) {
		q.push(&q.main, e)
	} else {
		q.push(&q.small, e)
	}
}

func (q *s3fifo[V]) evict() *entry[V] {
	// Hits go on meanwhile: without a bound, entries that are used all the time
	// could be put back for ever.
	for left := (maxUses + 1) * (q.small.n + q.main.n); ; left-- {
		from := &q.main
		if q.small.n > 0 && (q.main.n == 0 || q.small.bytes*smallPart > q.small.bytes+q.main.bytes) {
			from = &q.small
		}
		e := from.oldest
		uses := &q.link(e).uses
		q.remove(e)
		if n := uses.Load(); n > 0 && left > 0 {
			if from == &q.small {
				n = 1 // it has all to show again
			}
			uses.Store(n - 1)
			q.push(&q.main, e)
			continue
		}
		if from == &q.small {
			q.ghosts.add(e.hash, q.small.n+q.main.n)
		}
		return e
	}
}

// queue is a list of entries by age.
type queue[V any] struct {
	newest, oldest *entry[V]
	n              int
	bytes          int64
}

func (q *s3fifo[V]) push(to *queue[V], e *entry[V]) {
	l := q.link(e)
	l.in, l.next, l.prev = to, to.newest, nil
	if to.newest != nil {
		q.link(to.newest).prev = e
	} else {
		to.oldest = e
	}
	to.newest = e
	to.n++
	to.bytes += e.size
}

// remove takes e out of its queue, if it is in one.
func (q *s3fifo[V]) remove(e *entry[V]) {
	l := q.link(e)
	from := l.in
	if from == nil {
		return
	}
	if l.prev != nil {
		q.link(l.prev).next = l.next
	} else {
		from.newest = l.next
	}
	if l.next != nil {
		q.link(l.next).prev = l.prev
	} else {
		from.oldest = l.prev
	}
	l.in, l.prev, l.next = nil, nil, nil
	from.n--
	from.bytes -= e.size
}

// ghosts are the hashes of the entries that left the small queue last, in two
// generations, the older of which is forgotten as a whole.
type ghosts struct{ young, old map[uint64]struct{} }

// add remembers hash, and room others at most.
func (g *ghosts) add(hash uint64, room int) {
	if len(g.young) >= (room+1)/2 {
		g.old, g.young = g.young, nil
	}
	if g.young == nil {
		g.young = make(map[uint64]struct{})
	}
	g.young[hash] = struct{}{}
}

// take reports whether hash is remembered, and forgets it.
func (g *ghosts) take(hash uint64) bool {
	for _, generation := range []map[uint64]struct{}{g.young, g.old} {
		if _, ok := generation[hash]; ok {
			delete(generation, hash)
			return true
		}
	}
	return false
}

package redisstore

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Commands with one key are sent by group commit. A caller who finds a lane free
// sends its command alone and at once, as if there was nobody else. Whoever comes
// while all lanes are taken waits in a queue, and the first lane that becomes free
// takes the whole queue, in the order of arrival, as one pipeline. So batches
// become as large as the server is busy, nobody waits for a batch to fill, and at
// rest there is neither a goroutine nor a timer.
//
// There are as many lanes as it takes round trips of laneTime to fill one round
// trip to the server as it is when nothing is in the way: one for a server on the
// same machine, where a batch costs more than the way; several for one that is
// further away, where a few callers would only wait for each other. A long queue
// has two, so that one batch is made up while the server works on the other. While
// no batch comes back for stallTime, those that are out do not count, and one goes
// out beside them: one slow command, or a connection that died in silence, does
// not stop the others. There are never more lanes than maxLanes, or than the
// client has connections.
//
// A batch runs in a goroutine of its own, under a context that nobody can cancel:
// whose context ends leaves the queue, or leaves the batch to the others. The
// mutex of the link guards everything, so that a request is either still in the
// queue when its caller leaves, and is not sent, or in a batch, and may be.
type group struct {
	first, last *request // the queue
	waiting     int      // its length
	flying      int      // taken lanes
	taken       uint64   // batches so far

	roundTrip minimum
	stalled   int       // of flying, those that do not count, because
	since     time.Time // they went out before this moment, and are not back

	timer    *time.Timer // looks whether the queue moves; nil before the first
	ticking  bool
	seen     uint64 // taken, when the timer was set
	lastUsed time.Time
}

const (
	maxLanes  = 8
	laneTime  = 100 * time.Microsecond
	stallTime = 5 * time.Millisecond
	longQueue = 32
)

// groupKept is how long a group is kept that nobody uses, when there is a new one.
const groupKept = time.Minute

// groupOf returns the group of a server, or of a master of a Cluster. The caller
// holds l.mu.
func (l *link) groupOf(node *redis.Client) *group {
	g := l.groups[node]
	if g == nil {
		for old, unused := range l.groups { // masters come and go
			if unused.flying == 0 && time.Since(unused.lastUsed) > groupKept {
				delete(l.groups, old)
			}
		}
		g = new(group)
		l.groups[node] = g
	}
	return g
}

// join admits a request. It is to be sent alone, after which depart is called; or
// it is in the queue, and its landed will tell.
func (l *link) join(op fmt.Stringer, r *request, node *redis.Client, endable bool) (alone bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.admit(op, endable); err != nil {
		return false, err
	}
	g := l.groupOf(node)
	r.group = g
	if g.waiting == 0 && l.free(g) {
		g.flying++
		r.inLane, r.departed = true, time.Now()
		if endable {
			l.running++
		}
		return true, nil
	}
	l.running++
	r.stage = queued
	if r.landed, _ = l.landings.Get().(chan struct{}); r.landed == nil {
		r.landed = make(chan struct{}, 1)
	}
	g.push(r)
	l.proceed(g)
	return false, nil
}

// depart gives a lane back that was taken at the time departed, for a batch or a
// request that went out alone.
func (l *link) depart(g *group, departed time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(g, departed)
	l.proceed(g)
}

// abandon is called by a caller whose context has ended. It reports whether the
// request may have been sent, unless it has landed.
func (l *link) abandon(r *request) stage {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch was := r.stage; was {
	case queued:
		r.group.remove(r)
		l.finish(1)
		return was
	case flying:
		r.stage = left
		l.left++
		l.totalLeft++
		return was
	default:
		return was
	}
}

// free reports whether a batch may go out. The caller holds l.mu, as for the
// following functions.
func (l *link) free(g *group) bool {
	allowed := 1
	if d, ok := g.roundTrip.value(); !ok {
		allowed = maxLanes
	} else if lanes := int(d / laneTime); lanes > 1 {
		allowed = lanes
	} else if g.waiting >= longQueue {
		allowed = 2
	}
	return g.flying < l.maxLanes && g.flying-g.stalled < allowed
}

// proceed sends the queue if a lane is free, and has it looked after otherwise.
func (l *link) proceed(g *group) {
	for g.waiting > 0 && l.free(g) {
		l.launch(g)
	}
	if g.waiting == 0 || g.ticking {
		return
	}
	g.ticking, g.seen = true, g.taken
	if g.timer == nil {
		g.timer = time.AfterFunc(stallTime, func() { l.tick(g) })
	} else {
		g.timer.Reset(stallTime)
	}
}

// tick opens a lane for a queue that does not move.
func (l *link) tick(g *group) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g.ticking = false
	if g.waiting > 0 && g.taken == g.seen {
		g.stalled, g.since = g.flying, time.Now()
	}
	l.proceed(g)
}

// launch opens a lane with what fits into a batch of the queue.
func (l *link) launch(g *group) {
	g.flying++
	l.running++ // its goroutine
	go l.lane(g, g.take())
}

// release counts a lane as free that was taken at the time departed.
func (l *link) release(g *group, departed time.Time) {
	g.lastUsed = time.Now()
	g.flying--
	g.roundTrip.add(g.lastUsed, g.lastUsed.Sub(departed))
	if g.stalled > 0 && departed.Before(g.since) {
		g.stalled--
	}
}

// push appends r to the queue.
func (g *group) push(r *request) {
	r.prev = g.last
	if g.last == nil {
		g.first = r
	} else {
		g.last.next = r
	}
	g.last = r
	g.waiting++
}

// remove takes r out of the queue.
func (g *group) remove(r *request) {
	if r.prev == nil {
		g.first = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		g.last = r.prev
	} else {
		r.next.prev = r.prev
	}
	r.prev, r.next = nil, nil
	g.waiting--
}

// take takes a batch from the head of the queue. Its writes count as sent from
// now on, for they may be at any moment.
func (g *group) take() []*request {
	batch := make([]*request, 0, min(g.waiting, batchKeys))
	size := 0
	for r := g.first; r != nil && len(batch) < batchKeys; r = g.first {
		if size += r.size; size > batchBytes && len(batch) > 0 {
			break
		}
		g.remove(r)
		r.stage = flying
		if r.write != nil {
			r.write.claim()
		}
		batch = append(batch, r)
	}
	g.taken++
	return batch
}

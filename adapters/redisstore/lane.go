package redisstore

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// lane sends a batch, and one after the other until the queue is empty. It ends
// with a batch of which something failed: then another one goes on.
func (l *link) lane(g *group, batch []*request) {
	var departed time.Time
	defer func() {
		if batch != nil { // or a hook has ended the goroutine
			l.derail(g, batch, departed)
		}
	}()
	for batch != nil {
		departed = time.Now()
		if !l.carry(batch) {
			return
		}
		l.land(batch)
		runtime.Gosched() // those who were woken may have something for the next one
		batch = l.next(g, departed)
	}
}

// carry sends a batch and reports whether all went well.
func (l *link) carry(batch []*request) (well bool) {
	panicked, reason := true, any("redisstore: the batch ended its goroutine")
	defer func() {
		if panicked {
			if r := recover(); r != nil {
				reason = r
			}
		}
		for _, r := range batch {
			r.panicked, r.reason = panicked, reason
			if r.write != nil {
				r.write.settle()
			}
		}
	}()
	ctx := context.Background()
	if last := lastDeadline(batch); !last.IsZero() {
		ctx = until{ctx, last}
	}
	l.client.sendAll(ctx, batch)
	panicked = false
	return !slices.ContainsFunc(batch, (*request).failed)
}

// next returns the next batch of a lane, or nil if there is none and it ends.
func (l *link) next(g *group, departed time.Time) (batch []*request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.release(g, departed)
	if g.waiting > 0 && l.free(g) {
		g.flying++
		batch = g.take()
		l.proceed(g)
	} else {
		l.proceed(g)
		l.finish(1)
	}
	return batch
}

// derail ends a lane after a failure. What a server says that hung up is found out
// when the lane is free, for it may take a while.
func (l *link) derail(g *group, batch []*request, departed time.Time) {
	l.depart(g, departed)
	for _, r := range batch {
		if r.err != nil && r.err != redis.Nil {
			l.client.noticeFault(context.Background(), r.err)
			r.err = l.explain(context.Background(), r.err, r.fate())
		}
	}
	l.land(batch)
	l.end(false)
}

// land wakes the callers of a batch.
func (l *link) land(batch []*request) {
	l.mu.Lock()
	for _, r := range batch {
		if r.stage == left {
			l.left--
		}
		r.stage = landed
	}
	l.finish(len(batch))
	l.mu.Unlock()
	for _, r := range batch {
		r.landed <- struct{}{}
	}
}

// until is a context that has a deadline and does not end: connections look at
// it, and nobody waits for it.
type until struct {
	context.Context
	deadline time.Time
}

func (u until) Deadline() (time.Time, bool) { return u.deadline, true }

// lastDeadline returns the time after which no caller waits, or zero.
func lastDeadline(batch []*request) (last time.Time) {
	for _, r := range batch {
		if r.deadline.IsZero() {
			return time.Time{}
		}
		if r.deadline.After(last) {
			last = r.deadline
		}
	}
	return last
}

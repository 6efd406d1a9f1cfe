package flight

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// A Table has the loads of the keys of one shard. The owner's lock guards it:
// it is held when a method says so, and never while a load runs.
type Table[R any] struct {
	// Lock is the lock of the shard.
	Lock sync.Locker

	// Finished, if set, is called with the lock held when a load that is no
	// zombie has ended. What it returns is called after the lock is released,
	// if not nil, and before the result is delivered. What either panics with
	// reaches the callers as if the load had panicked.
	Finished func(l *Load[R], value R, err error) (unlocked func())

	slots   slots[R]
	running int           // loads that run
	drained chan struct{} // closed when none does; nil unless somebody waits for that
	closed  error
}

// Join makes the caller wait for a load of key and returns its place: at the
// load in progress if that may be shared, or at the next one, or at a new one
// from source. Every Join is followed by one [Place.Wait]. The lock is held.
//
// If the context of the first caller can end, the load runs in a goroutine of
// its own and under a context that ends when nobody waits. If it cannot, the
// caller performs the load, as if it was alone.
func (t *Table[R]) Join(ctx context.Context, key string, source Source[R]) (Place[R], error) {
	l, lead, err := t.join(ctx, key, source)
	switch {
	case !lead:
		return Place[R]{load: l}, err
	case ctx.Done() == nil:
		return Place[R]{load: l, leads: true}, nil
	}
	l.share()
	t.start(l)
	return Place[R]{load: l}, nil
}

// JoinBatch is Join for a key of a batch. If lead is not nil, that load has not
// begun: the caller must pass it to [RunBatch]. The lock is held.
func (t *Table[R]) JoinBatch(ctx context.Context, key string, source Source[R]) (p Place[R], lead *Load[R], err error) {
	l, first, err := t.join(ctx, key, source)
	if first {
		l.share()
		lead = l
	}
	return Place[R]{load: l}, lead, err
}

// join adds a caller. If lead is true, l is new and nobody runs it yet.
func (t *Table[R]) join(ctx context.Context, key string, source Source[R]) (l *Load[R], lead bool, err error) {
	if t.closed != nil {
		return nil, false, t.closed
	}
	s := t.slots.find(key)
	if s == nil {
		s = t.slots.add(key)
	}
	switch {
	case s.cur == nil:
		l = s.newLoad(ctx, t, source)
		l.waiters = 1
		s.cur = l
		t.running++
		return l, true, nil
	case !s.cur.closed:
		l = s.cur
		l.share()
		l.waiters++
		return l, false, nil
	case s.next == nil:
		s.next = s.newLoad(ctx, t, source)
		s.next.share()
	}
	l = s.next
	l.waiters++
	t.advance(s)
	return l, false, nil
}

// start runs l, which has begun, in a goroutine of its own.
func (t *Table[R]) start(l *Load[R]) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(l.ctx))
	l.cancel = cancel
	go l.run(ctx)
}

// finish delivers the result of l and lets the next load begin. It returns false
// if l was given up, and else the error that l delivers.
func (t *Table[R]) finish(l *Load[R], value R, err error) (wanted bool, _ error) {
	t.Lock.Lock()
	if l.zombie {
		l.slot.zombies = slices.DeleteFunc(l.slot.zombies, func(z *Load[R]) bool { return z == l })
		t.advance(l.slot)
		t.over()
		t.Lock.Unlock()
		return false, err
	}
	var unlocked func()
	if t.Finished != nil {
		failed := try(func() { unlocked = t.Finished(l, value, err) })
		err = cmp.Or(failed, err)
	}
	l.closed, l.finished = true, true
	l.slot.cur, l.slot.slow = nil, 0
	l.stop()
	slot, done := l.slot, l.done
	if empty := t.advance(slot); empty && done == nil && l == &slot.first {
		t.slots.reuse(slot) // nobody else knows it
	}
	if unlocked == nil {
		t.over()
	}
	t.Lock.Unlock()
	if done != nil {
		defer func() {
			l.value, l.err = value, err
			close(done)
		}()
	}
	if unlocked != nil {
		defer func() {
			t.Lock.Lock()
			t.over()
			t.Lock.Unlock()
		}()
		err = cmp.Or(try(unlocked), err)
	}
	return true, err
}

// over counts a load as one that does not run any more. The lock is held.
func (t *Table[R]) over() {
	t.running--
	if t.running == 0 && t.drained != nil {
		close(t.drained)
		t.drained = nil
	}
}

// A Place is that of one caller at a load.
type Place[R any] struct {
	load  *Load[R]
	leads bool // the caller performs it
}

// Wait returns the result of the load, or the error of ctx as soon as it ends.
// If the load panicked, the error is a [*PanicError]. The lock is not held.
func (p Place[R]) Wait(ctx context.Context) (R, error) {
	if p.leads {
		if value, wanted, err := p.load.run(ctx); wanted {
			return value, err
		}
	}
	return p.load.table.wait(ctx, p.load)
}

// wait waits for a load that somebody else performs.
func (t *Table[R]) wait(ctx context.Context, l *Load[R]) (R, error) {
	for {
		select {
		case <-l.done:
			if l.moved == nil {
				return l.value, l.err
			}
			l = l.moved
		case <-ctx.Done():
			t.Lock.Lock()
			t.leave(l)
			t.Lock.Unlock()
			var zero R
			return zero, ctx.Err()
		}
	}
}

// leave takes a caller away from l, or from where it was moved.
func (t *Table[R]) leave(l *Load[R]) {
	for l.moved != nil {
		l = l.moved
	}
	l.waiters--
	if l.waiters > 0 || l.finished || l.zombie {
		return
	}
	if l == l.slot.next {
		l.slot.next = nil
	}
	l.closed = true
	l.stop()
	t.advance(l.slot)
}

// Detach keeps later callers from sharing a load of key that has begun, and
// its result from being kept. The lock is held.
func (t *Table[R]) Detach(key string) {
	if s := t.slots.find(key); s != nil {
		s.detach()
	}
}

// DetachPrefix is Detach for every key that begins with prefix. The lock is held.
func (t *Table[R]) DetachPrefix(prefix string) {
	for s := range t.slots.all() {
		if strings.HasPrefix(s.key, prefix) {
			s.detach()
		}
	}
}

// Close cancels every load that can be, gives err to all who wait and to all who join
// later. The lock is held. [Table.Drain] waits for the loads to end.
func (t *Table[R]) Close(err error) {
	if t.closed != nil {
		return
	}
	t.closed = err
	for s := range t.slots.all() {
		s.stopTimer()
		for _, l := range []*Load[R]{s.cur, s.next} {
			if l == nil {
				continue
			}
			if l == s.cur {
				s.zombies = append(s.zombies, l)
			}
			l.share()
			l.closed, l.zombie, l.err = true, true, err
			l.stop()
			close(l.done)
		}
		s.cur, s.next = nil, nil
	}
}

// Drain returns when no load runs. The lock is not held.
func (t *Table[R]) Drain() {
	t.Lock.Lock()
	if t.running > 0 && t.drained == nil {
		t.drained = make(chan struct{})
	}
	drained := t.drained
	t.Lock.Unlock()
	if drained != nil {
		<-drained
	}
}

// Len returns the number of keys with a load. The lock is held.
func (t *Table[R]) Len() int { return t.slots.len() }

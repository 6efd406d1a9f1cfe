package flight

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
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

	slots   map[string]*slot[R]
	running sync.WaitGroup
	closed  error
}

// Join makes the caller wait for a load of key and returns it: the one in
// progress if it may be shared, or the next one, or a new one that runs fn.
// Every Join is followed by one [Table.Wait]. The lock is held.
func (t *Table[R]) Join(ctx context.Context, key string, fn Func[R]) (*Load[R], error) {
	l, lead, err := t.JoinBatch(ctx, key, fn)
	if lead {
		t.start(l)
	}
	return l, err
}

// JoinBatch is Join for a key of a batch. If lead is true, the load has not
// begun: the caller must pass it to [RunBatch]. The lock is held.
func (t *Table[R]) JoinBatch(ctx context.Context, key string, fn Func[R]) (l *Load[R], lead bool, err error) {
	if t.closed != nil {
		return nil, false, t.closed
	}
	s := t.slots[key]
	if s == nil {
		s = new(slot[R])
		if t.slots == nil {
			t.slots = make(map[string]*slot[R])
		}
		t.slots[key] = s
	}
	if s.cur != nil && !s.cur.closed {
		s.cur.waiters++
		return s.cur, false, nil
	}
	if s.cur == nil {
		s.cur = t.newLoad(ctx, key, s, fn)
		s.cur.waiters = 1
		t.begin(s.cur)
		return s.cur, true, nil
	}
	if s.next == nil {
		s.next = t.newLoad(ctx, key, s, fn)
	}
	l = s.next
	l.waiters++
	t.advance(key, s)
	return l, false, nil
}

func (t *Table[R]) newLoad(ctx context.Context, key string, s *slot[R], fn Func[R]) *Load[R] {
	return &Load[R]{Key: key, table: t, slot: s, fn: fn, ctx: context.WithoutCancel(ctx), done: make(chan struct{})}
}

// begin notes that l, now the cur of its slot, is about to run.
func (t *Table[R]) begin(l *Load[R]) {
	l.started = time.Now()
	t.running.Add(1)
}

// start runs l, which has begun, in a goroutine of its own.
func (t *Table[R]) start(l *Load[R]) {
	ctx, cancel := context.WithCancel(l.ctx)
	l.cancel = cancel
	go l.run(ctx)
}

// finish delivers the result of l and lets the next load begin.
func (t *Table[R]) finish(l *Load[R], value R, err error) {
	t.Lock.Lock()
	var unlocked func()
	if l.zombie {
		l.slot.zombies = slices.DeleteFunc(l.slot.zombies, func(z *Load[R]) bool { return z == l })
	} else {
		if t.Finished != nil {
			failed := try(func() { unlocked = t.Finished(l, value, err) })
			err = cmp.Or(failed, err)
		}
		l.value, l.err = value, err
		l.closed, l.finished = true, true
		l.slot.cur, l.slot.slow = nil, 0
		defer close(l.done)
	}
	l.stop()
	t.advance(l.Key, l.slot)
	t.Lock.Unlock()
	if unlocked != nil {
		l.err = cmp.Or(try(unlocked), l.err)
	}
}

// Wait returns the result of l, or the error of ctx as soon as it ends. If the
// load panicked, the error is a [*PanicError]. The lock is not held.
func (t *Table[R]) Wait(ctx context.Context, l *Load[R]) (R, error) {
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
	t.advance(l.Key, l.slot)
}

// Detach keeps later callers from sharing a load of key that has begun, and
// its result from being kept. The lock is held.
func (t *Table[R]) Detach(key string) {
	if s := t.slots[key]; s != nil {
		s.detach()
	}
}

// DetachPrefix is Detach for every key that begins with prefix. The lock is held.
func (t *Table[R]) DetachPrefix(prefix string) {
	for key, s := range t.slots {
		if strings.HasPrefix(key, prefix) {
			s.detach()
		}
	}
}

// Close cancels every load, gives err to all who wait and to all who join
// later. The lock is held. [Table.Drain] waits for the loads to end.
func (t *Table[R]) Close(err error) {
	if t.closed != nil {
		return
	}
	t.closed = err
	for _, s := range t.slots {
		s.stopTimer()
		for _, l := range []*Load[R]{s.cur, s.next} {
			if l == nil {
				continue
			}
			if l == s.cur {
				s.zombies = append(s.zombies, l)
			}
			l.closed, l.zombie, l.err = true, true, err
			l.stop()
			close(l.done)
		}
		s.cur, s.next = nil, nil
	}
}

// Drain returns when no load runs. The lock is not held.
func (t *Table[R]) Drain() { t.running.Wait() }

// Len returns the number of keys with a load. The lock is held.
func (t *Table[R]) Len() int { return len(t.slots) }

package flight

import (
	"context"
	"time"
)

// SlowAfter is how long a load that may no longer be shared is awaited before it
// is given up for the next one. It doubles for each load of a key that is given
// up in a row, so that a slow store which is written all the time still answers.
const SlowAfter = 250 * time.Millisecond

// maxZombies bounds the given-up loads of a key that still run.
const maxZombies = 2

// slot has the loads of one key: cur runs, next waits for its turn.
type slot[R any] struct {
	key       string
	cur, next *Load[R]
	zombies   []*Load[R]  // given up, and still running
	slow      int         // how many were given up for their slowness since one ended
	timer     *time.Timer // runs while next waits, and has not for long
	late      bool        // next has waited for long
	first     Load[R]     // the one that the slot was made for
}

// advance does what is due in s after a change: it starts next, or gives up
// cur for it, or sets the timer for that, or removes an empty slot, which it
// reports.
func (t *Table[R]) advance(s *slot[R]) (empty bool) {
	if s.next != nil && s.cur != nil && !s.cur.pinned {
		switch {
		case s.cur.waiters > 0 && !s.late:
			t.watch(s)
		case len(s.zombies) < maxZombies:
			if s.cur.waiters > 0 {
				s.slow++
			}
			s.giveUp()
		}
	}
	if s.next == nil || s.cur == nil {
		s.stopTimer()
	}
	if s.next != nil && s.cur == nil {
		s.cur, s.next = s.next, nil
		t.running++
		t.start(s.cur)
	}
	empty = s.cur == nil && len(s.zombies) == 0
	if empty {
		t.slots.remove(s)
	}
	return empty
}

// watch has the timer of s run.
func (t *Table[R]) watch(s *slot[R]) {
	if s.timer != nil {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(SlowAfter<<min(s.slow, 16), func() {
		t.Lock.Lock()
		defer t.Lock.Unlock()
		if s.timer == timer { // it may have been stopped when it had begun to run
			s.late = true
			t.advance(s)
		}
	})
	s.timer = timer
}

// giveUp makes a zombie of cur and moves its callers to next.
func (s *slot[R]) giveUp() {
	l := s.cur
	s.cur = nil
	l.share()
	s.zombies = append(s.zombies, l)
	s.next.waiters += l.waiters
	l.waiters, l.zombie, l.moved = 0, true, s.next
	l.stop()
	close(l.done)
}

// newLoad makes a load of the key of s.
func (s *slot[R]) newLoad(ctx context.Context, t *Table[R], source Source[R]) *Load[R] {
	l := &s.first
	if l.table != nil {
		l = new(Load[R])
	}
	*l = Load[R]{Key: s.key, table: t, slot: s, source: source, ctx: ctx}
	return l
}

func (s *slot[R]) detach() {
	if s.cur != nil {
		s.cur.closed, s.cur.detached = true, true
	}
	for _, l := range s.zombies {
		l.detached = true
	}
}

func (s *slot[R]) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
	}
	s.timer, s.late = nil, false
}

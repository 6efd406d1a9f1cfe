package flight

import "time"

// SlowAfter is the age at which a load that may no longer be shared is given
// up for the next one. It doubles for each load of a key that is given up in a
// row, so that a slow store which is written all the time still answers.
const SlowAfter = 250 * time.Millisecond

// maxZombies bounds the given-up loads of a key that still run.
const maxZombies = 2

// slot has the loads of one key: cur runs, next waits for its turn.
type slot[R any] struct {
	cur, next *Load[R]
	zombies   []*Load[R]  // given up, and still running
	slow      int         // how many were given up for their age since one ended
	timer     *time.Timer // gives cur up when it is slow; set while next waits
}

// advance does what is due in s after a change: it starts next, or gives up
// cur for it, or sets the timer for that, or removes an empty slot.
func (t *Table[R]) advance(key string, s *slot[R]) {
	if s.next != nil && s.cur != nil && !s.cur.pinned && len(s.zombies) < maxZombies {
		left := s.patience() - time.Since(s.cur.started)
		switch {
		case s.cur.waiters == 0:
			t.giveUp(s)
		case left <= 0:
			s.slow++
			t.giveUp(s)
		case s.timer == nil:
			t.wake(key, s, left)
		}
	}
	if s.next == nil || s.cur == nil {
		s.stopTimer()
	}
	if s.next != nil && s.cur == nil {
		s.cur, s.next = s.next, nil
		t.begin(s.cur)
		t.start(s.cur)
	}
	if s.cur == nil && len(s.zombies) == 0 {
		delete(t.slots, key)
	}
}

// wake calls advance after d, unless the timer is stopped.
func (t *Table[R]) wake(key string, s *slot[R], d time.Duration) {
	var timer *time.Timer
	timer = time.AfterFunc(d, func() {
		t.Lock.Lock()
		defer t.Lock.Unlock()
		if s.timer == timer { // it may have been stopped when it had begun to run
			s.timer = nil
			t.advance(key, s)
		}
	})
	s.timer = timer
}

// giveUp makes a zombie of cur and moves its callers to next.
func (t *Table[R]) giveUp(s *slot[R]) {
	l := s.cur
	s.cur = nil
	s.zombies = append(s.zombies, l)
	s.next.waiters += l.waiters
	l.waiters, l.zombie, l.moved = 0, true, s.next
	l.stop()
	close(l.done)
}

func (s *slot[R]) detach() {
	if s.cur != nil {
		s.cur.closed, s.cur.detached = true, true
	}
	for _, l := range s.zombies {
		l.detached = true
	}
}

// patience is the age at which cur is given up.
func (s *slot[R]) patience() time.Duration { return SlowAfter << min(s.slow, 16) }

func (s *slot[R]) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
}

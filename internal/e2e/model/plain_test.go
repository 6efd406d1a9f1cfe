package model

import (
	"time"
)

// plain is a store in its plainest form, and the measure of all others: a map.
// Each stack has one of its own, because stacks act at moments of their own.
type plain struct {
	entries map[string]entry
	last    int      // the generation of the last write
	handed  []handle // the versions that were handed out, in order
	grain   time.Duration
}

// entry is a value in the map.
type entry struct {
	value      string
	generation int           // of the write that stored it: what its version stands for
	ttl        time.Duration // as it was given
	lo, hi     time.Time     // the earliest and the latest moment of its expiry, if it has a ttl
}

// handle is a version that somebody remembers.
type handle struct {
	wire, value string
	generation  int
}

func newPlain(grain time.Duration) *plain {
	return &plain{entries: make(map[string]entry), grain: grain}
}

// expire drops what is over at now. In a bubble lo and hi are the same.
func (m *plain) expire(now time.Time) {
	for wire, e := range m.entries {
		if e.ttl > 0 && !e.lo.After(now) {
			delete(m.entries, wire)
		}
	}
}

func (m *plain) set(wire, value string, ttl time.Duration, begin, end time.Time) {
	m.last++
	m.entries[wire] = timed(entry{value: value, generation: m.last}, ttl, begin, end)
}

// timed returns e with a ttl that began between begin and end.
func timed(e entry, ttl time.Duration, begin, end time.Time) entry {
	e.ttl, e.lo, e.hi = ttl, begin.Add(ttl), end.Add(ttl)
	return e
}

func (m *plain) hand(wire string) {
	e := m.entries[wire]
	m.handed = append(m.handed, handle{wire, e.value, e.generation})
}

// recall returns the nth last version of wire that was handed out, or one of
// another key if there is none of this.
func (m *plain) recall(wire string, nth int) (handle, bool) {
	var of []handle
	for _, h := range m.handed {
		if h.wire == wire {
			of = append(of, h)
		}
	}
	if len(of) == 0 {
		of = m.handed
	}
	if len(of) == 0 {
		return handle{}, false
	}
	return of[len(of)-1-nth%len(of)], true
}

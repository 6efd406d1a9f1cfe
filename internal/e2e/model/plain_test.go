package model

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
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

// want is what an op has to answer, and what it does to the map.
type want struct {
	classes []class // any of these; the rest is about the first
	value   string
	has     bool
	keys    map[string]bool
	entries map[string]entry // by the keys of the op
	updated entry            // what the function of Update gets; of generation 0 if absent

	old   storage.Op // how the old version is got: OpGetEntry, 0 for none, OpHas for the handle, OpPing for an invention
	of    handle
	same  bool // the handle is of an earlier value with the same bytes
	write string
	ttl   time.Duration

	misuse  bool
	touched []string // the wire keys that it changes, or would if it were no misuse
	doubt   string   // a wire key that it may remove
	effect  func(begin, end time.Time)
}

// expect says what o has to answer. own says that the base is a part of
// something larger.
func (m *plain) expect(o op, own bool) want {
	prefix := views[o.view].prefix
	wire := prefix + o.key
	if bad := o.misuse(); len(bad) > 0 {
		w := want{classes: bad, misuse: true, write: string(o.value), ttl: o.ttl, touched: []string{wire}, effect: nothing}
		for _, key := range o.keys {
			w.touched = append(w.touched, prefix+key)
		}
		return w
	}
	w := want{classes: []class{ok}, effect: nothing, ttl: o.ttl}
	e, present := m.entries[wire]
	switch o.do {
	case storage.OpGet, storage.OpGetEntry, storage.OpTake, storage.OpTouch:
		if !present {
			w.classes[0] = notFound
			return w
		}
		w.value, w.entries = e.value, map[string]entry{o.key: e}
	}
	switch o.do {
	case storage.OpGetEntry:
		w.effect = func(_, _ time.Time) { m.hand(wire) }
	case storage.OpTake, storage.OpDelete:
		w.touched = []string{wire}
		w.effect = func(_, _ time.Time) { delete(m.entries, wire) }
	case storage.OpTouch:
		w.touched = []string{wire}
		w.effect = func(begin, end time.Time) { m.entries[wire] = timed(e, o.ttl, begin, end) }
	case storage.OpSet:
		w.touched = []string{wire}
		w.effect = func(begin, end time.Time) { m.set(wire, string(o.value), o.ttl, begin, end) }
	case storage.OpHas:
		w.has = present
	case storage.OpGetMany, storage.OpGetEntries, storage.OpSetMany, storage.OpDeleteMany:
		m.expectBatch(o, prefix, &w)
	case storage.OpKeys, storage.OpDeletePrefix:
		m.expectPrefix(o, prefix, own, &w)
	case storage.OpCompareAndSwap:
		m.expectSwap(o, wire, &w)
	case opUpdate:
		m.expectUpdate(o, wire, &w)
	}
	return w
}

func nothing(_, _ time.Time) {}

func (m *plain) expectBatch(o op, prefix string, w *want) {
	w.entries = make(map[string]entry)
	for _, key := range o.keys {
		if e, ok := m.entries[prefix+key]; ok {
			w.entries[key] = e
		}
	}
	var wires []string
	for _, key := range o.keys {
		wires = append(wires, prefix+key)
	}
	switch o.do {
	case storage.OpGetEntries:
		w.effect = func(_, _ time.Time) {
			for _, key := range slices.Sorted(maps.Keys(w.entries)) {
				m.hand(prefix + key)
			}
		}
	case storage.OpSetMany:
		w.touched = wires
		w.effect = func(begin, end time.Time) {
			for i, wire := range wires {
				m.set(wire, string(o.values[i]), o.ttl, begin, end)
			}
		}
	case storage.OpDeleteMany:
		w.touched = wires
		w.effect = func(_, _ time.Time) {
			for _, wire := range wires {
				delete(m.entries, wire)
			}
		}
	}
}

// expectPrefix is about Keys and DeletePrefix. The key that is the prefix of
// the view itself is not in the view, and yet DeletePrefix("") may remove it.
func (m *plain) expectPrefix(o op, prefix string, own bool, w *want) {
	full := prefix + o.key
	w.keys = make(map[string]bool)
	for wire := range m.entries {
		if !strings.HasPrefix(wire, full) {
			continue
		}
		if wire == prefix {
			w.doubt = wire
			continue
		}
		w.keys[wire[len(prefix):]] = true
		w.touched = append(w.touched, wire)
	}
	slices.Sort(w.touched)
	if o.do == storage.OpKeys {
		w.doubt, w.touched = "", nil
		return
	}
	if full == "" && !own {
		w.classes[0] = invalidKey // other stacks empty themselves, so this one is emptied: see settle
	}
	gone := w.touched
	if w.doubt != "" {
		gone = append(gone, w.doubt)
	}
	w.effect = func(_, _ time.Time) {
		for _, wire := range gone {
			delete(m.entries, wire)
		}
	}
}

func (m *plain) expectSwap(o op, wire string, w *want) {
	e, present := m.entries[wire]
	w.write = string(o.value)
	match := false
	switch o.old {
	case fresh:
		w.old, match = storage.OpGetEntry, true
	case none:
		match = !present
	case invented:
		w.old = storage.OpPing
	case remembered:
		var ok bool
		if w.of, ok = m.recall(wire, o.nth); !ok {
			w.old = storage.OpPing
			break
		}
		w.old = storage.OpHas
		match = present && e.generation == w.of.generation
		if present && !match && e.value == w.of.value {
			// Equal bytes may share a version, so stores differ here. Writing
			// what is there makes them the same again.
			w.same, w.write, w.ttl = true, e.value, e.ttl
			w.effect = func(begin, end time.Time) { m.entries[wire] = timed(e, e.ttl, begin, end) }
			return
		}
	}
	if !match {
		w.classes[0] = conflict
		return
	}
	w.touched = []string{wire}
	w.effect = func(begin, end time.Time) {
		m.set(wire, w.write, o.ttl, begin, end)
		m.hand(wire)
	}
}

func (m *plain) expectUpdate(o op, wire string, w *want) {
	e, present := m.entries[wire]
	w.updated = e
	w.write = string(o.value)
	switch o.change {
	case givesUp:
		w.classes[0] = gaveUp
		return
	case appends:
		w.write = e.value + "+"
	}
	w.value = w.write
	w.touched = []string{wire}
	w.effect = func(begin, end time.Time) {
		if o.change != keepsTTL {
			m.set(wire, w.write, o.ttl, begin, end)
			return
		}
		m.set(wire, w.write, storage.NoExpiry, begin, end)
		if present && e.ttl > 0 { // what was left when the function ran, from when the value was stored
			kept, took := m.entries[wire], end.Sub(begin)
			kept.ttl, kept.lo, kept.hi = e.ttl, e.lo.Add(-took-m.grain), e.hi.Add(took+m.grain)
			m.entries[wire] = kept
		}
	}
}

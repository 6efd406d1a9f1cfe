package model

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// want is what an op has to answer, and what it does to the map.
type want struct {
	classes []class // any of these; the rest is about the first
	value   string
	has     bool
	keys    map[string]bool
	entries map[string]entry // by the keys of the op
	updated entry            // what the function of Update gets; of generation 0 if absent

	old   oldVersion
	of    handle // if it is remembered
	same  bool   // the handle is of an earlier value with the same bytes
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
	w.old, w.write = o.old, string(o.value)
	match := false
	switch o.old {
	case fresh:
		match = true
	case none:
		match = !present
	case remembered:
		var ok bool
		if w.of, ok = m.recall(wire, o.nth); !ok {
			w.old = invented
			break
		}
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

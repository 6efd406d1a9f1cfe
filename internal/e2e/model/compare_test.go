package model

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// compare says where g is not w.
func (p *playerOf[V]) compare(o op, w want, g got[V], begin, end time.Time) string {
	if !slices.Contains(w.classes, g.class) {
		return fmt.Sprintf("got %s, want %s", g.class, w.classes[0])
	}
	if g.class != ok && g.class != gaveUp {
		return ""
	}
	switch o.do {
	case storage.OpGet, storage.OpTake, opUpdate:
		if o.do == opUpdate {
			if d := p.compareUpdated(w, g, begin, end); d != "" || g.class == gaveUp {
				return d
			}
		}
		if value := p.from(g.value); value != w.value {
			return fmt.Sprintf("got %s, want %s", show(value), show(w.value))
		}
		p.spoil(g.value)
	case storage.OpHas:
		if g.has != w.has {
			return fmt.Sprintf("got %v, want %v", g.has, w.has)
		}
	case storage.OpGetMany:
		return p.compareValues(w, g)
	case storage.OpGetEntry, storage.OpGetEntries:
		return p.compareEntries(w, g, begin, end)
	case storage.OpKeys:
		return compareKeys(w, g.keys)
	case storage.OpCompareAndSwap:
		if g.version == "" {
			return "got no version"
		}
	}
	return ""
}

func (p *playerOf[V]) compareUpdated(w want, g got[V], begin, end time.Time) string {
	absent := w.updated.generation == 0
	switch e := g.updated; {
	case absent && e.Version != "":
		return "the function got a version of an absent key"
	case !absent:
		if d := p.compareEntry(w.updated, e, begin, end); d != "" {
			return "in the function: " + d
		}
	}
	return ""
}

func (p *playerOf[V]) compareValues(w want, g got[V]) string {
	for _, key := range sorted(w.entries) {
		e := w.entries[key]
		value, ok := g.values[key]
		if !ok {
			return fmt.Sprintf("%s is missing, want %s", show(key), show(e.value))
		}
		if value := p.from(value); value != e.value {
			return fmt.Sprintf("%s: got %s, want %s", show(key), show(value), show(e.value))
		}
	}
	for _, key := range sorted(g.values) {
		if _, ok := w.entries[key]; !ok {
			return fmt.Sprintf("%s: got %s, want that it is absent", show(key), show(p.from(g.values[key])))
		}
	}
	for _, value := range g.values {
		p.spoil(value)
	}
	return ""
}

func (p *playerOf[V]) compareEntries(w want, g got[V], begin, end time.Time) string {
	for _, key := range sorted(w.entries) {
		e := w.entries[key]
		entry, ok := g.entries[key]
		if !ok {
			return fmt.Sprintf("%s is missing, want %s", show(key), show(e.value))
		}
		if d := p.compareEntry(e, entry, begin, end); d != "" {
			return show(key) + ": " + d
		}
	}
	for _, key := range sorted(g.entries) {
		e := g.entries[key]
		if _, ok := w.entries[key]; !ok {
			return fmt.Sprintf("%s: got %s, want that it is absent", show(key), show(p.from(e.Value)))
		}
		p.spoil(e.Value)
	}
	return ""
}

// sorted returns the keys of a map in order, so that a difference is told in
// the same words each time it is played.
func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// century is too long a time to be told exactly: a store may not count so far.
const century = 100 * 365 * 24 * time.Hour

func (p *playerOf[V]) compareEntry(w entry, g storage.Entry[V], begin, end time.Time) string {
	if value := p.from(g.Value); value != w.value {
		return fmt.Sprintf("got %s, want %s", show(value), show(w.value))
	}
	if g.Version == "" {
		return "got no version"
	}
	if version, ok := p.versions[w.generation]; ok && version != g.Version {
		return "got another version than before, and nobody wrote"
	}
	p.versions[w.generation] = g.Version
	switch expires := g.Expires; {
	case w.ttl == 0:
		if !expires.IsZero() {
			return "it expires, want never"
		}
	case w.ttl >= century:
		if !expires.IsZero() && expires.Before(end.Add(century/2)) {
			return "it expires too early, want in a century or more"
		}
	case expires.IsZero():
		return "it never expires, want a moment"
	case expires.Before(w.lo.Add(-p.slack - end.Sub(begin))):
		return fmt.Sprintf("it expires too early, with a ttl of %v", w.ttl)
	case expires.After(w.hi.Add(p.slack)):
		return fmt.Sprintf("it expires too late, with a ttl of %v", w.ttl)
	}
	return ""
}

func compareKeys(w want, keys []string) string {
	listed := make(map[string]bool)
	slices.Sort(keys)
	for _, key := range keys { // some may come twice
		if !w.keys[key] {
			return fmt.Sprintf("there is %s", show(key))
		}
		listed[key] = true
	}
	for _, key := range sorted(w.keys) {
		if !listed[key] {
			return fmt.Sprintf("%s is missing", show(key))
		}
	}
	return ""
}

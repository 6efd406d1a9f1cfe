package namespace_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// FuzzIsolation calls operations of every kind in namespaces with hostile
// names and keys. Each finds what is in its namespace and nothing else, and
// leaves everything outside of it as it was.
//
// Bits of shape choose the store below and how the namespaces are built, ops
// are the operations and their keys.
func FuzzIsolation(f *testing.F) {
	hostile := []string{"", ":", "%3A", "%", "\x00", "\xff", "a:", ":a", "a%3A", "a", "b", "g", "*", "a:b", "名前"}
	var ops []byte
	for i := range byte(64) { // every kind of operation in every place
		ops = append(ops, i, 5*i, 3*i)
	}
	for i, name := range hostile {
		other := hostile[(i+1)%len(hostile)]
		for shape := range uint16(12) {
			f.Add(shape*173+uint16(i), "parent", name, other, name, "key", other, ops)
		}
	}
	empty := byte(slices.IndexFunc(steps, func(s step) bool { return s.op == storage.OpDeletePrefix }))
	var all []byte // DeletePrefix of "" in every place, the inner ones first
	for _, place := range []byte{2, 3, 0, 1} {
		all = append(all, place*byte(len(steps))+empty, emptyKey, 0)
	}
	for shape := range uint16(6) {
		f.Add(shape, "parent", "a", "b", "inner", "key", "key2", all)
	}
	f.Add(uint16(0), "", "a", "b", "", "b:key", "", ops)
	f.Add(uint16(0b111100), "", "a", "a:b", ":", "b:key", "a:key", ops)
	f.Add(uint16(0b111101), "%", "%", "%25", "", "25:key", ":", ops)

	f.Fuzz(func(t *testing.T, shape uint16, parent, left, right, inner, key, key2 string, ops []byte) {
		bits := func(n int) int {
			v := int(shape) % n
			shape /= uint16(n)
			return v
		}
		raw := memstore.New[[]byte]()
		w := &world{T: t, raw: raw}
		base := place{store: raw}
		switch w.below = bits(3); w.below {
		case noScoper:
			base.store = struct{ powers }{raw}
		case threeMethods:
			base.store = storagetest.Minimal(base.store)
		}
		outer := base
		if bits(2) == 1 {
			outer = base.inner(segment{bits(2) == 1, "g", parent})
		}
		one, two := segment{bits(2) == 1, "g", left}, segment{bits(2) == 1, "a", right}
		if bits(2) == 1 {
			two.group = one.group
		}
		if !one.siblingOf(two) {
			t.Skip("no siblings")
		}
		l, r := outer.inner(one), outer.inner(two)
		li, ri := l.inner(segment{bits(2) == 1, "g", inner}), r.inner(segment{bits(2) == 1, "g", inner})
		if strings.HasPrefix(l.prefix, r.prefix) || strings.HasPrefix(r.prefix, l.prefix) {
			t.Fatalf("the prefixes of two siblings, %q and %q, overlap", l.prefix, r.prefix)
		}

		places := []place{l, r, li, ri}
		w.keys = []string{
			emptyKey: "", key, key2, left, right, inner, parent, ":", key + ":" + key2, ":" + key, one.prefix(), two.prefix(),
			two.prefix() + key, r.prefix, r.prefix + key, li.prefix + key2, "%3A" + key, "*", strings.TrimSuffix(l.prefix, ":"),
		}
		for _, p := range append(places, base, outer) {
			w.fill(p)
		}
		for _, p := range places {
			w.set(p.prefix) // the prefix itself is a key of the parent
		}
		w.parentSees(outer, one.prefix(), l)
		w.parentSees(l, li.prefix[len(l.prefix):], li)
		w.now = w.all()
		for n := 0; len(ops) >= 3 && n < 64; n++ {
			w.do(places[int(ops[0])/len(steps)%len(places)], ops[0], ops[1], ops[2])
			ops = ops[3:]
		}
	})
}

const emptyKey = 0 // its index in world.keys

// The stores below: the world's own, and two on which a namespace maps keys.
const (
	memory = iota
	noScoper
	threeMethods
)

// powers are those of memstore, without In.
type powers interface {
	storage.Store[[]byte]
	storage.Haser
	storage.ManyGetter[[]byte]
	storage.ManySetter[[]byte]
	storage.ManyDeleter
	storage.EntryGetter[[]byte]
	storage.EntriesGetter[[]byte]
	storage.Swapper[[]byte]
	storage.Taker[[]byte]
	storage.Toucher
	storage.KeyLister
	storage.PrefixDeleter
	storage.Pinger
}

// segment is one step into a namespace: New, or Dynamic where name is an id.
type segment struct {
	dynamic     bool
	group, name string
}

// isDynamic reports how the namespace is built: what is no valid name is an id.
func (s segment) isDynamic() bool { return s.dynamic || !namespace.ValidName(s.name) }

func (s segment) siblingOf(other segment) bool {
	switch {
	case s.isDynamic() && other.isDynamic():
		return s.group != other.group || s.name != other.name
	case s.isDynamic():
		return s.group != other.name
	case other.isDynamic():
		return s.name != other.group
	}
	return s.name != other.name
}

// prefix says what the prefix should be, in another way than the package.
func (s segment) prefix() string {
	if !s.isDynamic() {
		return s.name + ":"
	}
	var p []byte
	p = append(p, s.group...)
	p = append(p, ':')
	for _, c := range []byte(s.name) {
		switch c {
		case ':':
			p = append(p, "%3A"...)
		case '%':
			p = append(p, "%25"...)
		default:
			p = append(p, c)
		}
	}
	return string(append(p, ':'))
}

// place is a namespace, or the base, and where its keys are in the raw store.
type place struct {
	store  storage.ByteStore
	prefix string
}

func (p place) inner(s segment) place {
	if s.isDynamic() {
		return place{namespace.Dynamic(p.store, s.group, s.name), p.prefix + s.prefix()}
	}
	return place{namespace.New(p.store, s.name), p.prefix + s.prefix()}
}

// has reports whether the raw key is in the namespace.
func (p place) has(raw string) bool {
	return len(raw) > len(p.prefix) && strings.HasPrefix(raw, p.prefix)
}

// content is what is in a store, by key.
type content map[string]storage.Entry[[]byte]

// in returns what of all is in the namespace, by the keys there.
func (all content) in(p place) content {
	inside := make(content)
	for raw, entry := range all {
		if p.has(raw) {
			inside[raw[len(p.prefix):]] = entry
		}
	}
	return inside
}

// under returns the keys that begin with prefix, sorted.
func (all content) under(prefix string) []string {
	var keys []string
	for key := range all {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

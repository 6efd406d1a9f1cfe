package model

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// A player plays a stream on one stack and compares it with the map.
type player interface {
	play(ctx context.Context, o op) (difference string)
	finish(ctx context.Context) (difference string) // looks at everything that is left
	expiry(ctx context.Context, r *rand.Rand, keys int) (looks int, difference string)
	close() error
}

// A converter says what the bytes of an op are in a store of V, and back.
type converter[V any] struct {
	to   func([]byte) V
	from func(V) string
	spot func(V) // writes to a value, to see who else has it; nil where values hold nothing to write to
}

// playerOf plays on a stack of values of type V.
type playerOf[V any] struct {
	traits
	converter[V]
	views    []storage.Store[V]
	parts    *parts
	raw      storage.ByteStore // below all, where the names on the wire are seen
	model    *plain
	versions map[int]storage.Version // by generation
}

// traits are what is known of a stack beyond its being a store.
type traits struct {
	prefix  string        // before every key, on the wire
	lacks   []storage.Op  // the powers that it refuses
	glued   bool          // views are the generic key map, so DeletePrefix("") takes the key that is the prefix along
	shares  bool          // readers share values, so nobody may write to one
	digests bool          // equal bytes have equal versions
	slack   time.Duration // how exactly it tells times
	grain   time.Duration // to which a ttl is rounded up
}

func (t traits) lacksAny(ops ...storage.Op) bool {
	return slices.ContainsFunc(ops, func(op storage.Op) bool { return slices.Contains(t.lacks, op) })
}

// refuses reports whether the stack cannot do o.
func (t traits) refuses(o op) bool {
	switch o.do {
	case storage.OpGetEntries: // GetEntry for each key does as well
		return t.lacksAny(storage.OpGetEntry)
	case opUpdate:
		return t.lacksAny(storage.OpGetEntry, storage.OpCompareAndSwap)
	}
	return t.lacksAny(o.do)
}

// play plays o and says where the answer is not the map's.
func (p *playerOf[V]) play(ctx context.Context, o op) string {
	switch o.do {
	case opPurge:
		p.parts.purge()
		return ""
	case opSleep:
		time.Sleep(o.ttl)
		return ""
	}
	if d := p.supports(o); d != "" {
		return d
	}
	begin := time.Now()
	p.model.expire(begin)
	w := p.model.expect(o, p.prefix != "")
	refused := p.refuses(o)
	if refused {
		if w.classes[0] == gaveUp || w.misuse {
			w.classes = append(w.classes, unsupported) // whatever is found first
		} else {
			w.classes = []class{unsupported}
		}
	}
	if w.same && (refused || !p.digests) {
		w.effect = nothing
		if !refused {
			w.classes[0] = conflict
		}
	}
	g := p.do(ctx, o, w)
	end := time.Now()
	if d := p.compare(o, w, g, begin, end); d != "" {
		return d
	}
	if g.class != ok {
		if d := p.unchanged(ctx, w.touched); d != "" {
			return fmt.Sprintf("%s, after it answered %s", d, g.class)
		}
	}
	if w.misuse {
		return ""
	}
	return p.settle(ctx, w, g, begin, end, refused)
}

// settle does to the map what o did to the stack, and to the stack what it
// refused to do, so that the stacks go on alike.
func (p *playerOf[V]) settle(ctx context.Context, w want, g got[V], begin, end time.Time, refused bool) string {
	if w.doubt != "" && !refused && g.class == ok {
		has, err := storage.Has(ctx, p.views[outermost], w.doubt)
		if err != nil || !has && !p.glued {
			return fmt.Sprintf("the key %s, which is the prefix of the view, is gone (%v)", show(w.doubt), err)
		}
	}
	w.effect(begin, end)
	if g.version != "" && !w.same {
		p.versions[p.model.last] = g.version
	}
	level := w.touched
	if g.class == ok && !refused {
		level = nil
	}
	if w.doubt != "" {
		level = append(level, w.doubt)
	}
	return p.level(ctx, level)
}

// level makes the values of wires what they are in the map. That is a write as
// any, so that a version from before it is stale.
func (p *playerOf[V]) level(ctx context.Context, wires []string) string {
	for _, wire := range wires {
		begin := time.Now()
		e, present := p.model.entries[wire]
		if present {
			p.model.last++
			e.generation = p.model.last
			p.model.entries[wire] = e
		}
		var err error
		switch {
		case !present:
			err = p.views[outermost].Delete(ctx, wire)
		case e.ttl > 0:
			left := e.lo.Sub(begin)
			err = p.views[outermost].Set(ctx, wire, p.to([]byte(e.value)), left)
			e.lo, e.hi = begin.Add(left), time.Now().Add(left)
			p.model.entries[wire] = e
		default:
			err = p.views[outermost].Set(ctx, wire, p.to([]byte(e.value)), storage.NoExpiry)
		}
		if err != nil {
			return fmt.Sprintf("a write of %s, to go on: %v", show(wire), err)
		}
	}
	return ""
}

// unchanged says which of wires is not what it is in the map.
func (p *playerOf[V]) unchanged(ctx context.Context, wires []string) string {
	for _, wire := range wires {
		if wire == "" {
			continue
		}
		e, present := p.model.entries[wire]
		value, err := p.views[outermost].Get(ctx, wire)
		if c := classify(err); present != (c == ok) || !present && c != notFound || present && p.from(value) != e.value {
			return fmt.Sprintf("Get of %s is not what it was", show(wire))
		}
	}
	return ""
}

// supports says whether Supports is wrong about o.
func (p *playerOf[V]) supports(o op) string {
	if o.do == opUpdate {
		return ""
	}
	native := storage.Supports(p.views[o.view], o.do)
	switch lacks := p.lacksAny(o.do); {
	case native && lacks:
		return "Supports is true, and the stack lacks it"
	case !native && len(p.lacks) == 0:
		return "Supports is false, and the stack has it"
	}
	return ""
}

// finish looks at everything that is left: by the reads of the stack, and at
// the names on the wire, with those beside the stack that it must not touch.
func (p *playerOf[V]) finish(ctx context.Context) string {
	p.model.expire(time.Now())
	all := op{do: storage.OpGetMany}
	all.keys = slices.Sorted(maps.Keys(p.model.entries))
	for _, o := range []op{all, {do: storage.OpKeys}, {do: storage.OpGetEntries, keys: all.keys}} {
		if d := p.play(ctx, o); d != "" {
			o.keys = nil
			return fmt.Sprintf("at the end, %v of all keys: %s", o, d)
		}
	}
	wires := make(map[string]bool)
	for wire := range p.model.entries {
		wires[p.prefix+wire] = true
	}
	for _, wire := range p.bystanders() {
		wires[wire] = true
	}
	var below []string
	for wire, err := range storage.Keys(ctx, p.raw, "") {
		if err != nil {
			return fmt.Sprintf("at the end, keys below the stack: %v", err)
		}
		below = append(below, wire)
	}
	slices.Sort(below)
	for _, wire := range slices.Compact(below) {
		if !wires[wire] {
			return fmt.Sprintf("at the end there is the key %s below the stack", show(wire))
		}
		delete(wires, wire)
	}
	for _, wire := range slices.Sorted(maps.Keys(wires)) {
		return fmt.Sprintf("at the end the key %s below the stack is missing", show(wire))
	}
	return ""
}

// bystanders are keys beside a stack with a prefix, which it must not touch.
func (t traits) bystanders() []string {
	if t.prefix == "" {
		return nil
	}
	keys := []string{t.prefix[:len(t.prefix)-1], t.prefix[:len(t.prefix)-1] + ";k", strings.ToUpper(t.prefix) + "k", "k"}
	if !t.glued {
		keys = append(keys, t.prefix)
	}
	return keys
}

func (p *playerOf[V]) close() error { return p.parts.close() }

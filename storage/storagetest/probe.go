package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// probe is a case of [TestDecorator].
type probe[V, W any] struct {
	*check[W]
	wrap func(testing.TB, storage.Store[V]) storage.Store[W]
}

// ttlBelow is the ttl of the writes of a probe: long, and not round.
const ttlBelow = time.Hour + time.Minute

// subject is a decorator over a spy.
type subject[V, W any] struct {
	*check[W]
	spy   *spy[V]
	store storage.Store[W]
	three bool // only the three methods of the spy can be reached

	// What the decorator itself puts before the keys, and calls that.
	prefix, name string
}

// over returns a decorator over a spy that lacks an operation, or none.
func (p *probe[V, W]) over(lacks storage.Op) *subject[V, W] {
	p.TB.Helper()
	spy := newSpy[V](lacks)
	d := &subject[V, W]{check: p.check, spy: spy, store: p.wrap(p.TB, spy)}
	d.learn()
	return d
}

// overThree returns a decorator over three methods of a spy.
func (p *probe[V, W]) overThree() *subject[V, W] {
	p.TB.Helper()
	spy := newSpy[V](0)
	d := &subject[V, W]{check: p.check, spy: spy, store: p.wrap(p.TB, Minimal[V](spy)), three: true}
	d.learn()
	return d
}

// learn finds out what the decorator puts before the keys.
func (d *subject[V, W]) learn() {
	d.TB.Helper()
	d.set(d.store, "key", d.value(0), storage.NoExpiry)
	seen := d.spy.seen()
	if len(seen) != 1 || len(seen[0].keys) != 1 {
		d.Fatalf("Set reaches the store below as %s, want one call for one key: TestDecorator is for no other decorators", texts(seen))
	}
	prefix, ok := strings.CutSuffix(seen[0].keys[0], "key")
	switch {
	case !ok:
		d.Fatalf("Set of \"key\" reaches the store below as %s: TestDecorator is only for decorators that keep keys, or put a prefix before them", texts(seen))
	case (prefix != "") != d.opts.OwnPrefix:
		d.Errorf("the keys below begin with %q, and Options.OwnPrefix is %v", prefix, d.opts.OwnPrefix)
	}
	d.prefix, d.name = prefix, seen[0].name
}

// place is the decorator or a view of it.
type place[W any] struct {
	what  string
	store storage.Store[W]
	scope storage.Scope // all of it
}

func (d *subject[V, W]) base() place[W] { return place[W]{what: "the base", store: d.store} }

// views returns views of the decorator.
func (d *subject[V, W]) views() []place[W] {
	view := d.base().in(storage.Scope{Prefix: "view:", Name: "view"})
	return []place[W]{
		view,
		view.in(storage.Scope{Prefix: "inner:", Name: "inner"}),
		d.base().in(storage.Scope{Prefix: "nameless:"}),
		d.base().in(storage.Scope{Name: "only a name"}),
	}
}

func (p place[W]) in(scope storage.Scope) place[W] {
	joined := p.scope.Join(scope)
	return place[W]{fmt.Sprintf("a view with the prefix %q", joined.Prefix), storage.In(p.store, scope), joined}
}

// native reports whether op is passed on to the spy and known there.
func (d *subject[V, W]) native(op storage.Op) bool {
	switch op {
	case storage.OpGet, storage.OpSet, storage.OpDelete:
		return op != d.spy.lacks
	}
	return d.check.native(op) && op != d.spy.lacks && !d.three
}

// works reports whether a call of op is served.
func (d *subject[V, W]) works(op storage.Op) bool {
	switch {
	case !slices.Contains(AllPowers, op), d.native(op):
		return true
	case op == storage.OpGetEntries: // by GetEntry, where nobody refuses it
		return d.native(storage.OpGetEntry) && !d.check.native(op)
	}
	return false
}

// lost reports whether the decorator denies a power that it declares. That is
// for one case to tell, and not for each of them.
func (d *subject[V, W]) lost(op storage.Op) bool {
	return d.native(op) && slices.Contains(AllPowers, op) && !storage.Supports(d.store, op)
}

// working returns the operations that are served.
func (d *subject[V, W]) working() []operation[W] {
	return slices.DeleteFunc(operations[W](), func(o operation[W]) bool { return !d.works(o.op) || d.lost(o.op) })
}

// wire returns a key of p as the spy has it.
func (d *subject[V, W]) wire(p place[W], key string) string { return d.prefix + p.scope.Prefix + key }

// below returns the calls of the spy that one of op on key in p amounts to.
func (d *subject[V, W]) below(op storage.Op, p place[W], key string, a argument[W]) []received {
	call := received{ttl: ttlOf(op, a.ttl), name: d.name}
	if d.native(storage.OpIn) {
		call.name = storage.Scope{Name: d.name}.Join(p.scope).Name
	}
	if op == storage.OpCompareAndSwap {
		call.old = d.spy.version(d.wire(p, key))
	}
	keys := batch(op, key)
	if op == storage.OpPing {
		keys = nil
	}
	call.op = op
	if as := d.opts.Losses[op].As; as != 0 && d.native(as) {
		call.op = as
	}
	if d.native(call.op) {
		call.keys = wired(d.prefix+p.scope.Prefix, keys)
		return []received{call}
	}
	call.op = map[storage.Op]storage.Op{
		storage.OpHas:        storage.OpGet,
		storage.OpGetMany:    storage.OpGet,
		storage.OpSetMany:    storage.OpSet,
		storage.OpDeleteMany: storage.OpDelete,
		storage.OpGetEntries: storage.OpGetEntry,
	}[op]
	var calls []received
	for _, key := range keys {
		call.keys = []string{d.wire(p, key)}
		calls = append(calls, call)
	}
	return calls
}

// texts shows calls, in an order of its own.
func texts(calls []received) string {
	if len(calls) == 0 {
		return "nothing"
	}
	var lines []string
	for _, call := range calls {
		lines = append(lines, call.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

// prepare gives key and its companion value 1 and returns the argument for a
// call of op on them. A CompareAndSwap that works gets the version of key;
// where nobody can know it, the key is removed, so that there is none.
func (d *subject[V, W]) prepare(p place[W], op storage.Op, key string) argument[W] {
	d.TB.Helper()
	d.set(p.store, key, d.value(1), storage.NoExpiry)
	d.set(p.store, companion(key), d.value(1), storage.NoExpiry)
	a := argument[W]{value: d.value(2), ttl: ttlBelow}
	switch {
	case op != storage.OpCompareAndSwap || !d.works(op):
	case d.works(storage.OpGetEntry) && !d.lost(storage.OpGetEntry):
		entry, err := storage.GetEntry(d.Context(), p.store, key)
		d.must("GetEntry", err)
		a.old = entry.Version
	default:
		d.must("Delete", p.store.Delete(d.Context(), key))
	}
	return a
}

// call prepares key in p, calls o, and returns the error of the call.
func (d *subject[V, W]) call(o operation[W], p place[W], key string) error {
	d.TB.Helper()
	a := d.prepare(p, o.op, key)
	d.spy.forget()
	_, err := o.do(d.Context(), p.store, key, a)
	return err
}

// arrives calls o on key in p and checks what reaches the spy, what comes back
// and what it leaves.
func (d *subject[V, W]) arrives(o operation[W], p place[W], key string) {
	d.TB.Helper()
	a := d.prepare(p, o.op, key)
	want := texts(d.below(o.op, p, key, a))
	d.spy.forget()
	found, err := o.do(d.Context(), p.store, key, a)
	if got := texts(d.spy.seen()); got != want {
		d.Errorf("%v in %s reaches the store below as\n\t\t%s\n\twant\n\t\t%s", o.op, p.what, got, want)
	}
	if err != nil {
		d.Errorf("%v in %s: %v", o.op, p.what, err)
		return
	}
	for _, key := range o.finds(key) {
		value, ok := found[key]
		switch {
		case !ok:
			d.Errorf("%v in %s does not find %q", o.op, p.what, key)
		case o.tells() && !d.equal(value, d.value(1)):
			d.Errorf("%v in %s finds %s, want %s", o.op, p.what, show(value), show(d.value(1)))
		}
		delete(found, key)
	}
	if len(found) > 0 {
		d.Errorf("%v in %s finds more than it was asked for: %d keys", o.op, p.what, len(found))
	}
	first, second := o.leaves(d.value(1), a)
	d.left(o, p, key, first)
	d.left(o, p, companion(key), second)
}

// left checks what a call has left of key: nothing if want is nil.
func (d *subject[V, W]) left(o operation[W], p place[W], key string, want *W) {
	d.TB.Helper()
	switch value, err := p.store.Get(d.Context(), key); {
	case want == nil && !errors.Is(err, storage.ErrNotFound):
		d.Errorf("Get of %q in %s after %v: got %s, %v, want a miss", key, p.what, o.op, show(value), err)
	case want != nil && (err != nil || !d.equal(value, *want)):
		d.Errorf("Get of %q in %s after %v: got %s, %v, want %s", key, p.what, o.op, show(value), err, show(*want))
	}
}

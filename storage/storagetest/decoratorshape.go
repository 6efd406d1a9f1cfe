package storagetest

import (
	"errors"
	"slices"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// holdable are the operations that may be answered from memory.
var holdable = []storage.Op{storage.OpGet, storage.OpHas, storage.OpGetMany}

func (p *probe[V, W]) declaredOperations() {
	d := p.over(0)
	for op, loss := range d.opts.Losses {
		switch {
		case loss == (Loss{}), loss.As == op:
			d.Errorf("Options.Losses[%v] declares no loss", op)
		case !d.works(op), op == storage.OpIn:
			d.Errorf("Options.Losses[%v] is for an operation that does not reach the store below at all", op)
		case loss.Held && !slices.Contains(holdable, op):
			d.Errorf("Options.Losses[%v] is Held, but the operation always reaches the backend", op)
		}
	}
	for _, at := range append(d.views(), d.base()) {
		for _, op := range append([]storage.Op{storage.OpGet, storage.OpSet, storage.OpDelete}, AllOps...) {
			switch says := storage.Supports(at.store, op); {
			case says && !d.native(op):
				d.Errorf("Supports(%v) is true in %s, although Options.Native does not list it", op, at.what)
			case !says && d.native(op):
				d.Errorf("Supports(%v) is false in %s: the operation is lost, and Options.Native lists it", op, at.what)
			}
		}
		for _, o := range operations[W]() {
			err := d.call(o, at, "key")
			if d.works(o.op) {
				d.served(o, at, err)
			} else {
				d.refused(o, at, err)
			}
		}
	}
}

// served checks the result of a call that must work.
func (d *subject[V, W]) served(o operation[W], at place[W], err error) {
	d.TB.Helper()
	if err != nil {
		d.Errorf("%v in %s: %v, although it is not lost", o.op, at.what, err)
	}
}

// refused checks the result of a call that must be refused.
func (d *subject[V, W]) refused(o operation[W], at place[W], err error) {
	d.TB.Helper()
	switch {
	case !errors.Is(err, errors.ErrUnsupported):
		d.Errorf("%v in %s: %v, want errors.ErrUnsupported", o.op, at.what, err)
	case storage.Failed(err):
		d.Errorf("%v in %s: Failed is true for %v", o.op, at.what, err)
	case err.Error() == errors.ErrUnsupported.Error():
		d.Errorf("%v in %s: %q does not name the layer that refuses", o.op, at.what, err)
	}
	for _, call := range d.spy.seen() {
		if call.op != o.op {
			d.Errorf("%v in %s was refused after it had reached the store below as %v", o.op, at.what, call)
		}
	}
	d.left(o, at, "key", new(d.value(1)))
}

func (p *probe[V, W]) reachesAsItself() {
	d := p.over(0)
	for _, o := range d.working() {
		d.arrives(o, d.base(), "key of "+o.op.String())
	}
	d.spy.forget()
	d.must("Close", storage.Close(d.store))
	if late := d.spy.seen(); len(late) > 0 {
		d.Errorf("after all calls had returned the store below got %s", texts(late))
	}
}

func (p *probe[V, W]) asksEachTime() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		if !o.op.ReadOnly() {
			continue
		}
		key := "key of " + o.op.String()
		a := d.prepare(at, o.op, key)
		_, err := at.store.Get(d.Context(), key)
		d.must("Get", err)
		_, err = storage.GetMany(d.Context(), at.store, batch(storage.OpGetMany, key))
		d.must("GetMany", err)
		each := len(d.below(o.op, at, key, a))
		d.spy.forget()
		for range 2 {
			_, err := o.do(d.Context(), at.store, key, a)
			d.must(o.op.String(), err)
		}
		switch n, held := len(d.spy.seen()), d.opts.Losses[o.op].Held; {
		case held && n > 0:
			d.Errorf("%v is declared as held in memory after a read of the key, but asks the store below", o.op)
		case !held && n != 2*each:
			d.Errorf("two calls of %v are %d calls of the store below, want %d", o.op, n, 2*each)
		}
	}
}

func (p *probe[V, W]) scopesGoDown() {
	d := p.over(0)
	for _, at := range d.views() {
		for _, o := range d.working() {
			d.arrives(o, at, "key")
		}
	}
}

func (p *probe[V, W]) viewsStayApart() {
	d := p.over(0)
	a := d.base().in(storage.Scope{Prefix: "a:", Name: "siblings"})
	b := d.base().in(storage.Scope{Prefix: "b:", Name: "siblings"})
	inner := a.in(storage.Scope{Prefix: "b:", Name: "siblings"})
	all := []place[W]{d.base(), a, b, inner}
	for i, at := range all {
		d.set(at.store, "key", d.value(10+i), storage.NoExpiry)
	}
	for range 2 { // the second time from memory, if there is one
		for i, at := range all {
			value, err := at.store.Get(d.Context(), "key")
			if err != nil || !d.equal(value, d.value(10+i)) {
				d.Errorf("Get in %s: got %s, %v, want %s", at.what, show(value), err, show(d.value(10+i)))
			}
		}
	}
	d.must("Delete", a.store.Delete(d.Context(), "key"))
	for i, at := range all {
		value, err := at.store.Get(d.Context(), "key")
		if i != 1 && (err != nil || !d.equal(value, d.value(10+i))) {
			d.Errorf("Get in %s after a Delete in %s: got %s, %v, want %s", at.what, a.what, show(value), err, show(d.value(10+i)))
		} else if i == 1 && !errors.Is(err, storage.ErrNotFound) {
			d.Errorf("Get in %s after a Delete there: got %s, %v", at.what, show(value), err)
		}
	}
}

func (p *probe[V, W]) threeMethods() {
	d := p.overThree()
	for _, at := range append(d.views(), d.base()) {
		for _, op := range AllOps {
			if storage.Supports(at.store, op) {
				d.Errorf("Supports(%v) is true in %s over a store that does not have it", op, at.what)
			}
		}
		for _, o := range operations[W]() {
			if d.works(o.op) {
				d.arrives(o, at, "key")
			} else {
				d.refused(o, at, d.call(o, at, "key"))
			}
		}
	}
}

func (p *probe[V, W]) oneOperationLess() {
	for _, less := range AllOps {
		if !p.native(less) {
			continue
		}
		d := p.over(less)
		at := d.base()
		for _, op := range AllOps {
			if says := storage.Supports(at.store, op); says != d.native(op) {
				d.Errorf("Supports(%v) is %v over a store that lacks %v", op, says, less)
			}
		}
		for _, o := range operations[W]() {
			err := d.call(o, at, "key")
			asked := slices.ContainsFunc(d.spy.seen(), func(call received) bool { return call.op == less })
			switch {
			case !d.works(o.op):
				d.refused(o, at, err)
				// A decorator that looks before it asks refuses in its own name.
				if o.op == less && asked && err != nil && !strings.Contains(err.Error(), layer(d.spy)) {
					d.Errorf("%v: %q names another layer than the one that refused, %s", o.op, err, layer(d.spy))
				}
			case err != nil:
				d.Errorf("%v: %v, although the store below lacks only %v", o.op, err, less)
			}
		}
	}
}

// layer returns the name by which a store refuses.
func layer(s any) string {
	text := storage.Unsupported(storage.OpGet, s).Error()
	return text[strings.LastIndex(text, " ")+1:]
}

package storagetest

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// callers is how many call at the same time.
const callers = 4

func (p *probe[V, W]) closeEndsOwnWork() {
	for _, o := range p.over(0).working() {
		if o.op.ReadOnly() {
			p.closeWaits(o)
		}
	}
}

// closeWaits lets the callers of o leave while the store below hangs, whatever
// their contexts say. What is in it then, and nobody waits for, is work of the
// decorator, for which Close has to wait.
func (p *probe[V, W]) closeWaits(o operation[W]) {
	d := p.over(0)
	a := d.prepare(d.base(), o.op, "key")
	released := make(chan struct{})
	release := sync.OnceFunc(func() { close(released) })
	defer release()
	d.spy.when(func(context.Context, received) error {
		<-released
		return nil
	})
	ctx, leave := context.WithCancel(d.Context())
	defer leave()
	var waiting atomic.Int64
	for range callers {
		waiting.Add(1)
		go func() {
			defer waiting.Add(-1)
			_, _ = o.do(ctx, d.store, "key", a)
		}()
	}
	if !d.eventually(func() bool { return d.spy.busy() > 0 }) {
		d.Fatalf("%v does not reach the store below", o.op)
	}
	leave()
	own := d.within(d.leaving(o.op), func() bool { return waiting.Load() == 0 }) && d.spy.busy() > 0

	closed := make(chan error, 1)
	go func() { closed <- storage.Close(d.store) }()
	if own && d.within(glance, func() bool { return len(closed) > 0 }) {
		d.Errorf("%v: Close has returned, and work of the decorator is still in the store below", o.op)
	}
	release()
	d.patiently("Close", func() error { return <-closed })
	if own && d.spy.busy() > 0 {
		d.Errorf("%v: Close has returned, and work of the decorator is still in the store below", o.op)
	}
	if !d.eventually(func() bool { return waiting.Load() == 0 && d.spy.busy() == 0 }) {
		d.Fatalf("%v: calls that began before Close do not end", o.op)
	}
	d.spy.when(nil)
	d.spy.forget()
	if d.within(glance, func() bool { return len(d.spy.seen()) > 0 }) {
		d.Errorf("after Close the decorator calls the store below by itself: %s", texts(d.spy.seen()))
	}
}

// leaving is how long callers of op who were cancelled may take to leave, while
// the store below does not heed their contexts. Only those of a detached call
// have to.
func (d *subject[V, W]) leaving(op storage.Op) time.Duration {
	if d.opts.Losses[op].Detached {
		return d.patience()
	}
	return glance
}

func (p *probe[V, W]) closeLeavesNextOpen() {
	d := p.over(0)
	for _, at := range d.views() {
		d.must("Close of a view", storage.Close(at.store))
	}
	if n := d.spy.closings(); n > 0 {
		d.Errorf("Close of a view closes the store below")
	}
	for _, o := range d.working() {
		d.arrives(o, d.base(), "key")
	}
	for range 2 {
		d.patiently("Close", func() error { return storage.Close(d.store) })
	}
	if n := d.spy.closings(); n > 0 {
		d.Errorf("Close closes the store below")
	}
}

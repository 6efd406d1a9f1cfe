package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// mark is the key of a value of a context.
type mark struct{}

// hurried is a context with another deadline, at which it does not end: so a
// near one does not keep a call on a slow machine from the store below.
type hurried struct {
	context.Context
	deadline time.Time
}

func (c hurried) Deadline() (time.Time, bool) { return c.deadline, true }

// contextPasses has callers with much patience, whose deadline a decorator may
// bring forward, and with little, whose deadline is before any of its own.
func (p *probe[V, W]) contextPasses() {
	d := p.over(0)
	for _, patience := range []time.Duration{ttlBelow, glance} {
		for _, at := range append(d.views(), d.base()) {
			for _, o := range d.working() {
				a := d.prepare(at, o.op, "key")
				d.spy.forget()
				d.passesContext(o, at, a, patience)
			}
		}
	}
}

// passesContext calls o with patience and checks the context of what reaches
// the store below.
func (d *subject[V, W]) passesContext(o operation[W], at place[W], a argument[W], patience time.Duration) {
	d.TB.Helper()
	ctx := hurried{context.WithValue(d.Context(), mark{}, "marked"), time.Now().Add(patience)}
	_, err := o.do(ctx, at.store, "key", a)
	late := errors.Is(err, context.DeadlineExceeded) && time.Now().After(ctx.deadline)
	if err != nil && !late {
		d.Errorf("%v in %s: %v", o.op, at.what, err)
	}
	detached := d.opts.Losses[o.op].Detached
	for _, call := range d.spy.seen() {
		deadline, ok := call.ctx.Deadline()
		switch {
		case call.ctx.Value(mark{}) != "marked":
			d.Errorf("%v in %s reaches the store below without the values of its caller's context", o.op, at.what)
		case !detached && (!ok || deadline.After(ctx.deadline)):
			d.Errorf("%v in %s reaches the store below without the deadline of its caller's context", o.op, at.what)
		case detached && ok && deadline.Equal(ctx.deadline):
			d.Errorf("%v is declared as detached, but the call below has the deadline of its caller's context", o.op)
		}
	}
}

// hold makes the calls of the spy wait until their context ends, or until the
// function that it returns is called, once or more often.
func (d *subject[V, W]) hold() (release func()) {
	released := make(chan struct{})
	d.spy.when(func(ctx context.Context, call received) error {
		select {
		case <-released:
			return nil
		case <-ctx.Done():
			if call.op.ReadOnly() {
				return fmt.Errorf("spy: %v: %w", call.op, ctx.Err())
			}
			return fmt.Errorf("spy: %v: %w: %w", call.op, storage.ErrUnknownOutcome, ctx.Err())
		}
	})
	return sync.OnceFunc(func() {
		d.spy.when(nil)
		close(released)
	})
}

func (p *probe[V, W]) cancelPasses() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		d.cancels(o, at)
	}
}

// cancels calls o, cancels it when it hangs in the store below, and checks that
// both ends are told.
func (d *subject[V, W]) cancels(o operation[W], at place[W]) {
	d.TB.Helper()
	key := "key of " + o.op.String()
	a := d.prepare(at, o.op, key)
	release := d.hold()
	defer release()
	ctx, cancel := context.WithCancel(d.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := o.do(ctx, at.store, key, a)
		done <- err
	}()
	if !d.eventually(func() bool { return d.spy.busy() > 0 || len(done) > 0 }) {
		d.Fatalf("%v does not reach the store below, and does not return", o.op)
	}
	cancel()
	var err error
	d.patiently(o.op.String()+", whose caller was cancelled", func() error {
		err = <-done
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		d.Errorf("%v, whose caller was cancelled: %v, which does not match context.Canceled", o.op, err)
	}
	if !o.op.ReadOnly() && !errors.Is(err, storage.ErrUnknownOutcome) {
		d.Errorf("%v, whose caller was cancelled: %v, and the store below said that the outcome is unknown", o.op, err)
	}
	if !d.opts.Losses[o.op].Detached && !d.eventually(func() bool { return d.spy.busy() == 0 }) {
		d.Errorf("%v: the caller was cancelled, and the call below was not told", o.op)
	}
	release()
	if !d.eventually(func() bool { return d.spy.busy() == 0 }) {
		d.Fatalf("%v: calls do not end", o.op)
	}
}

package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tunica-go/tunica/storage"
)

// mark is the key of a value of a context.
type mark struct{}

func (p *probe[V, W]) contextPasses() {
	d := p.over(0)
	ctx, cancel := context.WithTimeout(context.WithValue(d.Context(), mark{}, "marked"), ttlBelow)
	defer cancel()
	latest, _ := ctx.Deadline()
	for _, at := range append(d.views(), d.base()) {
		for _, o := range d.working() {
			a := d.prepare(at, o.op, "key")
			d.spy.forget()
			if _, err := o.do(ctx, at.store, "key", a); err != nil {
				d.Errorf("%v in %s: %v", o.op, at.what, err)
			}
			detached := d.opts.Losses[o.op].Detached
			for _, call := range d.spy.seen() {
				deadline, ok := call.ctx.Deadline()
				kept := ok && !deadline.After(latest)
				switch {
				case call.ctx.Value(mark{}) != "marked":
					d.Errorf("%v in %s reaches the store below without the values of its caller's context", o.op, at.what)
				case !kept && !detached:
					d.Errorf("%v in %s reaches the store below without the deadline of its caller's context", o.op, at.what)
				case kept && detached:
					d.Errorf("%v is declared as detached, but the call below has the deadline of its caller's context", o.op)
				}
			}
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

package storagetest

import (
	"context"
	"errors"
	"fmt"

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
// function that it returns is called.
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
	return func() {
		d.spy.when(nil)
		close(released)
	}
}

func (p *probe[V, W]) cancelPasses() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		key := "key of " + o.op.String()
		a := d.prepare(at, o.op, key)
		release := d.hold()
		ctx, cancel := context.WithCancel(d.Context())
		left := make(chan error, 1)
		go func() {
			_, err := o.do(ctx, at.store, key, a)
			left <- err
		}()
		if !d.eventually(func() bool { return d.spy.busy() > 0 || len(left) > 0 }) {
			d.Fatalf("%v does not reach the store below, and does not return", o.op)
		}
		cancel()
		d.patiently(o.op.String()+", whose caller was cancelled", func() error {
			err := <-left
			switch {
			case !errors.Is(err, context.Canceled):
				return fmt.Errorf("it says %w, which does not match context.Canceled", notNil(err))
			case !o.op.ReadOnly() && !errors.Is(err, storage.ErrUnknownOutcome):
				return fmt.Errorf("it says %w, and the store below said that the outcome is unknown", err)
			}
			return nil
		})
		if !d.opts.Losses[o.op].Detached && !d.eventually(func() bool { return d.spy.busy() == 0 }) {
			d.Errorf("%v: the caller was cancelled, and the call below was not told", o.op)
		}
		release()
		if !d.eventually(func() bool { return d.spy.busy() == 0 }) {
			d.Fatalf("%v: calls do not end", o.op)
		}
	}
}

// errNil stands for no error.
var errNil = errors.New("nothing")

func notNil(err error) error {
	if err == nil {
		return errNil
	}
	return err
}


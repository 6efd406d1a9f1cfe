package storagetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// errDriver is what a driver says that nobody here knows.
var errDriver = errors.New("driver: connection reset")

// outcomes returns the errors with which op may end in the store below.
func outcomes(op storage.Op) []error {
	errs := []error{
		storage.ErrInvalidKey, storage.ErrInvalidTTL, storage.ErrInvalidValue, storage.ErrTooLarge,
		storage.ErrUnavailable, storage.ErrReadOnly, storage.ErrUnauthorized, storage.ErrOverloaded,
		storage.ErrCorrupt, storage.ErrClosed,
	}
	switch op {
	case storage.OpGet, storage.OpGetEntry, storage.OpTake, storage.OpTouch:
		errs = append(errs, storage.ErrNotFound)
	case storage.OpCompareAndSwap:
		errs = append(errs, storage.ErrConflict)
	}
	if !op.ReadOnly() {
		errs = append(errs, storage.ErrUnknownOutcome)
	}
	return errs
}

func (p *probe[V, W]) errorsPass() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		for i, kind := range outcomes(o.op) {
			key := fmt.Sprintf("key %d of %v", i, o.op)
			for _, below := range []error{kind, fmt.Errorf("driver: %w: %w", kind, errDriver)} {
				a := d.prepare(at, o.op, key)
				d.spy.when(func(context.Context, received) error { return below })
				_, err := o.do(d.Context(), at.store, key, a)
				d.spy.when(nil)
				switch {
				case !errors.Is(err, kind):
					d.Errorf("%v: the store below says %q, the decorator says %v", o.op, below, err)
				case storage.Failed(err) != storage.Failed(below):
					d.Errorf("%v: Failed is %v for what the store below says, and %v for %v", o.op, storage.Failed(below), storage.Failed(err), err)
				case errors.Is(below, errDriver) && storage.Failed(below) && !errors.Is(err, errDriver):
					d.Errorf("%v: the error of the driver is lost: %v", o.op, err)
				}
			}
		}
	}
}

func (p *probe[V, W]) partialResultsStay() {
	d := p.over(0)
	at := d.base()
	failure := fmt.Errorf("driver: %w", storage.ErrUnavailable)
	for _, o := range d.working() {
		if !o.op.Batch() || o.finds("key") == nil {
			continue
		}
		key := "key of " + o.op.String()
		a := d.prepare(at, o.op, key)
		d.spy.spoil(d.wire(at, companion(key)), failure)
		found, err := o.do(d.Context(), at.store, key, a)
		d.spy.spoil("", nil)
		if !errors.Is(err, storage.ErrUnavailable) {
			d.Errorf("%v of two keys, of which one cannot be read: %v, want that error", o.op, err)
		}
		if value, ok := found[key]; !ok || !d.equal(value, d.value(1)) || len(found) != 1 {
			d.Errorf("%v of two keys, of which one cannot be read: found %v, want the other", o.op, slices.Sorted(maps.Keys(found)))
		}
	}
}

func (p *probe[V, W]) keysErrorIsLast() {
	d := p.over(0)
	if d.lost(storage.OpKeys) {
		return
	}
	for _, at := range append(d.views(), d.base()) {
		d.prepare(at, storage.OpKeys, "key")
		d.spy.spoil(d.wire(at, companion("key")), storage.ErrUnavailable)
		var keys []string
		var errs []error
		for key, err := range storage.Keys(d.Context(), at.store, "key") {
			keys, errs = append(keys, key), append(errs, err)
		}
		d.spy.spoil("", nil)
		if len(keys) != 2 || keys[0] != "key" || errs[0] != nil || keys[1] != "" || !errors.Is(errs[1], storage.ErrUnavailable) {
			d.Errorf("Keys in %s yields %q with %v, want one key and then the error of the store below", at.what, keys, errs)
		}
	}
}

func (p *probe[V, W]) writesAreNotRepeated() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		if o.op.ReadOnly() {
			continue
		}
		for _, below := range []error{storage.ErrUnavailable, storage.ErrUnknownOutcome, storage.ErrOverloaded} {
			key := fmt.Sprintf("key of %v: %v", o.op, below)
			a := d.prepare(at, o.op, key)
			d.spy.forget()
			d.spy.when(func(context.Context, received) error { return below })
			_, _ = o.do(d.Context(), at.store, key, a)
			d.spy.when(nil)
			seen := make(map[string]bool)
			for _, call := range d.spy.seen() {
				if seen[call.String()] {
					d.Errorf("%v failed with %q and was sent again", o.op, below)
				}
				seen[call.String()] = true
			}
		}
	}
}

func (p *probe[V, W]) panicsComeOut() {
	d := p.over(0)
	at := d.base()
	for _, o := range d.working() {
		key := "key of " + o.op.String()
		a := d.prepare(at, o.op, key)
		d.spy.when(func(context.Context, received) error { panic(errDriver) })
		d.wantPanic(fmt.Sprintf("%v, when the store below panics", o.op), func() {
			_, _ = o.do(d.Context(), at.store, key, a)
		})
		d.spy.when(nil)
		d.patiently(o.op.String()+" after a panic below", func() error {
			if err := at.store.Set(d.Context(), key, d.value(3), time.Hour); err != nil {
				return err
			}
			_, err := o.do(d.Context(), at.store, key, a)
			if errors.Is(err, storage.ErrConflict) {
				return nil
			}
			return err
		})
	}
	if !d.works(storage.OpKeys) || d.lost(storage.OpKeys) {
		return
	}
	d.prepare(at, storage.OpKeys, "key")
	d.wantPanic("Keys, when the loop panics", func() {
		for range storage.Keys(d.Context(), at.store, "key") {
			panic(errDriver)
		}
	})
	d.patiently("Keys after a panic in a loop", func() error {
		for _, err := range storage.Keys(d.Context(), at.store, "key") {
			if err != nil {
				return err
			}
		}
		return at.store.Set(d.Context(), "key", d.value(3), time.Hour)
	})
}

// wantPanic checks that f panics with errDriver, or with an error around it.
func (d *subject[V, W]) wantPanic(what string, f func()) {
	d.TB.Helper()
	var caught any
	d.patiently(what, func() error {
		defer func() { caught = recover() }()
		f()
		return nil
	})
	if err, ok := caught.(error); !ok || !errors.Is(err, errDriver) {
		d.Errorf("%s: caught %v, want a panic with what the store below panicked with", what, caught)
	}
}

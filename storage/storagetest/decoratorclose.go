package storagetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

const (
	// awhile is how long a probe looks for what must not happen.
	awhile = 30 * time.Millisecond
	// callers is how many call at the same time.
	callers = 4
)

// closeEndsOwnWork lets callers leave while the store below hangs, whatever
// their context says. What is in it then, and nobody waits for, is work of the
// decorator, for which Close has to wait.
func (p *probe[V, W]) closeEndsOwnWork() {
	d := p.over(0)
	d.set(d.store, "key", d.value(1), storage.NoExpiry)
	d.set(d.store, "key 1", d.value(1), storage.NoExpiry)
	released := make(chan struct{})
	d.spy.when(func(context.Context, received) error {
		<-released
		return nil
	})
	ctx, leave := context.WithCancel(d.Context())
	defer leave()
	var waiting atomic.Int64
	for i := range callers {
		waiting.Add(1)
		go func() {
			defer waiting.Add(-1)
			if i%2 == 0 {
				_, _ = d.store.Get(ctx, "key")
			} else {
				_, _ = storage.GetMany(ctx, d.store, []string{"key", fmt.Sprint("key ", i)})
			}
		}()
	}
	if !d.eventually(func() bool { return d.spy.busy() > 0 }) {
		d.Fatalf("Get does not reach the store below")
	}
	leave()
	d.within(awhile, func() bool { return waiting.Load() == 0 })
	own := waiting.Load() == 0 && d.spy.busy() > 0

	closed := make(chan error, 1)
	go func() { closed <- storage.Close(d.store) }()
	if own && d.within(awhile, func() bool { return len(closed) > 0 }) {
		d.Errorf("Close has returned while %d calls of the decorator's own are in the store below", d.spy.busy())
	}
	close(released)
	d.patiently("Close", func() error { return <-closed })
	if own && d.spy.busy() > 0 {
		d.Errorf("Close has returned while calls of the decorator's own are in the store below")
	}
	if !d.eventually(func() bool { return waiting.Load() == 0 && d.spy.busy() == 0 }) {
		d.Fatalf("calls that began before Close do not end")
	}
	d.spy.when(nil)
	d.spy.forget()
	d.within(awhile, func() bool { return len(d.spy.seen()) > 0 })
	if seen := d.spy.seen(); len(seen) > 0 {
		d.Errorf("after Close the decorator calls the store below by itself: %s", texts(seen))
	}
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

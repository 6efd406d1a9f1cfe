package singleflight_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

// A call that hangs does not keep those waiting who come after a write.
func TestSlowCallIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "old")
		b.hold()
		early := later(ctx, s, "key")
		hangs := b.only(t)
		set(t, s, "key", "new")
		late := later(ctx, s, "key")
		time.Sleep(250*time.Millisecond - 1)
		late.wantWaiting(t)
		time.Sleep(time.Nanosecond)
		next := b.only(t)
		if hangs.ctx.Err() == nil {
			t.Error("a call that was given up goes on")
		}
		next.do(nil)
		late.want(t, "new")
		early.want(t, "new")
		hangs.do(nil)
	})
}

// Readers and writers of one key through several views: no read is older than
// a write or a read that had returned when it began.
func TestReadsNeverGoBack(t *testing.T) {
	base := singleflight.New(memstore.New[int64]())
	views := []storage.Store[int64]{namespace.New(base, "ns"), namespace.New(base, "ns")}
	var seen, version atomic.Int64
	raise := func(v int64) {
		for old := seen.Load(); old < v && !seen.CompareAndSwap(old, v); old = seen.Load() {
		}
	}
	var running sync.WaitGroup
	var writing sync.Mutex
	for i := range 8 {
		running.Go(func() {
			view := views[i%2]
			for n := range 1000 {
				if n%16 == i {
					writing.Lock()
					v := version.Add(1)
					if err := base.Set(ctx, "ns:key", v, 0); err != nil {
						t.Error(err)
					}
					raise(v)
					writing.Unlock()
					continue
				}
				floor := seen.Load()
				v, err := view.Get(ctx, "key")
				if err != nil && !(errors.Is(err, storage.ErrNotFound) && floor == 0) {
					t.Error(err)
				}
				if v < floor {
					t.Errorf("Get returned version %d; version %d was written or read before it began", v, floor)
				}
				raise(v)
			}
		})
	}
	running.Wait()
	must(t, base.Close())
}

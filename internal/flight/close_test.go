package flight

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

var errClosed = errors.New("closed")

func (b *bench) close() {
	b.Lock()
	b.table.Close(errClosed)
	b.Unlock()
	synctest.Wait()
}

func TestClose(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("zombie").leave()
		waiters := []*caller{b.get("zombie"), b.get("one"), b.get("one"), b.get("two")}
		b.detach("one")
		waiters = append(waiters, b.get("one"))
		b.wantLoads(4)
		b.close()
		for _, c := range waiters {
			c.wantErr(errClosed)
		}
		b.get("one").wantErr(errClosed)
		b.get("three").wantErr(errClosed)
		b.wantLoads(4)

		drained := false
		go func() {
			b.table.Drain()
			drained = true
		}()
		for i := range 4 {
			synctest.Wait()
			if drained {
				t.Fatalf("Drain returned while %d loads run", 4-i)
			}
			if !b.load(i).canceled() {
				t.Errorf("load %d was not cancelled", i)
			}
			b.load(i).give("too late")
		}
		synctest.Wait()
		if !drained {
			t.Error("Drain waits although no load runs")
		}
		b.wantFinished()
	})
}

func TestCloseTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := b.get("key")
		b.close()
		b.Lock()
		b.table.Close(errTest)
		b.Unlock()
		c.wantErr(errClosed)
		b.get("key").wantErr(errClosed)
		b.load(0).give("")
	})
}

func TestCloseOfAnIdleTable(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.close()
		b.table.Drain()
		b.get("key").wantErr(errClosed)
		b.detach("key")
	})
}

func TestCloseBeforeAPromotion(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		b.detach("key")
		late := b.get("key")
		time.Sleep(SlowAfter - 1)
		b.close()
		time.Sleep(time.Hour)
		early.wantErr(errClosed)
		late.wantErr(errClosed)
		b.wantLoads(1)
		b.load(0).give("")
	})
}

func TestLeaveAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		ctx, cancel := context.WithCancel(t.Context())
		var loads []*Load[string]
		b.Lock()
		for range 2 {
			p, err := b.table.Join(ctx, "key", Func[string](b.source))
			if err != nil {
				t.Fatal(err)
			}
			loads = append(loads, p.load)
			b.table.Detach("key")
		}
		b.table.Close(errClosed)
		for _, l := range loads {
			b.table.leave(l)
		}
		b.Unlock()
		cancel()
		synctest.Wait()
		b.load(0).give("")
		b.wantEmpty()
	})
}

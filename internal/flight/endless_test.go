package flight

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func TestEndlessCallerPerformsItsLoad(t *testing.T) {
	var mu sync.Mutex
	table := Table[int]{Lock: &mu}
	inside := false
	mu.Lock()
	p, err := table.Join(context.Background(), "key", Func[int](func(ctx context.Context, l *Load[int]) (int, error) {
		if ctx != context.Background() || l.Key != "key" {
			t.Errorf("the load has %v and %q, want what the caller gave", ctx, l.Key)
		}
		inside = true
		return 1, nil
	}))
	mu.Unlock()
	if err != nil || inside {
		t.Fatalf("Join: %v, and the load has begun: %v", err, inside)
	}
	if n, err := p.Wait(context.Background()); n != 1 || err != nil || !inside {
		t.Fatalf("got %d, %v", n, err)
	}
	table.Drain()
	if n := table.Len(); n != 0 {
		t.Errorf("%d keys are left in the table", n)
	}
}

func TestEndlessCallerSharesItsLoad(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader := b.getEndless("key")
		follower, endless := b.get("key"), b.getEndless("key")
		b.get("key").leave()
		b.wantLoads(1)
		b.load(0).give("value")
		for _, c := range []*caller{leader, follower, endless} {
			c.wantValue("value")
		}
		b.wantFinished("key=value")
	})
}

// The slot of a load that nobody shared is used again, for another key.
func TestSlotsAreUsedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		first := b.getEndless("one")
		b.detach("one")
		b.load(0).give("1")
		first.wantValue("1")
		second, other := b.getEndless("two"), b.getEndless("three")
		if b.load(1).load != b.load(0).load || b.load(2).load == b.load(0).load {
			t.Error("want the second load in the place of the first, and the third elsewhere")
		}
		follower := b.get("two") // it is not detached, as the first was
		b.wantLoads(3)
		b.load(1).give("2")
		second.wantValue("2")
		follower.wantValue("2")
		b.load(2).give("3")
		other.wantValue("3")
		b.wantFinished("one=1 detached", "two=2", "three=3")
		last := b.getEndless("four")
		if b.load(3).load == b.load(1).load {
			t.Error("a load that was shared is used again: a follower may still look at it")
		}
		b.load(3).give("4")
		last.wantValue("4")
	})
}

func TestSlotThatIsStillInUseIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.getEndless("key")
		b.detach("key")
		late := b.getEndless("key")
		b.load(0).give("old")
		early.wantValue("old")
		other := b.getEndless("other")
		b.load(1).give("new")
		late.wantValue("new")
		b.load(2).give("other")
		other.wantValue("other")
	})
}

// Of a load that is given up and the next one, either may end first: who performs
// the first is there until both have.
func TestEndlessCallerIsMoved(t *testing.T) {
	for _, first := range []int{0, 1} {
		inBubble(t, func(t *testing.T, b *bench) {
			early := b.getEndless("key")
			b.detach("key")
			late := b.get("key")
			time.Sleep(SlowAfter)
			b.wantLoads(2)
			if b.load(0).canceled() {
				t.Error("a context that cannot end has ended")
			}
			values := []string{"older", "newer"}
			b.load(first).give(values[first])
			early.wantWaiting()
			if first == 1 {
				late.wantValue("newer") // it waits for no other
			} else {
				late.wantWaiting()
			}
			b.load(1 - first).give(values[1-first])
			early.wantValue("newer")
			late.wantValue("newer")
			b.wantFinished("key=newer")
		})
	}
}

func TestPanicOfAnEndlessCallersLoad(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader, follower := b.getEndless("key"), b.get("key")
		b.load(0).do(panics(errTest))
		leader.wantPanic(errTest)
		follower.wantPanic(errTest)
	})
}

func TestGoexitOfAnEndlessCallersLoad(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader, follower := b.getEndless("key"), b.get("key")
		b.load(0).do(exits)
		follower.wantErr(storage.ErrUnavailable)
		leader.wantWaiting() // its goroutine has ended
		c := b.getEndless("key")
		b.load(1).give("value")
		c.wantValue("value")
	})
}

func TestCloseWhileAnEndlessCallerLoads(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader, follower := b.getEndless("key"), b.get("key")
		b.close()
		follower.wantErr(errClosed)
		leader.wantWaiting()
		drained := false
		go func() {
			b.table.Drain()
			drained = true
		}()
		synctest.Wait()
		if drained {
			t.Error("Drain returned while a load runs")
		}
		b.load(0).give("too late")
		leader.wantErr(errClosed)
		b.wantFinished()
	})
}

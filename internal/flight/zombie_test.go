package flight

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestJoinAfterTheLastLeaverStartsAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("key").leave()
		c := b.get("key")
		b.wantLoads(2)
		b.load(0).give("of a zombie")
		c.wantWaiting()
		b.wantFinished()
		other := b.get("key")
		b.wantLoads(2)
		b.load(1).give("value")
		c.wantValue("value")
		other.wantValue("value")
		b.wantFinished("key=value")
	})
}

func TestTwoZombiesAtMost(t *testing.T) {
	for _, first := range []int{0, 1, 2} { // which of the three ends first
		inBubble(t, func(t *testing.T, b *bench) {
			for range 3 {
				b.get("key").leave()
			}
			b.wantLoads(3) // two zombies, and one that would be the third
			one, two := b.get("key"), b.get("key")
			time.Sleep(time.Hour)
			b.wantLoads(3)
			one.wantWaiting()
			b.loads[first].give("nobody wants it")
			b.wantLoads(4)
			one.wantWaiting()
			b.load(3).give("value")
			one.wantValue("value")
			two.wantValue("value")
			for i := range 3 {
				if i != first {
					b.load(i).give("nobody wants it")
				}
			}
		})
	}
}

func TestWaitingForAZombieMayEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		for range 3 {
			b.get("key").leave()
		}
		b.get("key").leave() // it was next, and never began
		for i := range 3 {
			b.load(i).give("")
		}
		b.wantLoads(3)
	})
}

func TestSlowLoadIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		time.Sleep(100 * time.Millisecond)
		b.detach("key")
		late := b.get("key")
		time.Sleep(SlowAfter - 1)
		b.wantLoads(1)
		time.Sleep(time.Nanosecond)
		b.wantLoads(2)
		if !b.load(0).canceled() || b.load(1).canceled() {
			t.Error("want the context of the load that was given up to end, and no other")
		}
		early.wantWaiting()
		b.load(0).give("older")
		early.wantWaiting()
		b.wantFinished()
		b.load(1).give("newer")
		early.wantValue("newer")
		late.wantValue("newer")
		b.wantFinished("key=newer")
	})
}

func TestPatienceBeginsWithTheNextCaller(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		time.Sleep(time.Hour)
		follower := b.get("key")
		b.wantLoads(1) // it is old, but nothing keeps it from being shared
		b.detach("key")
		b.wantLoads(1) // and nobody wants another one
		late := b.get("key")
		time.Sleep(SlowAfter - 1)
		b.wantLoads(1)
		time.Sleep(time.Nanosecond)
		b.wantLoads(2)
		b.load(1).give("newer")
		for _, c := range []*caller{early, follower, late} {
			c.wantValue("newer")
		}
		b.load(0).give("older")
	})
}

func TestMovedCallers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two, three := b.get("key"), b.get("key"), b.get("key")
		b.detach("key")
		four := b.get("key")
		time.Sleep(SlowAfter)
		b.wantLoads(2)
		// Of the four that wait for the second load three were moved to it.
		one.leave()
		four.leave()
		three.leave()
		if b.load(1).canceled() {
			t.Fatal("the load is cancelled while a moved caller waits for it")
		}
		two.leave()
		if !b.load(1).canceled() {
			t.Fatal("the load goes on although the last caller, a moved one, has left")
		}
		b.load(0).give("")
		b.load(1).give("")
	})
}

func TestMovedTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		callers := []*caller{b.get("key")}
		leaver := b.get("key")
		for range 2 {
			b.detach("key")
			callers = append(callers, b.get("key"))
			time.Sleep(2 * SlowAfter)
		}
		b.wantLoads(3)
		leaver.leave()
		b.load(2).give("newest")
		for _, c := range callers {
			c.wantValue("newest")
		}
		b.load(0).give("")
		b.load(1).give("")
	})
}

// The context of a caller may end at the moment at which its load is given up.
func TestLeaverWhoseLoadHasMoved(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leaver := b.get("key")
		b.Lock()
		p, err := b.table.Join(context.Background(), "key", Func[string](b.source))
		b.Unlock()
		if err != nil {
			t.Fatal(err)
		}
		b.detach("key")
		other := b.get("key")
		time.Sleep(SlowAfter)
		b.wantLoads(2)
		b.Lock()
		b.table.leave(p.load)
		b.Unlock()
		leaver.leave()
		if b.load(1).canceled() {
			t.Fatal("the load is cancelled while one still waits")
		}
		other.leave()
		if !b.load(1).canceled() {
			t.Error("the load goes on, and nobody waits for it")
		}
		b.load(0).give("")
		b.load(1).give("")
	})
}

func TestPatienceIsRestored(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("key").wantWaiting()
		for _, patience := range []time.Duration{SlowAfter, 2 * SlowAfter, 4 * SlowAfter} {
			n := len(b.loads)
			b.detach("key")
			b.get("key").wantWaiting()
			time.Sleep(patience - 1)
			b.wantLoads(n)
			time.Sleep(time.Nanosecond)
			b.wantLoads(n + 1)
			b.load(n - 1).give("of a zombie")
		}
		b.detach("key")
		b.get("key").wantWaiting()
		b.load(3).give("value") // a load has ended: the store is not slow any more
		b.wantLoads(5)
		b.detach("key")
		last := b.get("key")
		time.Sleep(SlowAfter)
		b.wantLoads(6)
		b.load(5).give("value")
		last.wantValue("value")
		b.load(4).give("of a zombie")
	})
}

func TestTimerOfAnEarlierLoadDoesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("key").wantWaiting()
		b.detach("key")
		b.get("key").wantWaiting() // sets a timer
		b.load(0).give("value")
		b.load(1).give("value")
		b.wantEmpty()
		time.Sleep(SlowAfter / 2)
		early := b.get("key")
		b.detach("key")
		late := b.get("key") // sets another
		time.Sleep(SlowAfter - 1)
		b.wantLoads(3)
		time.Sleep(time.Nanosecond)
		b.wantLoads(4)
		b.load(3).give("newer")
		for _, c := range []*caller{early, late} {
			c.wantValue("newer")
		}
		b.load(2).give("of a zombie")
	})
}

func TestSlowLoadIsGivenUpWhenAZombieEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("key").leave()
		b.get("key").leave()
		early := b.get("key") // beside two zombies
		b.detach("key")
		late := b.get("key")
		time.Sleep(time.Hour)
		b.wantLoads(3)
		b.load(0).give("of a zombie")
		b.wantLoads(4)
		b.load(3).give("value")
		early.wantValue("value")
		late.wantValue("value")
		b.load(1).give("of a zombie")
		b.load(2).give("of a zombie")
	})
}

func TestPatienceBeginsAgainForAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		b.detach("key")
		leaver := b.get("key")
		time.Sleep(SlowAfter - 1)
		leaver.leave()
		late := b.get("key")
		time.Sleep(SlowAfter - 1)
		b.wantLoads(1)
		time.Sleep(time.Nanosecond)
		b.wantLoads(2)
		b.load(1).give("value")
		early.wantValue("value")
		late.wantValue("value")
		b.load(0).give("of a zombie")
	})
}

func TestSlowLoadIsKeptIfNobodyWaitsForTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		b.detach("key")
		b.get("key").leave()
		time.Sleep(time.Hour)
		b.wantLoads(1)
		b.load(0).give("value")
		early.wantValue("value")
		b.wantFinished("key=value detached")
	})
}

func TestPinnedLoadIsNotGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		pin := func(i int) bool {
			l := b.load(i).load
			b.Lock()
			defer b.Unlock()
			return l.Pin()
		}
		b.detach("key")
		late := b.get("key") // sets the timer
		if !pin(0) {
			t.Fatal("the load was given up before its time")
		}
		time.Sleep(time.Hour)
		early.leave()
		other := b.get("key")
		b.wantLoads(1)
		late.wantWaiting()
		b.load(0).give("of the pinned one")
		b.wantLoads(2)
		late.leave()
		other.leave()
		last := b.get("key")
		if pin(1) {
			t.Fatal("a load that was given up was pinned")
		}
		b.load(1).give("of a zombie")
		b.load(2).give("value")
		last.wantValue("value")
	})
}

// A store that takes longer than SlowAfter to answer, and whose key is written
// all the time, must still answer those who wait for long.
func TestSlowStoreUnderWritesAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		const latency = SlowAfter * 6 / 5
		load := Func[string](func(ctx context.Context, _ *Load[string]) (string, error) {
			select {
			case <-time.After(latency):
				return "value", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
		for range 1000 {
			b.Lock()
			b.table.Detach("key") // a write
			p, err := b.table.Join(t.Context(), "key", load)
			b.Unlock()
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				start := time.Now()
				value, err := p.Wait(t.Context())
				if value != "value" || err != nil {
					t.Errorf("got %q, %v", value, err)
				}
				if took := time.Since(start); took > 5*latency {
					t.Errorf("a caller waited for %v while a load takes %v", took, latency)
				}
			}()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(5 * latency)
		b.wantEmpty()
	})
}

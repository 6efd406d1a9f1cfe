package flight

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestManyJoinersMakeOneLoad(t *testing.T) {
	const callers = 1000
	var mu sync.Mutex
	table := Table[int]{Lock: &mu}
	var loads, joined atomic.Int64
	load := Func[int](func(context.Context, *Load[int]) (int, error) {
		for joined.Load() < callers { // every caller has joined when the load ends
			select {
			case <-t.Context().Done():
				return 0, t.Context().Err()
			case <-time.After(time.Millisecond):
			}
		}
		return int(loads.Add(1)), nil
	})
	var running sync.WaitGroup
	for range callers {
		running.Go(func() {
			mu.Lock()
			p, err := table.Join(t.Context(), "key", load)
			mu.Unlock()
			joined.Add(1)
			if err != nil {
				t.Error(err)
				return
			}
			if n, err := p.Wait(t.Context()); n != 1 || err != nil {
				t.Errorf("a caller got %d, %v, want the result of load 1", n, err)
			}
		})
	}
	running.Wait()
	table.Drain()
	if n := loads.Load(); n != 1 {
		t.Errorf("%d callers made %d loads, want 1", callers, n)
	}
	if n := table.Len(); n != 0 {
		t.Errorf("%d keys are left in the table", n)
	}
}

func TestNothingIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		for i, value := range []string{"one", "two"} {
			c := b.get("key")
			b.wantLoads(i + 1)
			b.load(i).give(value)
			c.wantValue(value)
			b.wantFinished("key=" + value)
		}
	})
}

func TestKeysAreApart(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two := b.get("one"), b.get("two")
		b.wantLoads(2)
		b.load(1).give("2")
		one.wantWaiting()
		two.wantValue("2")
		b.load(0).give("1")
		one.wantValue("1")
	})
}

func TestErrorReachesAll(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two := b.get("key"), b.get("key")
		b.load(0).do(func() (string, error) { return "", errTest })
		one.wantErr(errTest)
		two.wantErr(errTest)
		b.wantFinished("key= test")
	})
}

func TestLoadHasTheValuesOfItsLeader(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		deadline, cancel := context.WithTimeout(context.WithValue(context.Background(), ctxKey{}, "leader"), time.Hour)
		defer cancel()
		leader := b.getBy(deadline, "key")
		follower := b.getBy(context.WithValue(context.Background(), ctxKey{}, "follower"), "key")
		b.detach("key")
		late := b.getBy(context.WithValue(context.Background(), ctxKey{}, "late"), "key")
		if got := b.load(0).ctx.Value(ctxKey{}); got != "leader" {
			t.Errorf("the load carries the values of %v, want those of the leader", got)
		}
		if _, ok := b.load(0).ctx.Deadline(); ok {
			t.Error("the load has the deadline of one of its callers")
		}
		b.load(0).give("value")
		leader.wantValue("value")
		follower.wantValue("value")
		if got := b.load(1).ctx.Value(ctxKey{}); got != "late" {
			t.Errorf("the next load carries the values of %v, want those of who joined it first", got)
		}
		if b.load(1).canceled() {
			t.Error("the next load begins with a context that has ended")
		}
		b.load(1).give("newer")
		late.wantValue("newer")
	})
}

func TestCancelledLeaderFailsNobody(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader, follower := b.get("key"), b.get("key")
		leader.leave()
		if b.load(0).canceled() {
			t.Fatal("the leader's cancel reached the load, for which a follower waits")
		}
		late := b.get("key")
		b.wantLoads(1)
		b.load(0).give("value")
		follower.wantValue("value")
		late.wantValue("value")
	})
}

func TestFollowerLeavesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		leader := b.get("key")
		deadline, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		follower := b.getBy(deadline, "key")
		time.Sleep(time.Minute)
		follower.wantErr(context.DeadlineExceeded)
		if follower.took != 20*time.Millisecond {
			t.Errorf("the follower left after %v, want its deadline of 20ms", follower.took)
		}
		leader.wantWaiting()
		b.load(0).give("value")
		leader.wantValue("value")
	})
}

func TestLastLeaverCancels(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two := b.get("key"), b.get("key")
		two.leave()
		if b.load(0).canceled() {
			t.Fatal("the load is cancelled while one still waits")
		}
		one.leave()
		if !b.load(0).canceled() {
			t.Fatal("the load goes on, and nobody waits for it")
		}
		b.load(0).do(func() (string, error) { return "", context.Canceled })
	})
}

func TestContextOfALoadEndsWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		c := b.get("key")
		b.load(0).give("value")
		c.wantValue("value")
		if !b.load(0).canceled() {
			t.Error("the context of a load that has ended was not released")
		}
	})
}

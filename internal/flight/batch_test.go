package flight

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func TestBatchIsOneCall(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		single := b.shard("0").get("0 single")
		callers := b.get("0 single", "0", "1", "1 too", "2")
		follower := b.shard("1").get("1")
		call := b.call()
		if call.ctx.Value(ctxKey{}) != "batch" {
			t.Error("the call does not carry the values of its leader")
		}
		call.give(map[string]error{"1 too": errTest})
		callers[1].wantValue("value of 0")
		callers[2].wantValue("value of 1")
		follower.wantValue("value of 1")
		callers[3].wantErr(errTest)
		callers[4].wantValue("value of 2")
		callers[0].wantWaiting() // it was joined, not led
		b.shard("0").load(0).give("single")
		callers[0].wantValue("single")
		single.wantValue("single")
		b.shard("1").wantFinished("1=value of 1", "1 too= test")
		if call.ctx.Err() == nil {
			t.Error("the context of a call that has ended was not released")
		}
	})
}

func TestBatchOfNothing(t *testing.T) {
	RunBatch(t.Context(), nil, func(context.Context) func(string) (string, error) {
		t.Error("a call was made for no key")
		return nil
	})
}

func TestBatchGoesOnWhileOneKeyIsWanted(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		callers := b.get("0", "1", "2")
		follower := b.shard("2").get("2")
		call := b.call()
		callers[0].leave()
		callers[1].leave()
		callers[2].leave()
		if call.ctx.Err() != nil {
			t.Fatal("the call is cancelled while a follower waits for one of its keys")
		}
		again := b.shard("0").get("0") // its load has no callers: a new one starts at once
		b.shard("0").wantLoads(1)
		b.shard("0").load(0).give("again")
		again.wantValue("again")
		if call.ctx.Err() != nil {
			t.Fatal("the call is cancelled because a key was given up")
		}
		call.give(nil)
		follower.wantValue("value of 2")
	})
}

func TestBatchIsCancelledByItsLastLeaver(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		callers := b.get("0", "1", "1 too")
		call := b.call()
		for i, c := range callers {
			if call.ctx.Err() != nil {
				t.Fatalf("the call is cancelled when %d of 3 have left", i)
			}
			c.leave()
		}
		if call.ctx.Err() == nil {
			t.Error("the call goes on, and nobody waits for it")
		}
		call.give(map[string]error{"0": call.ctx.Err(), "1": call.ctx.Err(), "1 too": call.ctx.Err()})
	})
}

func TestKeyOfABatchIsDetached(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		callers := b.get("0", "1")
		b.shard("1").detach("1")
		late := b.shard("1").get("1")
		call := b.call()
		call.give(nil)
		callers[0].wantValue("value of 0")
		callers[1].wantValue("value of 1")
		b.shard("0").wantFinished("0=value of 0")
		b.shard("1").wantFinished("1=value of 1 detached")
		b.shard("1").wantLoads(1)
		b.shard("1").load(0).give("newer")
		late.wantValue("newer")
	})
}

func TestSlowKeyOfABatchIsGivenUp(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		callers := b.get("0", "1")
		b.shard("1").detach("1")
		late := b.get("1") // a batch whose only key waits for its turn
		time.Sleep(SlowAfter)
		call := b.call()
		b.shard("1").load(0).give("newer")
		late[0].wantValue("newer")
		callers[1].wantValue("newer")
		if call.ctx.Err() != nil {
			t.Error("the call is cancelled while a caller waits for its other key")
		}
		callers[0].leave()
		if call.ctx.Err() == nil {
			t.Error("the call goes on, and nobody waits for it")
		}
		call.give(nil)
	})
}

// Between JoinBatch and RunBatch anything may happen to a load.
func TestBatchThatBeginsLate(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		all := b.join("0", "1")
		leaver := b.shard("0").get("0")
		leaver.leave()
		b.shard("1").detach("1")
		late := b.shard("1").get("1")
		time.Sleep(SlowAfter) // the load of 1 is given up before it has begun
		b.shard("1").load(0).give("newer")
		late.wantValue("newer")
		callers := b.run(all)
		callers[1].wantValue("newer")
		call := b.call()
		if call.ctx.Err() != nil {
			t.Fatal("the call is cancelled while a caller waits for one of its keys")
		}
		callers[0].leave()
		if call.ctx.Err() == nil {
			t.Error("the call goes on, and nobody waits for it")
		}
		call.give(nil)
	})
}

func TestBatchThatIsClosedBeforeItBegins(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		all := b.join("0", "1")
		for _, shard := range b.shards {
			shard.close()
		}
		callers := b.run(all)
		callers[0].wantErr(errClosed)
		callers[1].wantErr(errClosed)
		call := b.call()
		if call.ctx.Err() == nil {
			t.Error("the call has a context that never ends")
		}
		call.give(nil)
	})
}

func TestBatchPanicReachesAll(t *testing.T) {
	for name, fn := range map[string]func() func(string) (string, error){
		"call":   func() func(string) (string, error) { panic(errTest) },
		"result": func() func(string) (string, error) { return func(string) (string, error) { panic(errTest) } },
	} {
		t.Run(name, func(t *testing.T) {
			inBatchBubble(t, func(t *testing.T, b *batch) {
				callers := b.get("0", "1", "2")
				b.call().do(fn)
				for _, c := range callers {
					c.wantPanic(errTest)
				}
			})
		})
	}
	t.Run("no result", func(t *testing.T) {
		inBatchBubble(t, func(t *testing.T, b *batch) {
			callers := b.get("0", "1")
			b.call().do(func() func(string) (string, error) { return nil })
			for _, c := range callers {
				if !errors.As(c.err, new(*PanicError)) {
					t.Errorf("got %v, want a panic", c.err)
				}
			}
		})
	})
}

func TestBatchGoexitReachesAll(t *testing.T) {
	inBatchBubble(t, func(t *testing.T, b *batch) {
		callers := b.get("0", "1")
		b.call().do(func() func(string) (string, error) { _, _ = exits(); return nil })
		for _, c := range callers {
			c.wantErr(storage.ErrUnavailable)
		}
	})
}

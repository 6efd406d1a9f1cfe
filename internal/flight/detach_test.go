package flight

import (
	"testing"
	"time"
)

func TestDetachedLoadIsNotShared(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		early := b.get("key")
		b.detach("key")
		late, later := b.get("key"), b.get("key")
		b.wantLoads(1) // loads do not overlap
		b.detach("key")
		latest := b.get("key") // it may share the next load, which has not begun
		b.load(0).give("old")
		early.wantValue("old")
		b.wantFinished("key=old detached")
		b.wantLoads(2)
		latecomer := b.get("key")
		b.load(1).give("new")
		for _, c := range []*caller{late, later, latest, latecomer} {
			c.wantValue("new")
		}
		b.wantFinished("key=new")
		b.wantLoads(2)
	})
}

func TestDetachOfWhatIsNotLoaded(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.detach("key")
		c := b.get("key")
		b.detach("other")
		follower := b.get("key")
		b.wantLoads(1)
		b.load(0).give("value")
		c.wantValue("value")
		follower.wantValue("value")
		b.wantFinished("key=value")
	})
}

func TestDetachPrefix(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		keys := []string{"a", "a:", "a:key", "ab", "b:a:"}
		callers := make([]*caller, len(keys))
		for i, key := range keys {
			callers[i] = b.get(key)
		}
		b.Lock()
		b.table.DetachPrefix("a:")
		b.Unlock()
		var again []*caller
		for i, key := range keys {
			again = append(again, b.get(key))
			b.load(i).give(key)
			callers[i].wantValue(key)
		}
		b.wantFinished("a=a", "a:=a: detached", "a:key=a:key detached", "ab=ab", "b:a:=b:a:")
		b.wantLoads(len(keys) + 2)
		b.load(5).give("second")
		b.load(6).give("second")
		for i, want := range []string{"a", "second", "second", "ab", "b:a:"} {
			again[i].wantValue(want)
		}
	})
}

// F1 is detached by a write and still runs; F2 begins and reads v0; v1 is
// written elsewhere; F1 reads v1 and answers; a later caller joins F2 and gets
// v0. So F2 may not begin before F1 has ended, or F1 may not answer.
func TestFlightsDoNotCross(t *testing.T) {
	for _, slow := range []bool{false, true} {
		inBubble(t, func(t *testing.T, b *bench) {
			first := b.get("key")
			b.detach("key")
			second := b.get("key")
			if slow {
				time.Sleep(SlowAfter)
				b.wantLoads(2)
				b.load(0).give("v1") // F1 has read later than F2
				first.wantWaiting()
			} else {
				b.load(0).give("v1")
				first.wantValue("v1")
				b.wantLoads(2)
			}
			third := b.get("key")
			b.wantLoads(2)
			b.load(1).give("v1 or, if F1 was given up, v0")
			second.wantValue("v1 or, if F1 was given up, v0")
			third.wantValue("v1 or, if F1 was given up, v0")
			if slow {
				first.wantValue("v1 or, if F1 was given up, v0")
			}
		})
	}
}

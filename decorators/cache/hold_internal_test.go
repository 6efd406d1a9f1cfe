package cache

import (
	"fmt"
	"testing"
)

// Holds take no room when they are over, and one that is renewed lasts as long as
// a new one.
func TestHoldsEnd(t *testing.T) {
	var h holds
	now := int64(1)
	for i := range 1000 {
		h.add(fmt.Sprint("k", i), now)
		h.addPrefix(fmt.Sprint("p", i), now)
		now += holdFor / 10
		if n := max(len(h.keys), len(h.queue), len(h.prefixes)); n > 11 {
			t.Fatalf("%d holds are kept, of which ten are not over", n)
		}
	}
	if h.held("anything", now+holdFor); len(h.keys)+len(h.queue)+len(h.prefixes) != 0 {
		t.Errorf("%d holds are kept that are over", len(h.keys)+len(h.queue)+len(h.prefixes))
	}
	h.add("k", now)
	h.add("k", now+holdFor/2)
	for at, want := range map[int64]bool{now + holdFor - 1: true, now + holdFor: true, now + holdFor*3/2 - 1: true} {
		if h.held("k", at) != want {
			t.Errorf("held %d ns after the first of two: %v", at-now, !want)
		}
	}
	if h.held("k", now+holdFor*3/2) {
		t.Error("held when the second one is over")
	}
}

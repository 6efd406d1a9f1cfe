package cache

import "testing"

func newEntry(hash uint64) *entry[int] { return &entry[int]{hash: hash, size: 1} }

// What is new goes at the end of the small queue, unless it was used; what comes
// back soon, and what was used, is in the main queue, where it goes when it was
// not used since.
func TestS3FIFO(t *testing.T) {
	q := &s3fifo[int]{link: (*entry[int]).inShard}
	evict := func(want uint64) {
		t.Helper()
		if got := q.evict().hash; got != want {
			t.Fatalf("evicted %d, want %d", got, want)
		}
	}
	all := make([]*entry[int], 11)
	for i := range uint64(10) {
		all[i] = newEntry(i)
		q.add(all[i])
	}
	q.used(all[0])
	evict(1)
	if all[0].place.in != &q.main || all[1].place.in != nil || all[2].place.in != &q.small {
		t.Fatal("a used entry is not in the main queue, or one that was not is")
	}
	again := newEntry(1)
	q.add(again)
	if again.place.in != &q.main {
		t.Fatal("what comes back soon is not in the main queue")
	}
	q.remove(all[2]) // by a write
	comes := newEntry(2)
	q.add(comes)
	if comes.place.in != &q.small {
		t.Fatal("what a write has removed counts as evicted")
	}
	q.remove(all[2]) // it is gone already
	if q.small.n != 8 || q.main.n != 2 || q.small.bytes != 8 || q.main.bytes != 2 {
		t.Fatalf("%d and %d entries of %d and %d bytes", q.small.n, q.main.n, q.small.bytes, q.main.bytes)
	}
	// The small queue is drained to a tenth, then the main one: 0 was used twice.
	q.used(all[0])
	q.used(all[0])
	for _, e := range all[3:10] {
		q.used(e)
	}
	evict(1) // when seven have moved on, and 0 was put back
	evict(2)
	for i := uint64(3); i < 10; i++ {
		evict(i)
	}
	evict(0)
	if q.small.n+q.main.n != 0 || q.main.newest != nil || q.main.oldest != nil || q.small.newest != nil || q.small.oldest != nil {
		t.Fatal("the queues are not empty")
	}
}

// However often all entries are used meanwhile, one goes.
func TestS3FIFOEvictsWhatIsUsedAllTheTime(t *testing.T) {
	looks := 0
	q := &s3fifo[int]{link: func(e *entry[int]) *link[int] {
		if looks++; looks > 1000 {
			t.Fatal("it goes on and on")
		}
		e.place.use()
		return &e.place
	}}
	for i := range uint64(5) {
		q.add(newEntry(i))
	}
	for range 5 {
		q.evict()
	}
	if q.small.n+q.main.n != 0 {
		t.Fatalf("%d entries are left", q.small.n+q.main.n)
	}
}

func TestUsesAreBounded(t *testing.T) {
	var l link[int]
	for range 10 {
		l.use()
	}
	if n := l.uses.Load(); n != maxUses {
		t.Fatalf("%d uses, want %d", n, maxUses)
	}
}

func TestGhostsAreForgotten(t *testing.T) {
	var g ghosts
	const room = 100
	for h := range uint64(1000) {
		g.add(h, room)
		if n := len(g.young) + len(g.old); n > room+1 {
			t.Fatalf("%d are remembered, want %d at most", n, room+1)
		}
		if h >= room/2 && !g.take(h-room/2) {
			t.Fatalf("%d was forgotten too soon", h-room/2)
		}
		if g.take(h - room/2) {
			t.Fatalf("%d was remembered twice", h-room/2)
		}
	}
	if g.take(700) {
		t.Fatal("700 is remembered after 299 others")
	}
}

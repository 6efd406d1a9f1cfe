package breaker

import "time"

// slots is the number of parts in which a window moves on.
const slots = 10

// window counts the results of the last while.
type window struct {
	width time.Duration // of a slot
	head  int64         // the number of the slot that is being filled
	slots [slots]tally
	sum   tally
}

type tally struct{ total, failures int }

func newWindow(length time.Duration) window {
	return window{width: max(length/slots, 1)}
}

// add counts r at now and returns the sums of the window.
func (w *window) add(now time.Duration, r result) (total, failures int) {
	w.advance(int64(now / w.width))
	slot := &w.slots[w.head%slots]
	slot.total++
	w.sum.total++
	if r == failure {
		slot.failures++
		w.sum.failures++
	}
	return w.sum.total, w.sum.failures
}

// advance forgets the slots that have left the window. The clock of two callers
// may be read in one order and come here in the other: then it stays.
func (w *window) advance(to int64) {
	for n := 0; w.head < to && n < slots; n++ {
		w.head++
		old := &w.slots[w.head%slots]
		w.sum.total -= old.total
		w.sum.failures -= old.failures
		*old = tally{}
	}
	w.head = max(w.head, to)
}

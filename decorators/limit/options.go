package limit

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Options are the settings. The zero value bounds the operations in the store.
type Options struct {
	// Concurrent is how many operations may be in the store at a time; 0 means
	// 256, and [Unlimited] no bound. In a store that answers within 1 ms that
	// many are 256,000 a second; in one that hangs they are all that hang.
	Concurrent int

	// Queue is how many more may wait for a place; 0 means as many as
	// Concurrent.
	Queue int

	// Rate is how many operations may go to the store in a second, keys of a
	// batch counted one by one; 0 means no bound.
	Rate float64

	// Burst is how many may go at once after a while with none; 0 means those
	// of a second, Rate rounded up.
	Burst int

	// MaxWait is how long an operation waits for its turn; 0 means 100 ms, and
	// [NoWait] that it is refused at once.
	MaxWait time.Duration
}

// Unlimited as [Options].Concurrent is no bound.
const Unlimited int = -1

// NoWait as [Options].MaxWait refuses what finds no room.
const NoWait time.Duration = -1

const (
	defaultConcurrent = 256
	defaultMaxWait    = 100 * time.Millisecond
)

// check panics if o makes no sense.
func (o Options) check() {
	switch {
	case o.Concurrent < 0 && o.Concurrent != Unlimited:
		panic(fmt.Sprintf("limit: Concurrent is %d, want Unlimited, 0 (%d) or more", o.Concurrent, defaultConcurrent))
	case o.Queue < 0:
		panic(fmt.Sprintf("limit: Queue is %d, want 0 (Concurrent) or more", o.Queue))
	case !(o.Rate >= 0 && o.Rate <= math.MaxInt32):
		panic(fmt.Sprintf("limit: Rate is %v, want 0 (no bound) to %d", o.Rate, math.MaxInt32))
	case o.Burst < 0:
		panic(fmt.Sprintf("limit: Burst is %d, want 0 (Rate) or more", o.Burst))
	case o.Burst > 0 && o.Rate == 0:
		panic(fmt.Sprintf("limit: Burst is %d, without a Rate", o.Burst))
	case o.MaxWait < 0 && o.MaxWait != NoWait:
		panic(fmt.Sprintf("limit: MaxWait is %v, want NoWait, 0 (%v) or more", o.MaxWait, defaultMaxWait))
	}
}

// withDefaults returns o with its zeros replaced.
func (o Options) withDefaults() Options {
	o.Concurrent = cmp.Or(o.Concurrent, defaultConcurrent)
	o.Queue = cmp.Or(o.Queue, o.Concurrent)
	o.Burst = cmp.Or(o.Burst, int(math.Ceil(o.Rate)))
	o.MaxWait = cmp.Or(o.MaxWait, defaultMaxWait)
	return o
}

package load

import (
	"slices"

	"github.com/tunica-go/tunica/decorators/cache"
)

// Growth is what the host says of itself.
type Growth struct {
	Operations uint64 // so far

	// What is in progress: nothing, but for the one connection that asks.
	Requests    int64
	Connections int64
	Spans       int64
	Left        int // calls to Redis whose callers have left

	Goroutines  int
	HeapBytes   uint64 // after a collection, as HeapObjects
	HeapObjects uint64

	Cache cache.Stats
}

// Idle reports whether nothing is in progress.
func (g Growth) Idle() bool {
	return g.Requests == 0 && g.Connections <= 1 && g.Spans == 0 && g.Left == 0
}

// How much more a heap may have at the end. What comes late and does not go on to
// grow is less: connections to Redis, whose buffers are 64 KiB each, and what a
// cache knows of the writes of five seconds whose outcome is unknown.
const (
	SlackBytes   = 1 << 20
	SlackObjects = 2_000
)

// Grows reports whether samples of a heap that should stay as it is go up: the
// median of the last third is more than that of the first third by a tenth, and
// by slack.
//
// A leak adds to every sample what the load of one interval leaves, so that all
// of the last third are above all of the first by two thirds of what it leaves in
// all. Other things come and go, and change some samples: of them medians know
// nothing. A tenth alone would be little in a small heap, and slack alone
// much in a large one. So a leak is found if it leaves 1.5 times slack, or 15 %
// of the heap, in the time of all samples: the slower it is, the longer that
// must be.
func Grows(samples []uint64, slack uint64) bool {
	third := len(samples) / 3
	if third == 0 {
		return false
	}
	first, last := median(samples[:third]), median(samples[len(samples)-third:])
	return last > first+max(first/10, slack)
}

func median(samples []uint64) uint64 {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[len(sorted)/2]
}

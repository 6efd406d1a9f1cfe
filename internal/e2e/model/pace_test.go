package model

import (
	"math"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// often repeats ops, so that they are chosen the more often.
func often(times int, ops ...storage.Op) []storage.Op { return slices.Repeat(ops, times) }

// kinds are the operations, the more often the more they tell.
var kinds = slices.Concat(
	often(6, storage.OpGet, storage.OpSet),
	often(4, storage.OpCompareAndSwap),
	often(3, storage.OpGetEntry),
	often(2, storage.OpHas, storage.OpGetMany, storage.OpSetMany, storage.OpTouch, opUpdate),
	often(1, storage.OpDelete, storage.OpDeleteMany, storage.OpGetEntries, storage.OpTake, storage.OpKeys, storage.OpDeletePrefix, storage.OpPing, opPurge),
)

// A pace is the time that a stream knows.
type pace struct {
	kinds  []storage.Op
	ttls   []time.Duration
	sleeps []time.Duration
}

var badTTLs = []time.Duration{-1, -time.Millisecond, -time.Hour, math.MinInt64}

// still is for stacks in real time: nothing expires.
var still = pace{
	kinds: kinds,
	ttls:  []time.Duration{time.Hour, time.Hour + 300*time.Millisecond, 24 * time.Hour, 400 * 24 * time.Hour, 100 * 365 * 24 * time.Hour, math.MaxInt64},
}

// passing is for a bubble. The sleeps are such that they end before, at and
// after the end of a ttl.
var passing = pace{
	kinds: slices.Concat(kinds, often(6, opSleep), often(3, storage.OpGet), often(2, storage.OpTouch)),
	ttls: []time.Duration{
		time.Second, time.Second, time.Second, time.Second, 1, time.Microsecond, 500 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond,
		1300 * time.Millisecond, time.Minute, time.Hour, 100 * 365 * 24 * time.Hour, math.MaxInt64,
	},
	sleeps: []time.Duration{
		time.Second, time.Second, time.Second, time.Second, 1, time.Microsecond, 500 * time.Microsecond, time.Millisecond - 1, time.Millisecond,
		time.Second - 1, 700 * time.Millisecond, time.Minute - time.Second, time.Minute, time.Hour,
	},
}

func (p pace) ttl(s source) time.Duration {
	switch n := s.below(32); {
	case n < 12:
		return storage.NoExpiry
	case n < 31:
		return pick(s, p.ttls)
	}
	return pick(s, badTTLs)
}

package contest

import (
	"math/bits"
	"time"
)

// Histogram counts durations in buckets of which each is at most 1/32 wider
// than its lower end. The zero value is empty.
type Histogram struct {
	buckets [(64 - subBits) << subBits]uint32
	count   uint64
}

const subBits = 5

// Add counts d.
func (h *Histogram) Add(d time.Duration) {
	h.buckets[bucket(uint64(max(d, 0)))]++
	h.count++
}

// Merge adds what other has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
}

// Reset makes h empty.
func (h *Histogram) Reset() { *h = Histogram{} }

// Quantile returns the lower end of the bucket in which the part q of the
// durations ends, and 0 if there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(q * float64(h.count))
	for i, n := range h.buckets {
		if rank < uint64(n) {
			return time.Duration(lowerEnd(i))
		}
		rank -= uint64(n)
	}
	for i := len(h.buckets) - 1; i >= 0; i-- { // q is 1
		if h.buckets[i] > 0 {
			return time.Duration(lowerEnd(i))
		}
	}
	return 0
}

// bucket is exact below 2^subBits; above, it has the place of the highest bit
// and the subBits that follow.
func bucket(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - 1 - subBits
	return (shift+1)<<subBits + int(v>>shift)&(1<<subBits-1)
}

func lowerEnd(bucket int) uint64 {
	if bucket < 1<<subBits {
		return uint64(bucket)
	}
	shift := bucket>>subBits - 1
	return uint64(1<<subBits|bucket&(1<<subBits-1)) << shift
}

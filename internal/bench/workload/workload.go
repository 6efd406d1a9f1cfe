// Package workload makes sequences of keys, by number. The same arguments make
// the same sequence, everywhere and always.
package workload

import (
	"math/rand/v2"
	"slices"
)

// Skew is the exponent of the Zipf distributions here.
const Skew = 1.01

// Zipf returns n keys out of so many, with the popularity of a Zipf
// distribution. Which keys are the popular ones is scattered.
func Zipf(keys, n int, seed uint64) []uint32 {
	z := newZipf(keys, seed)
	sequence := make([]uint32, n)
	for i := range sequence {
		sequence[i] = z.key()
	}
	return sequence
}

// Uniform returns n keys out of so many that are equally popular.
func Uniform(keys, n int, seed uint64) []uint32 {
	random := source(seed)
	sequence := make([]uint32, n)
	for i := range sequence {
		sequence[i] = random.Uint32N(uint32(keys))
	}
	return sequence
}

// Scan is Zipf, and after every 10,000 keys come 2,000 that come only once.
func Scan(keys, n int, seed uint64) []uint32 {
	z := newZipf(keys, seed)
	sequence := make([]uint32, n)
	next := uint32(keys)
	for i := range sequence {
		if i%12_000 < 10_000 {
			sequence[i] = z.key()
		} else {
			sequence[i] = next
			next++
		}
	}
	return sequence
}

// OneHit is Zipf with 30 of 100 keys replaced by ones that come only once.
func OneHit(keys, n int, seed uint64) []uint32 {
	z := newZipf(keys, seed)
	random := source(seed + 1)
	sequence := make([]uint32, n)
	next := uint32(keys)
	for i := range sequence {
		if random.Float64() < 0.3 {
			sequence[i] = next
			next++
		} else {
			sequence[i] = z.key()
		}
	}
	return sequence
}

// Drift is Zipf whose popular keys change: every 50 keys, the most popular one
// becomes the least popular, and all others move up by one place.
func Drift(keys, n int, seed uint64) []uint32 {
	z := newZipf(keys, seed)
	sequence := make([]uint32, n)
	for i := range sequence {
		sequence[i] = z.moved(i / 50)
	}
	return sequence
}

// Distinct returns how many keys there can be in a sequence: 1 + the largest.
func Distinct(sequence []uint32) int {
	largest := uint32(0)
	for _, key := range sequence {
		largest = max(largest, key)
	}
	return int(largest) + 1
}

// Popular returns the n keys that come most often in a sequence.
func Popular(sequence []uint32, n int) []uint32 {
	counts := make([]int, Distinct(sequence))
	keys := make([]uint32, len(counts))
	for i := range keys {
		keys[i] = uint32(i)
	}
	for _, key := range sequence {
		counts[key]++
	}
	slices.SortStableFunc(keys, func(a, b uint32) int { return counts[b] - counts[a] })
	return keys[:min(n, len(keys))]
}

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x7475_6e69_6361)) }

type zipf struct {
	ranks *rand.Zipf
	keys  []int // by rank
}

func newZipf(keys int, seed uint64) *zipf {
	random := source(seed)
	return &zipf{keys: random.Perm(keys), ranks: rand.NewZipf(random, Skew, 1, uint64(keys-1))}
}

func (z *zipf) key() uint32 { return z.moved(0) }

func (z *zipf) moved(places int) uint32 {
	return uint32(z.keys[(int(z.ranks.Uint64())+places)%len(z.keys)])
}

package cache

import (
	"math/rand/v2"
	"strconv"
	"testing"

	golanglru "github.com/hashicorp/golang-lru/v2"
)

const (
	traceKeys = 5_000
	traceLen  = 30_000
)

// traces are streams of keys, most of them by popularity with the exponent 1.01.
// Those that come only once are not below traceKeys.
func traces() map[string][]uint64 {
	popular := rand.NewZipf(rand.New(rand.NewPCG(1, 1)), 1.01, 1, traceKeys-1)
	zipf := make([]uint64, traceLen)
	for i := range zipf {
		zipf[i] = popular.Uint64()
	}
	like := func(key func(i int) uint64) []uint64 {
		keys := make([]uint64, traceLen)
		for i := range keys {
			keys[i] = key(i)
		}
		return keys
	}
	once := func(i int) uint64 { return uint64(traceKeys + i) }
	return map[string][]uint64{
		"zipf": zipf,
		"scans": like(func(i int) uint64 { // now and then somebody reads much once
			if i%5000 < 1000 {
				return once(i)
			}
			return zipf[i]
		}),
		"one-hit wonders": like(func(i int) uint64 {
			if i%10 < 3 {
				return once(i)
			}
			return zipf[i]
		}),
		"drift": like(func(i int) uint64 { return zipf[i] + uint64(i/100) }), // what is popular changes
	}
}

// ratio is the part of a trace that a shard with an order of p has.
func ratio(p Policy, size int, keys []uint64) float64 {
	c := &core[int]{}
	sh := newShards(c, Options{MaxEntries: size, Policy: p})[0]
	sh.maxEntries = size // one shard, whatever the size
	t := new(tally[int])
	hits := 0
	for _, key := range keys {
		name := strconv.FormatUint(key, 10)
		h := noZero(key * 0x9e3779b97f4a7c15)
		if sh.fresh(c, h, "", name) != nil {
			hits++
			continue
		}
		e := &entry[int]{hash: h, size: 1, tally: t}
		e.expires.Store(never)
		sh.add(name, e, 0)
	}
	return float64(hits) / float64(len(keys))
}

func ratioOfGolangLRU(size int, keys []uint64) float64 {
	c, err := golanglru.New[uint64, struct{}](size)
	if err != nil {
		panic(err)
	}
	hits := 0
	for _, key := range keys {
		if _, ok := c.Get(key); ok {
			hits++
			continue
		}
		c.Add(key, struct{}{})
	}
	return float64(hits) / float64(len(keys))
}

// S3FIFO keeps more than LRU, and LRU as much as golang-lru.
func TestHitRatio(t *testing.T) {
	for name, keys := range traces() {
		for _, size := range []int{traceKeys / 100, traceKeys / 10} {
			want, least, s3 := ratioOfGolangLRU(size, keys), ratio(LRU, size, keys), ratio(S3FIFO, size, keys)
			t.Logf("%-16s %5d entries: LRU %.1f %%, S3-FIFO %.1f %%", name, size, 100*least, 100*s3)
			if least != want {
				t.Errorf("%s, %d entries: LRU has %.4f, golang-lru %.4f", name, size, least, want)
			}
			ahead := 0.03
			if name == "drift" {
				ahead = -0.005
			}
			if s3 < least+ahead {
				t.Errorf("%s, %d entries: S3-FIFO has %.4f, LRU %.4f", name, size, s3, least)
			}
		}
	}
}

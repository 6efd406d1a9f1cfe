package workload

import (
	"slices"
	"testing"
)

const (
	keys = 1000
	n    = 60_000
)

func counts(sequence []uint32) map[uint32]int {
	c := make(map[uint32]int)
	for _, key := range sequence {
		c[key]++
	}
	return c
}

func TestSameArgumentsSameSequence(t *testing.T) {
	for name, fn := range map[string]func(keys, n int, seed uint64) []uint32{
		"zipf": Zipf, "uniform": Uniform, "scan": Scan, "one hit": OneHit, "drift": Drift,
	} {
		a, b, c := fn(keys, n, 1), fn(keys, n, 1), fn(keys, n, 2)
		if len(a) != n || !slices.Equal(a, b) {
			t.Errorf("%s: two sequences from one seed", name)
		}
		if slices.Equal(a, c) {
			t.Errorf("%s: one sequence from two seeds", name)
		}
	}
	// Another version of the generators would make all figures incomparable.
	if got, want := Zipf(keys, 5, 1), []uint32{124, 20, 242, 124, 471}; !slices.Equal(got, want) {
		t.Errorf("Zipf has changed: %v, was %v", got, want)
	}
}

func TestZipfIsSkewed(t *testing.T) {
	byCount := []int{}
	for _, c := range counts(Zipf(keys, n, 1)) {
		byCount = append(byCount, c)
	}
	slices.Sort(byCount)
	top := byCount[len(byCount)-1]
	// The first of 1000 ranks has 1/(1+1/2^1.01+1/3^1.01+…), some 14 %.
	if top < n*11/100 || top > n*17/100 {
		t.Errorf("the most popular key has %d of %d", top, n)
	}
	if u := counts(Uniform(keys, n, 1)); len(u) != keys {
		t.Errorf("uniform has %d keys of %d", len(u), keys)
	}
}

func TestOnlyOnce(t *testing.T) {
	for name, test := range map[string]struct {
		sequence  []uint32
		low, high int // of the part in percent
	}{"scan": {Scan(keys, n, 1), 16, 17}, "one hit": {OneHit(keys, n, 1), 29, 31}} {
		once := 0
		for key, c := range counts(test.sequence) {
			if key < keys {
				continue
			}
			once++
			if c != 1 {
				t.Fatalf("%s: key %d comes %d times", name, key, c)
			}
		}
		if once < n*test.low/100 || once > n*test.high/100 {
			t.Errorf("%s: %d of %d come once, want %d to %d %%", name, once, n, test.low, test.high)
		}
		if got := Distinct(test.sequence); got != keys+once {
			t.Errorf("%s: Distinct = %d, want %d", name, got, keys+once)
		}
	}
}

func TestDriftMovesOn(t *testing.T) {
	sequence := Drift(keys, n, 1)
	popular := func(part []uint32) (key uint32) {
		most := 0
		for k, c := range counts(part) {
			if c > most {
				key, most = k, c
			}
		}
		return key
	}
	if first, last := popular(sequence[:500]), popular(sequence[n-500:]); first == last {
		t.Errorf("the most popular key is %d in the beginning and in the end", first)
	}
}

func TestPopular(t *testing.T) {
	sequence := []uint32{5, 1, 5, 2, 5, 1}
	for n, want := range map[int][]uint32{1: {5}, 2: {5, 1}, 3: {5, 1, 2}, 9: {5, 1, 2, 0, 3, 4}} {
		if got := Popular(sequence, n); !slices.Equal(got, want) {
			t.Errorf("the %d most popular are %v, want %v", n, got, want)
		}
	}
}

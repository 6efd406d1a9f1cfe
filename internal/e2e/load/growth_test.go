package load_test

import (
	"math/rand/v2"
	"testing"

	"github.com/tunica-go/tunica/internal/e2e/load"
)

func TestGrows(t *testing.T) {
	const heap = 4 << 20
	r := rand.New(rand.NewPCG(1, 2))
	for name, test := range map[string]struct {
		sample func(i int) uint64
		want   bool
	}{
		"flat":              {func(int) uint64 { return heap }, false},
		"noisy":             {func(int) uint64 { return heap + r.Uint64N(heap) }, false},
		"peaks at the end":  {func(i int) uint64 { return heap + uint64(i%3/2*i)<<20 }, false},
		"within the slack":  {func(i int) uint64 { return heap + uint64(i)<<15 }, false},
		"a tenth of much":   {func(i int) uint64 { return 1<<30 + uint64(i)<<22 }, false},
		"falls":             {func(i int) uint64 { return heap - uint64(i)<<17 }, false},
		"grows":             {func(i int) uint64 { return heap + uint64(i)<<17 }, true},
		"grows, and noisy":  {func(i int) uint64 { return heap + uint64(i)<<17 + r.Uint64N(heap/10) }, true},
		"a quarter of much": {func(i int) uint64 { return 1<<30 + uint64(i)<<24 }, true},
	} {
		samples := make([]uint64, 18)
		for i := range samples {
			samples[i] = test.sample(i)
		}
		if got := load.Grows(samples, load.SlackBytes); got != test.want {
			t.Errorf("%s: got %v of %d", name, got, samples)
		}
	}
	if load.Grows([]uint64{0, 1 << 40}, load.SlackBytes) {
		t.Error("two samples are no trend")
	}
}

package contest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{5, 1, 3}, 3},
		{[]float64{4, 1, 3, 2}, 2.5},
		{[]float64{1, 1, 1, 1000}, 1},
	} {
		given := slices.Clone(test.values)
		if got := Median(given); got != test.want {
			t.Errorf("Median(%v) = %v, want %v", test.values, got, test.want)
		}
		if !slices.Equal(given, test.values) {
			t.Errorf("Median has sorted its argument %v", test.values)
		}
	}
	if got := Median(nil); !math.IsNaN(got) {
		t.Errorf("Median of nothing = %v, want NaN", got)
	}
}

func TestSpread(t *testing.T) {
	if got := Spread([]float64{90, 90, 100, 110, 110}); math.Abs(got-0.1) > 1e-9 {
		t.Errorf("Spread = %v, want 0.1", got)
	}
	if got := Spread([]float64{7, 7, 7, 7}); got != 0 {
		t.Errorf("Spread of equal values = %v, want 0", got)
	}
}

func TestHistogramBuckets(t *testing.T) {
	for v := uint64(0); v < 1<<20; v += 1 + v/97 {
		low, next := lowerEnd(bucket(v)), lowerEnd(bucket(v)+1)
		if v < low || v >= next {
			t.Fatalf("%d is in the bucket from %d to %d", v, low, next)
		}
		if float64(next-low) > max(1, float64(low)/32) {
			t.Fatalf("the bucket from %d to %d is too wide", low, next)
		}
	}
	var h Histogram
	h.Add(math.MaxInt64) // no panic
	h.Add(-1)
	if got := h.Quantile(0); got != 0 {
		t.Errorf("a negative duration counts as %v, want 0", got)
	}
}

func TestHistogramQuantile(t *testing.T) {
	var h, other Histogram
	for i := 1; i <= 500; i++ {
		h.Add(time.Duration(i) * time.Microsecond)
		other.Add(time.Duration(500+i) * time.Microsecond)
	}
	h.Merge(&other)
	for _, test := range []struct {
		q    float64
		want time.Duration
	}{{0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}, {1, time.Millisecond}} {
		got := h.Quantile(test.q)
		if got > test.want+2*time.Microsecond || float64(got) < float64(test.want)*(1-1.0/31) {
			t.Errorf("Quantile(%v) = %v, want %v or 3 %% less", test.q, got, test.want)
		}
	}
	h.Reset()
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("Quantile of nothing = %v", got)
	}
}

func TestOrdersAreFairAndRepeatable(t *testing.T) {
	a, b := orders(5, 50, 1), orders(5, 50, 1)
	first := make(map[int]int)
	for i, order := range a {
		if !slices.Equal(order, b[i]) {
			t.Fatal("the same seed has made two orders")
		}
		if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(sorted, []int{0, 1, 2, 3, 4}) {
			t.Fatalf("round %d is %v: each contender has one turn", i, order)
		}
		first[order[0]]++
	}
	if len(first) != 5 {
		t.Errorf("in 50 rounds only %d of 5 contenders were first", len(first))
	}
}

// TestRunInterleaves has contenders note when they are measured.
func TestRunInterleaves(t *testing.T) {
	var turns []string
	note := func(name string) Contender {
		return Contender{Name: name, Enter: func(*Host) Entrant {
			return Entrant{Figures: func(int64) map[Unit]float64 {
				turns = append(turns, name)
				return map[Unit]float64{"turns": float64(len(turns))}
			}}
		}}
	}
	c := Contest{
		Name: "x", Contenders: []Contender{note("a"), note("b"), note("c")},
		Take: func(e Entrant) map[Unit]float64 { return e.Figures(1) },
	}
	h := new(Host)
	defer h.Close()
	results := c.Run(h, Options{Rounds: 6})
	if len(turns) != 18 {
		t.Fatalf("%d turns, want 18", len(turns))
	}
	for round := range slices.Chunk(turns, 3) {
		if sorted := slices.Sorted(slices.Values(round)); !slices.Equal(sorted, []string{"a", "b", "c"}) {
			t.Errorf("a round was %v", round)
		}
	}
	for _, r := range results {
		if len(r.Figures["turns"]) != 6 {
			t.Errorf("%s has %d figures, want 6", r.Contender, len(r.Figures["turns"]))
		}
	}
	c.Once = true
	if again := c.Run(h, Options{Rounds: 6}); len(again[0].Ops) != 1 {
		t.Errorf("a contest that runs once has run %d times", len(again[0].Ops))
	}
}

func TestRunCountsAndKeepsOut(t *testing.T) {
	var done atomic.Int64
	c := Contest{
		Name: "x", Callers: 3, Work: []uint32{0, 1, 2, 3}, Latency: true,
		Contenders: []Contender{
			{Name: "half", Enter: func(*Host) Entrant {
				return Entrant{Op: func(_, i int) bool {
					done.Add(1)
					return i%2 == 0
				}}
			}},
			{Name: "absent", Enter: func(h *Host) Entrant {
				h.Skip("no server")
				return Entrant{}
			}},
		},
	}
	h := new(Host)
	defer h.Close()
	results := c.Run(h, Options{Rounds: 2, Slot: time.Millisecond})
	if err := results[1].Err; !errors.Is(err, ErrSkipped) {
		t.Errorf("the absent contender has the error %v", err)
	}
	half := results[0]
	if ops := half.Ops[0] + half.Ops[1]; ops == 0 || ops > done.Load() {
		t.Errorf("%d ops counted, %d done", ops, done.Load())
	}
	if got := half.Median(Failed); got <= 0 || got >= 100 {
		t.Errorf("%v %% failed, want some and not all", got)
	}
	if half.Median(NsPerOp) <= 0 || half.Median(P99) < half.Median(P50) {
		t.Errorf("figures %v", half.Figures)
	}
}

// TestWorkGoesOn has one caller note what it does: no piece of work comes again
// before all others have.
func TestWorkGoesOn(t *testing.T) {
	var done []int
	work := make([]uint32, 1<<16)
	for i := range work {
		work[i] = uint32(i)
	}
	c := Contest{Name: "x", Callers: 1, Work: work, Latency: true, Contenders: []Contender{
		{Name: "a", Enter: func(*Host) Entrant {
			return Entrant{Op: func(_, i int) bool {
				done = append(done, i)
				return true
			}}
		}},
	}}
	h := new(Host)
	defer h.Close()
	c.Run(h, Options{Rounds: 3, Slot: 10 * time.Microsecond})
	for i, got := range done {
		if got != i%len(work) {
			t.Fatalf("the %d-th piece of work was %d", i, got)
		}
	}
	if places := (&Contest{Callers: 4, Work: work}).places(); !slices.Equal(places, []int{0, 1 << 14, 2 << 14, 3 << 14}) {
		t.Errorf("four callers begin at %v", places)
	}
}

func TestHostCleansUpLastFirst(t *testing.T) {
	var order []int
	h := new(Host)
	err := h.Run(func() {
		h.Cleanup(func() { order = append(order, 1) })
		h.Cleanup(func() { order = append(order, 2) })
		h.Fatalf("over: %d", 7)
	})
	if err == nil || err.Error() != "over: 7" || !slices.Equal(order, []int{2, 1}) {
		t.Errorf("error %v, cleaned up in the order %v", err, order)
	}
}

func result(contender string, u Unit, figures ...float64) *Result {
	return &Result{Contest: "c", Contender: contender, Callers: 2, Ops: make([]int64, len(figures)), Figures: map[Unit][]float64{u: figures}}
}

func TestBars(t *testing.T) {
	results := []*Result{
		result("ours", NsPerOp, 50, 60, 70),
		result("slow", NsPerOp, 240, 230, 250),
		result("fast", NsPerOp, 120, 110, 130),
		{Contest: "c", Contender: "absent", Err: errors.New("no")},
	}
	for _, test := range []struct {
		bar   Bar
		value float64
		met   bool
		peer  string
	}{
		{Bar{Peers: []string{"fast"}, Kind: RatioAtMost, Limit: 0.5}, 0.5, true, "fast"},
		{Bar{Peers: []string{"fast"}, Kind: RatioAtMost, Limit: 0.4}, 0.5, false, "fast"},
		{Bar{Peers: []string{"slow", "fast", "absent"}, Kind: SpeedAtLeast, Limit: 2}, 2, true, "fast"},
		{Bar{Kind: AtMost, Limit: 60}, 60, true, ""},
		{Bar{Kind: AtLeast, Limit: 61}, 60, false, ""},
		{Bar{Peers: []string{"fast", "slow"}, Kind: DifferenceAtLeast, Limit: -200}, -180, true, "slow"},
		{Bar{Peers: []string{"fast"}, Kind: DifferenceAtMost, Limit: 50}, 60, false, "fast"},
	} {
		test.bar.Contest, test.bar.Ours, test.bar.Unit = "c", "ours", NsPerOp
		v := test.bar.Judge(results)
		if !v.Known || v.Value != test.value || v.Met != test.met || v.Peer != test.peer {
			t.Errorf("%+v: value %v, met %v, peer %q", test.bar, v.Value, v.Met, v.Peer)
		}
	}
	v := Bar{Contest: "c", Ours: "ours", Peers: []string{"absent"}, Unit: NsPerOp}.Judge(results)
	if v.Known || v.Met || v.Answer() != "–" {
		t.Errorf("a bar without its peer: %+v", v)
	}
	bound := Bar{Contest: "c", Ours: "ours", Peers: []string{"slow", "fast"}, Unit: NsPerOp, Kind: SpeedAtLeast}
	if v := bound.Judge(results); v.FoundAtBound() != "" {
		t.Errorf("without a bound: %q", v.FoundAtBound())
	}
	bound.Bound = "fast" // compared with the peer that counts for ours
	if v := bound.Judge(results); v.FoundAtBound() != "1 ×" || v.Found() != "2 ×" {
		t.Errorf("found %q, and %q at the bound", v.Found(), v.FoundAtBound())
	}
}

func TestWrite(t *testing.T) {
	results := []*Result{result("our, own", NsPerOp, 50, 60, 70), result("peer", NsPerOp, 120, 110, 130)}
	var b strings.Builder
	WriteTable(&b, results)
	if want := "| peer | 120 |"; !strings.Contains(b.String(), want) {
		t.Errorf("no %q in\n%s", want, b.String())
	}
	rows := strings.Split(strings.TrimSpace(b.String()), "\n")
	for _, row := range rows {
		if strings.Count(row, "|") != strings.Count(rows[0], "|") {
			t.Errorf("rows of different lengths:\n%s", b.String())
		}
	}
	b.Reset()
	WriteBench(&b, results)
	if want := "BenchmarkC/contender=our__own-2\t0\t50 ns/op\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("want %q first in\n%s", want, b.String())
	}
}

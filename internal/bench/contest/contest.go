package contest

import "runtime"

// Op does the i-th piece of work for a caller, and reports whether it went as
// it should: in a contest of hits, whether it was one.
type Op func(caller, i int) bool

// Entrant is a contender that is ready.
type Entrant struct {
	Op Op

	// Before, if set, is called before each slot, outside of what is measured.
	Before func()

	// Figures, if set, adds figures of a slot, in which there were so many ops.
	Figures func(ops int64) map[Unit]float64
}

// Contender is one that takes part. Enter makes it ready, and gives to the host
// what is to be done in the end.
type Contender struct {
	Name  string
	Enter func(h *Host) Entrant
}

// Contest is work that all contenders do.
type Contest struct {
	Name string // path-like: "hit/zipf/parallel"

	// Callers is how many goroutines work at the same time; 0 is GOMAXPROCS.
	Callers int

	// Work is the order in which pieces of work come. All contenders have the
	// same; each caller begins at another place.
	Work []uint32

	// Latency measures how long each op takes, which costs two readings of the
	// clock. It is for ops that go over a network.
	Latency bool

	// Warm is how many pieces of work each contender does before the first
	// round, with many callers: a cache that is to be full needs some.
	Warm int

	// Longer multiplies the time of a slot; 0 is 1.
	Longer int

	Contenders []Contender

	// Take, if set, is how a contender is measured once, instead of by Op for a
	// while.
	Take func(e Entrant) map[Unit]float64

	// Once says that all rounds would give the same figures: one is enough.
	Once bool
}

// Unit is the unit of a figure, in the form of Go's benchmarks.
type Unit string

// The units of the harness. Contests add their own.
const (
	NsPerOp     Unit = "ns/op"
	CPUPerOp    Unit = "cpu-ns/op" // of this process, on all processors together
	AllocsPerOp Unit = "allocs/op"
	BytesPerOp  Unit = "B/op"
	P50         Unit = "p50-ns"
	P99         Unit = "p99-ns"
	Failed      Unit = "failed-%"
)

// Result is what a contest has found of one contender: for each unit a figure
// of each round.
type Result struct {
	Contest, Contender string
	Callers            int
	Figures            map[Unit][]float64
	Ops                []int64
	Err                error // why the contender did not take part
}

// Median returns the median of a unit's figures, and NaN if there are none.
func (r *Result) Median(u Unit) float64 { return Median(r.Figures[u]) }

func (r *Result) add(ops int64, figures map[Unit]float64) {
	r.Ops = append(r.Ops, ops)
	for u, f := range figures {
		r.Figures[u] = append(r.Figures[u], f)
	}
}

func (c *Contest) callers() int {
	if c.Callers == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return c.Callers
}

package contest

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how contests are run.
type Options struct {
	Rounds int
	Slot   time.Duration // how long a contender works in a round
	Seed   uint64        // of the order within the rounds
}

// Run runs the contest. A contender that cannot take part has an error in its
// result. Results are in the order of the contenders.
func (c *Contest) Run(h *Host, o Options) []*Result {
	rounds := o.Rounds
	if c.Once {
		rounds = 1
	}
	var results []*Result
	var entrants []Entrant
	for _, contender := range c.Contenders {
		r := &Result{Contest: c.Name, Contender: contender.Name, Callers: c.callers(), Figures: make(map[Unit][]float64)}
		var e Entrant
		r.Err = enter(func() { e = contender.Enter(h) })
		results = append(results, r)
		entrants = append(entrants, e)
	}
	lanes := c.lanes()
	places := make([][]int, len(entrants)) // where in the work each caller of an entrant is
	for i, e := range entrants {
		places[i] = c.places()
		if results[i].Err == nil {
			c.warm(e)
		}
	}
	slot := o.Slot * time.Duration(max(c.Longer, 1))
	for _, order := range orders(len(entrants), rounds, o.Seed) {
		settle()
		idle := c.idle(slot / 4)
		for _, i := range order {
			switch e, r := entrants[i], results[i]; {
			case r.Err != nil:
			case c.Take != nil:
				r.add(1, c.Take(e))
			default:
				c.slot(e, lanes, places[i], slot/8)
				ops, figures := c.slot(e, lanes, places[i], slot)
				idle.takeFrom(figures)
				r.add(ops, figures)
			}
		}
	}
	return results
}

// enter runs fn, and returns what it ended with.
func enter(fn func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stop:
			err = r.err
		default:
			panic(r)
		}
	}()
	fn()
	return nil
}

// orders returns for each round an order of n contenders, made by chance from
// the seed.
func orders(n, rounds int, seed uint64) [][]int {
	random := rand.New(rand.NewPCG(seed, 1))
	all := make([][]int, rounds)
	for i := range all {
		all[i] = random.Perm(n)
	}
	return all
}

// lane is what one caller counts, on cache lines of its own.
type lane struct {
	ops, failed int64
	latencies   *Histogram
	_           [104]byte
}

func (c *Contest) lanes() []lane {
	lanes := make([]lane, c.callers())
	if c.Latency {
		for i := range lanes {
			lanes[i].latencies = new(Histogram)
		}
	}
	return lanes
}

// chunk is how many ops a caller does before it looks whether time is up.
const chunk = 128

// warm does the first Warm pieces of work.
func (c *Contest) warm(e Entrant) {
	const callers = 64
	var next atomic.Int64
	var done sync.WaitGroup
	for caller := range callers {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < c.Warm; i = int(next.Add(1)) - 1 {
				e.Op(caller%c.callers(), int(c.Work[i%len(c.Work)]))
			}
		})
	}
	done.Wait()
}

// background is what the program allocates in a nanosecond while nobody works:
// contenders have clients that look after their connections.
type background struct{ allocs, bytes float64 }

func (c *Contest) idle(d time.Duration) background {
	if c.Take != nil || c.Latency {
		return background{} // of no weight there
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	time.Sleep(d)
	took := float64(time.Since(begun))
	runtime.ReadMemStats(&after)
	return background{float64(after.Mallocs-before.Mallocs) / took, float64(after.TotalAlloc-before.TotalAlloc) / took}
}

// takeFrom leaves in figures what the contender allocated itself.
func (b background) takeFrom(figures map[Unit]float64) {
	figures[AllocsPerOp] = max(0, figures[AllocsPerOp]-b.allocs*figures[NsPerOp])
	figures[BytesPerOp] = max(0, figures[BytesPerOp]-b.bytes*figures[NsPerOp])
}

// slot lets e work for d, and returns the number of ops and the figures. Each
// caller goes on in the work where it was.
func (c *Contest) slot(e Entrant, lanes []lane, places []int, d time.Duration) (int64, map[Unit]float64) {
	if e.Before != nil {
		e.Before()
	}
	var over atomic.Bool
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range lanes {
		lanes[i].ops, lanes[i].failed = 0, 0
		if c.Latency {
			lanes[i].latencies.Reset()
		}
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			places[i] = c.work(e.Op, &lanes[i], i, places[i], &over)
		})
	}
	ready.Wait()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime()
	timer := time.AfterFunc(d, func() { over.Store(true) })
	begun := time.Now()
	close(start)
	done.Wait()
	took := time.Since(begun)
	cpu = cpuTime() - cpu
	timer.Stop()
	runtime.ReadMemStats(&after)

	var ops, failed int64
	for i := range lanes {
		ops += lanes[i].ops
		failed += lanes[i].failed
	}
	n := float64(max(ops, 1))
	figures := map[Unit]float64{
		NsPerOp:     float64(took) / n,
		AllocsPerOp: float64(after.Mallocs-before.Mallocs) / n,
		BytesPerOp:  float64(after.TotalAlloc-before.TotalAlloc) / n,
		Failed:      100 * float64(failed) / n,
	}
	if cpu > 0 {
		figures[CPUPerOp] = float64(cpu) / n
	}
	if c.Latency {
		var all Histogram
		for i := range lanes {
			all.Merge(lanes[i].latencies)
		}
		figures[P50], figures[P99] = float64(all.Quantile(0.50)), float64(all.Quantile(0.99))
	}
	if e.Figures != nil {
		maps.Copy(figures, e.Figures(ops))
	}
	return ops, figures
}

// places is where the callers begin in the work: they are spread over it.
func (c *Contest) places() []int {
	places := make([]int, c.callers())
	for i := range places {
		places[i] = i * len(c.Work) / len(places)
	}
	return places
}

// work does op after op until time is over, and returns where it has come to.
func (c *Contest) work(op Op, l *lane, caller, at int, over *atomic.Bool) int {
	work := c.Work
	if c.Latency {
		for !over.Load() {
			begun := time.Now()
			ok := op(caller, int(work[at]))
			l.latencies.Add(time.Since(begun))
			l.ops++
			if !ok {
				l.failed++
			}
			if at++; at == len(work) {
				at = 0
			}
		}
		return at
	}
	for !over.Load() {
		failed := int64(0)
		for range chunk {
			if !op(caller, int(work[at])) {
				failed++
			}
			if at++; at == len(work) {
				at = 0
			}
		}
		l.ops += chunk
		l.failed += failed
	}
	return at
}

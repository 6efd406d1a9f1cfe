package contest

import (
	"fmt"
	"math"
)

// Kind is how a bar compares.
type Kind int

// The kinds of bars. Of several peers the one that is hardest to beat counts.
const (
	RatioAtMost       Kind = iota // ours / peer, of figures of which less is better
	SpeedAtLeast                  // peer / ours, of figures of which less is better
	AtMost                        // ours alone
	AtLeast                       // ours alone
	DifferenceAtLeast             // ours - peer, of figures of which more is better
	DifferenceAtMost              // |ours - peer|
)

// Bar is what a contest should show.
type Bar struct {
	Text    string // what it is about
	Contest string
	Ours    string
	Peers   []string
	Unit    Unit
	Kind    Kind
	Limit   float64

	// Bound is a contender that does only what anybody would have to do, and so
	// shows what the machine allows. "" is none.
	Bound string
}

// Verdict is what became of a bar.
type Verdict struct {
	Bar
	Value float64 // what is compared with the limit
	ByCPU float64 // the same of the time of the processors, if Unit is NsPerOp
	Floor float64 // what Value would be of the contender that is the bound
	Peer  string  // the peer that counted
	Met   bool
	Known bool // false if the contest was not run, or one of them did not take part
}

// noAllocs is what a contender may have in allocations per op that makes none:
// the harness and the background of the program allocate too.
const noAllocs = 0.01

// Judge says whether the bar is met.
func (b Bar) Judge(results []*Result) Verdict {
	v := b.judge(results)
	if v.Floor = math.NaN(); b.Bound != "" && v.Known {
		bound := b
		bound.Ours = b.Bound
		if v.Peer != "" {
			bound.Peers = []string{v.Peer}
		}
		v.Floor = bound.judge(results).Value
	}
	if v.ByCPU = math.NaN(); b.Unit == NsPerOp && v.Known {
		b.Unit, b.Peers = CPUPerOp, []string{v.Peer}
		v.ByCPU = b.judge(results).Value
	}
	return v
}

func (b Bar) judge(results []*Result) Verdict {
	v := Verdict{Bar: b, Value: math.NaN()}
	ours := find(results, b.Contest, b.Ours)
	if ours == nil {
		return v
	}
	own := ours.Median(b.Unit)
	peer := math.NaN()
	for _, name := range b.Peers {
		r := find(results, b.Contest, name)
		if r == nil {
			continue
		}
		more := b.Kind == DifferenceAtLeast || b.Kind == DifferenceAtMost
		if f := r.Median(b.Unit); math.IsNaN(peer) || more && f > peer || !more && f < peer {
			peer, v.Peer = f, name
		}
	}
	switch b.Kind {
	case RatioAtMost:
		v.Value = own / peer
		v.Met = v.Value <= b.Limit
	case SpeedAtLeast:
		v.Value = peer / own
		v.Met = v.Value >= b.Limit
	case AtMost:
		v.Value = own
		v.Met = v.Value <= b.Limit || b.Unit == AllocsPerOp && v.Value <= b.Limit+noAllocs
	case AtLeast:
		v.Value = own
		v.Met = v.Value >= b.Limit
	case DifferenceAtLeast:
		v.Value = own - peer
		v.Met = v.Value >= b.Limit
	case DifferenceAtMost:
		v.Value = math.Abs(own - peer)
		v.Met = v.Value <= b.Limit
	}
	v.Known = !math.IsNaN(v.Value)
	return v
}

func find(results []*Result, contest, contender string) *Result {
	for _, r := range results {
		if r.Contest == contest && r.Contender == contender && r.Err == nil {
			return r
		}
	}
	return nil
}

// Wanted is the limit in words.
func (b Bar) Wanted() string {
	limit := number(b.Limit)
	switch b.Kind {
	case RatioAtMost:
		return "≤ " + limit + " ×"
	case SpeedAtLeast:
		return "≥ " + limit + " × as fast"
	case AtMost:
		return "≤ " + limit + " " + string(b.Unit)
	case AtLeast:
		return "≥ " + limit + " " + string(b.Unit)
	case DifferenceAtLeast:
		return fmt.Sprintf("≥ %+g points", b.Limit)
	default:
		return "within " + limit + " points"
	}
}

// Found is the value in words.
func (v Verdict) Found() string {
	switch {
	case !v.Known:
		return "not measured"
	case v.Kind == RatioAtMost, v.Kind == SpeedAtLeast:
		return number(v.Value) + " ×"
	case v.Kind == DifferenceAtLeast:
		return fmt.Sprintf("%+.2f points", v.Value)
	case v.Kind == DifferenceAtMost:
		return fmt.Sprintf("%.2f points", v.Value)
	}
	return number(v.Value) + " " + string(v.Unit)
}

// FoundByCPU is the value in words that the time of the processors gives, and
// nothing where that is not the question. It says less of the machine and of
// waiting, and more of the work.
func (v Verdict) FoundByCPU() string {
	if math.IsNaN(v.ByCPU) {
		return ""
	}
	v.Value = v.ByCPU
	return v.Found()
}

// FoundAtBound is the value in words of the contender that is the bound, and
// nothing if there is none.
func (v Verdict) FoundAtBound() string {
	if math.IsNaN(v.Floor) {
		return ""
	}
	v.Value = v.Floor
	return v.Found()
}

// Answer is "yes", "no" or "–".
func (v Verdict) Answer() string {
	switch {
	case !v.Known:
		return "–"
	case v.Met:
		return "yes"
	}
	return "no"
}

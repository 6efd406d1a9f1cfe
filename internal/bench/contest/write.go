package contest

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
)

// order is the order of the columns; units that are not here come after.
var order = []Unit{NsPerOp, CPUPerOp, P50, P99, AllocsPerOp, BytesPerOp}

// WriteTable writes the results of one contest as a table in Markdown. The last
// columns compare a contender's time, and its time of the processors, with those
// of the first one.
func WriteTable(w io.Writer, results []*Result) {
	units := columns(results)
	times := slices.Contains(units, NsPerOp)
	fmt.Fprint(w, "| |")
	for _, u := range units {
		fmt.Fprintf(w, " %s |", u)
	}
	if times {
		fmt.Fprintf(w, " ± | ops/s | time / %s | cpu |", results[0].Contender)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("--:|", len(units)+4*btoi(times)))
	for _, r := range results {
		fmt.Fprintf(w, "| %s |", r.Contender)
		if r.Err != nil {
			fmt.Fprintf(w, " %v |%s\n", r.Err, strings.Repeat(" |", len(units)-1+4*btoi(times)))
			continue
		}
		for _, u := range units {
			fmt.Fprintf(w, " %s |", number(r.Median(u)))
		}
		if times {
			ns := r.Median(NsPerOp)
			fmt.Fprintf(w, " %.0f %% | %s | %s | %s |", 100*Spread(r.Figures[NsPerOp]), number(1e9/ns),
				number(ns/results[0].Median(NsPerOp)), number(r.Median(CPUPerOp)/results[0].Median(CPUPerOp)))
		}
		fmt.Fprintln(w)
	}
}

// columns are the units of the results, but for failures that nobody had.
func columns(results []*Result) []Unit {
	var units []Unit
	for _, r := range results {
		for u, figures := range r.Figures {
			if !slices.Contains(units, u) && (u != Failed || slices.Max(figures) > 0) {
				units = append(units, u)
			}
		}
	}
	place := func(u Unit) int {
		if i := slices.Index(order, u); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(units, func(a, b Unit) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(string(a), string(b))
	})
	return units
}

// WriteBars writes the verdicts as a table in Markdown.
func WriteBars(w io.Writer, verdicts []Verdict) {
	fmt.Fprintln(w, "| | ours | against | wanted | found | by cpu | the limit | met |\n|---|---|---|--:|--:|--:|--:|---|")
	for _, v := range verdicts {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %s | %s |\n",
			v.Text, v.Ours, v.Peer, v.Wanted(), v.Found(), v.FoundByCPU(), v.FoundAtBound(), v.Answer())
	}
}

// WriteBenchHeader writes what comes first in a file of Go's benchmarks.
func WriteBenchHeader(w io.Writer) {
	fmt.Fprintf(w, "goos: %s\ngoarch: %s\npkg: github.com/tunica-go/tunica/internal/bench\n", runtime.GOOS, runtime.GOARCH)
}

// WriteBench writes results in the format of Go's benchmarks, a line for each
// round, for benchstat: "benchstat -col /contender file" compares contenders.
func WriteBench(w io.Writer, results []*Result) {
	for _, r := range results {
		for i, ops := range r.Ops {
			fmt.Fprintf(w, "Benchmark%s/contender=%s-%d\t%d", title(r.Contest), plain(r.Contender), r.Callers, ops)
			for _, u := range columns([]*Result{r}) {
				if i < len(r.Figures[u]) {
					fmt.Fprintf(w, "\t%g %s", r.Figures[u][i], u)
				}
			}
			fmt.Fprintln(w)
		}
	}
}

func title(name string) string { return strings.ToUpper(name[:1]) + plain(name[1:]) }

// plain makes of s a part of a benchmark's name.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', ',', '=', ':':
			return '_'
		}
		return r
	}, s)
}

// number writes f with three digits, and no more than are of interest.
func number(f float64) string {
	switch a := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "–"
	case a < 0.005:
		return "0"
	case a < 10:
		return fmt.Sprintf("%.3g", f)
	case a < 100:
		return fmt.Sprintf("%.1f", f)
	case a < 1e5:
		return fmt.Sprintf("%.0f", f)
	case a < 1e6:
		return fmt.Sprintf("%.0fk", f/1e3)
	}
	return fmt.Sprintf("%.2fM", f/1e6)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

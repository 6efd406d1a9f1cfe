package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/suite"
)

// report is what a run has found.
type report struct {
	options  contest.Options
	full     bool
	begun    time.Time
	contests []section
}

type section struct {
	name    string
	results []*contest.Result
}

// contest runs c, prints its table and keeps it.
func (r *report) contest(c contest.Contest) {
	begun := time.Now()
	h := new(contest.Host)
	var results []*contest.Result
	err := h.Run(func() { results = c.Run(h, r.options) })
	if err != nil {
		fmt.Printf("## %s\n\n%v\n\n", c.Name, err)
		return
	}
	r.contests = append(r.contests, section{c.Name, results})
	fmt.Printf("## %s (%v)\n\n", c.Name, time.Since(begun).Round(time.Second))
	contest.WriteTable(os.Stdout, results)
	fmt.Println()
}

func (r *report) results() []*contest.Result {
	var all []*contest.Result
	for _, s := range r.contests {
		all = append(all, s.results...)
	}
	return all
}

// plotOf returns the name of the file with the picture of a contest.
func plotOf(name string) string {
	return strings.NewReplacer("/", "-", "%", "").Replace(name) + ".svg"
}

// save writes what has been found so far: the tables as report.md, report.txt for
// benchstat, and a picture of each contest.
func (r *report) save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "report.md"), r.markdown(), 0o644); err != nil {
		return err
	}
	for _, s := range r.contests {
		var plot bytes.Buffer
		contest.WritePlot(&plot, s.results, suite.Ours)
		if err := os.WriteFile(filepath.Join(dir, plotOf(s.name)), plot.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "report.txt"), r.bench(), 0o644)
}

// markdown returns the bars and all tables.
func (r *report) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Report of one run\n\n%s, %d cores, %s, %d rounds of %v, %v in all. How to read this: docs/performance.md.\n\n## Bars\n\n",
		runtime.Version(), runtime.GOMAXPROCS(0), pick(r.full, "whole matrix", "short form"),
		r.options.Rounds, r.options.Slot, time.Since(r.begun).Round(time.Second))
	contest.WriteBars(&b, suite.Judge(r.results()))
	for _, s := range r.contests {
		fmt.Fprintf(&b, "\n## %s\n\n", s.name)
		contest.WriteTable(&b, s.results)
	}
	return b.Bytes()
}

// bench returns the format of Go's benchmarks, for benchstat.
func (r *report) bench() []byte {
	var b bytes.Buffer
	contest.WriteBenchHeader(&b)
	for _, s := range r.contests {
		contest.WriteBench(&b, s.results)
	}
	return b.Bytes()
}

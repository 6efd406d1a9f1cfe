// Report runs the contests between this module and its peers, writes what they
// find, and says of each bar whether it is met. The files are written anew after
// each contest, so that a run that is broken off has something to show.
//
//	go run ./report -run '^hit/' -out results
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"regexp"
	"time"

	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/suite"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("report: ")
	var (
		full   = flag.Bool("full", false, "run the whole matrix")
		run    = flag.String("run", "", "run only the contests whose names match this regular expression")
		rounds = flag.Int("rounds", 0, "rounds of each contest; 0 is 6, or 10 with -full")
		slot   = flag.Duration("time", 0, "time of a contender in a round; 0 is 150ms, or 500ms with -full")
		seed   = flag.Uint64("seed", 1, "seed of the order in which contenders take turns")
		out    = flag.String("out", "", "directory for report.md and report.txt; empty: print the tables only")
		list   = flag.Bool("list", false, "list the contests, and run none")
	)
	flag.Parse()
	o := contest.Options{Rounds: *rounds, Slot: *slot, Seed: *seed}
	if o.Rounds == 0 {
		o.Rounds = pick(*full, 10, 6)
	}
	if o.Slot == 0 {
		o.Slot = pick(*full, 500*time.Millisecond, 150*time.Millisecond)
	}
	only, err := regexp.Compile(*run)
	if err != nil {
		log.Fatal(err)
	}
	host := new(contest.Host)
	env := &suite.Env{Full: *full, Host: host}
	r := &report{options: o, full: *full, begun: time.Now()}
	err = host.Run(func() {
		for _, c := range suite.Contests(env) {
			if !only.MatchString(c.Name) {
				continue
			}
			if *list {
				fmt.Println(c.Name)
				continue
			}
			r.contest(c)
			if *out != "" {
				host.Must(r.save(*out))
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	if *list {
		return
	}
	contest.WriteBars(os.Stdout, suite.Judge(r.results()))
}

func pick[T any](cond bool, yes, no T) T {
	if cond {
		return yes
	}
	return no
}

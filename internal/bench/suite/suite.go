package suite

import "github.com/tunica-go/tunica/internal/bench/contest"

// Contests returns all contests of a run, those of the full matrix if e says
// so.
func Contests(e *Env) []contest.Contest {
	var all []contest.Contest
	for _, contests := range []func(*Env) []contest.Contest{
		hitContests,
	} {
		all = append(all, contests(e)...)
	}
	return all
}

package suite

import "github.com/tunica-go/tunica/internal/bench/contest"

// Contests returns all contests of a run, those of the whole matrix if e says
// so.
func Contests(e *Env) []contest.Contest {
	var all []contest.Contest
	for _, contests := range []func(*Env) []contest.Contest{
		hitContests,
		sizeContests,
		throughputContests,
		endToEndContests,
		hitRatioContests,
		typedContests,
		layerContests,
		stampedeContests,
		silentContests,
		memoryContests,
	} {
		all = append(all, contests(e)...)
	}
	return all
}

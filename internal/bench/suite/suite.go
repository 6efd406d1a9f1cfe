package suite

import (
	"strings"

	"github.com/tunica-go/tunica/internal/bench/contest"
)

// Contests returns all contests of a run, those of the whole matrix if e says
// so.
func Contests(e *Env) []contest.Contest {
	var all []contest.Contest
	for _, contests := range []func(*Env) []contest.Contest{
		hitContests,
		sizeContests,
		throughputContests,
		missContests,
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

// Ours reports whether a contender is of this module, by its name.
func Ours(contender string) bool {
	for _, prefix := range []string{"tunica", "Namespace(", "Codec(", "Trace(", "Cache", "Singleflight(", "Intercept("} {
		if strings.HasPrefix(contender, prefix) {
			return true
		}
	}
	return false
}

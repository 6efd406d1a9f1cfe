package explore

import (
	"flag"
	"strings"
	"testing"
	"time"
)

var (
	limit    = flag.Int("explore.limit", 2000, "how many schedules of a scenario to take at most")
	seed     = flag.Uint64("explore.seed", uint64(time.Now().UnixNano()), "of the choices where there are more schedules than that")
	schedule = flag.String("explore.schedule", "", "the one schedule to take, as a failure prints it")
)

func TestExplore(t *testing.T) {
	t.Logf("seed %d", *seed)
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			if *schedule != "" {
				if name, _, _ := strings.Cut(*schedule, ":"); name == s.Name {
					if bad := Replay(t, s, *schedule, func(line string) { t.Log(line) }); bad != "" {
						t.Error(bad)
					}
				}
				return
			}
			t.Parallel()
			start := time.Now()
			r := Explore(t, s, *limit, *seed)
			if r.Bad != "" {
				var steps []string
				Replay(t, s, r.Schedule, func(line string) { steps = append(steps, line) })
				t.Fatalf("schedule %d: %s\n%s\ntake it again with -run TestExplore -explore.schedule=%s",
					r.Schedules, r.Bad, strings.Join(steps, "\n"), r.Schedule)
			}
			t.Logf("%s: %d schedules (all: %v), %v", s.Name, r.Schedules, r.All, time.Since(start).Round(time.Millisecond))
		})
	}
}

package explore

import (
	"flag"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var (
	sample   = flag.Int("explore.sample", 10, "how many schedules of a scenario to take in order, and as many at random; 0 is all there are")
	seed     = flag.Uint64("explore.seed", uint64(time.Now().UnixNano()), "of the random choices")
	schedule = flag.String("explore.schedule", "", "the one schedule to take, as a failure prints it")
)

func TestExplore(t *testing.T) {
	scenarios := append(Scenarios(), Pairs()...)
	if *schedule != "" {
		replay(t, scenarios)
		return
	}
	var schedules, bad atomic.Int64
	t.Cleanup(func() {
		how := "all there are"
		if *sample > 0 {
			how = fmt.Sprintf("those at random with -explore.seed=%d", *seed)
		}
		fmt.Printf("explore: %d schedules of %d scenarios, %s: %d bad\n", schedules.Load(), len(scenarios), how, bad.Load())
	})
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if bad.Load() > 0 && flag.Lookup("test.failfast").Value.String() == "true" {
				t.Skip("another scenario has failed")
			}
			r := Explore(t, s, *sample, *seed)
			schedules.Add(int64(r.Schedules))
			if r.Bad == "" {
				return
			}
			bad.Add(1)
			var steps []string
			Replay(t, s, r.Schedule, func(line string) { steps = append(steps, line) })
			t.Errorf("schedule %d: %s\n%s\ntake it again with -run TestExplore '-explore.schedule=%s'",
				r.Schedules, r.Bad, strings.Join(steps, "\n"), r.Schedule)
		})
	}
}

func replay(t *testing.T, scenarios []*Scenario) {
	name, _, _ := strings.Cut(*schedule, ";")
	for _, s := range scenarios {
		if s.Name != name {
			continue
		}
		if bad := Replay(t, s, *schedule, func(line string) { t.Log(line) }); bad != "" {
			t.Error(bad)
		}
		return
	}
	t.Fatalf("there is no scenario %q", name)
}

// A name stands for one scenario, because it is how a schedule is found again.
func TestNamesAreDistinct(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range append(Scenarios(), Pairs()...) {
		if seen[s.Name] || strings.ContainsAny(s.Name, "; ") {
			t.Errorf("the name %q is used twice, or cannot be given on a command line", s.Name)
		}
		seen[s.Name] = true
	}
}

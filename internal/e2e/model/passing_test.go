package model

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// bubble is memory where time stands still during an operation, so that
// moments are exact.
var bubble = func() ground {
	g := memory
	g.name, g.slack = "memstore in a bubble", 0
	return g
}()

// exact are the stacks that keep nothing longer than its ttl.
func exact() []stack {
	return slices.DeleteFunc(slices.Clone(stacks), func(s stack) bool { return s.timeless })
}

// The same streams while time passes: values expire, at exactly the moment at
// which they do in the map.
func TestModelPassingTime(t *testing.T) {
	here := site{ground: bubble, stacks: exact()}
	total := max(wantedCases(t)/20, usualCases/2)
	setFlag("rapid.checks", 1+total/opsPerStream)
	n := check(t, total, passing, func(t *rapid.T, s stream) (d *difference) {
		rapid.SyncTest(t, func(t *rapid.T) { d = play(t.Context(), s, here) })
		return d
	})
	t.Logf("model: %d cases on %d stacks while time passes: 0 differences", n, len(here.stacks))
}

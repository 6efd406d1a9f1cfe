package storagetest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The pattern of go test -run leaves subtests out, whose functions are then
// not called. That is seen from outside only.
func TestRunOneLaw(t *testing.T) {
	for _, pattern := range []string{
		"law8",                           // the groups before and after it are left out
		"law8/ended-context-reads-truth", // so is the other case of the group
		"no-such-law",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, os.Args[0], "-test.v",
			"-test.run", "^TestCorrectStoresPass$/^three_methods$/"+pattern).CombinedOutput()
		if err != nil {
			t.Fatalf("-run %s: %v, %v\n%s", pattern, err, ctx.Err(), out)
		}
		if strings.Contains(string(out), "/law1") {
			t.Errorf("-run %s has run law 1:\n%s", pattern, out)
		}
		if pattern == "law8" && !strings.Contains(string(out), "/three_methods/law8/") {
			t.Errorf("-run %s has not run it:\n%s", pattern, out)
		}
	}
}

// Command ablate takes the guards of the cache, of the flights, of singleflight,
// of the interceptors and of redisstore out of the code, one at a time, and says which checker
// notices.
//
// The source is not changed: the go command compiles the changed file from
// elsewhere, by its flag -overlay. The checkers are the schedule explorer, then
// the tests of the packages, then the laws, as far as the changed code is in
// them. Each has a minute, those of redisstore three, and notices by a test that
// fails, panics, or does not end in that time, as it does with the guard. A guard
// that no checker misses makes the command fail, after all the others, and so does
// one of which it cannot be said.
//
//	go run ./ablate            # all
//	go run ./ablate -run fence # those whose name matches
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// limit is how long a checker may take to notice, and redisLimit how long the
// tests of redisstore may, which start and stop servers.
const (
	limit      = time.Minute
	redisLimit = 3 * time.Minute
)

// checkers are test binaries and what they are run with.
var checkers = []struct {
	name string
	pkg  string
	args []string
}{
	{"schedules", module + "/internal/e2e/explore", []string{"-test.run=TestExplore", "-explore.sample=60", "-explore.seed=1"}},
	{"tests", module + "/decorators/cache", nil},
	{"tests", module + "/decorators/singleflight", nil},
	{"tests", module + "/internal/flight", nil},
	{"tests", module + "/decorators/retry", nil},
	{"tests", module + "/decorators/timeout", nil},
	{"tests", module + "/decorators/breaker", nil},
	{"tests", module + "/decorators/limit", nil},
	{"tests", redisstore, []string{"-test.skip=^TestLaws$|^Test(Cluster|Sentinel)$/^laws$"}},
	{"laws", module + "/internal/e2e/laws", []string{"-test.run=TestLaws/memstore"}},
}

const (
	module     = "github.com/tunica-go/tunica"
	redisstore = module + "/adapters/redisstore"
)

func main() {
	match := flag.String("run", "", "a regular expression for the names of the ablations")
	flag.Parse()
	if err := run(*match); err != nil {
		fmt.Fprintln(os.Stderr, "ablate:", err)
		os.Exit(1)
	}
}

func run(match string) error {
	pattern, err := regexp.Compile(match)
	if err != nil {
		return err
	}
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ablate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var wanted []ablation
	packages := make(map[string]bool)
	for _, a := range ablations {
		if pattern.MatchString(a.name) {
			wanted = append(wanted, a)
			packages[a.pkg()] = true
		}
	}
	usual := make(map[string]time.Duration)
	if by, err := noticed(dir, "", packages, usual); by != "" || err != nil {
		return fmt.Errorf("no guard is gone, and a checker fails: %s %w", by, err)
	}
	count, caught := len(wanted), 0
	for _, a := range wanted {
		start := time.Now()
		verdict := "NOT CAUGHT"
		switch by, err := a.find(root, dir, usual); {
		case err != nil:
			verdict = "NOT DECIDED: " + err.Error()
		case by != "":
			caught++
			verdict = "caught by the " + by
		}
		fmt.Printf("%-26s %s: %s (%.1f s)\n", a.name, a.why, verdict, time.Since(start).Seconds())
	}
	fmt.Printf("ablate: %d guards taken out, %d caught\n", count, caught)
	if caught < count || count == 0 {
		return errors.New("not every guard that is gone is missed by a checker")
	}
	return nil
}

// moduleRoot is where the root module is.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("go list: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// find returns the first checker that notices a, or "".
func (a *ablation) find(root, dir string, usual map[string]time.Duration) (string, error) {
	overlay, err := a.overlay(root, dir)
	if err != nil {
		return "", err
	}
	return noticed(dir, overlay, map[string]bool{a.pkg(): true}, usual)
}

// pkg is the package of the file.
func (a *ablation) pkg() string { return module + "/" + path.Dir(a.file) }

// hasAny reports whether the test binary of checker has code of packages.
func hasAny(checker string, packages map[string]bool) (bool, error) {
	out, err := exec.Command("go", "list", "-deps", "-test", checker).Output()
	if err != nil {
		return false, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(out)) { // a path, or a path and what it is built for
		if packages[strings.Fields(line)[0]] {
			return true, nil
		}
	}
	return false, nil
}

// failure is how a test binary says that a test has failed, and hang how it says
// which one does not end.
var (
	failure = regexp.MustCompile(`(?m)^\s*(--- FAIL: \S+|panic: .*|fatal error: .*|goroutines: \d+ before .*)`)
	hang    = regexp.MustCompile(`panic: test timed out after \S+(?:\s+running tests:)?\s+(\S+)`)
)

// noticed returns the first checker that notices, with the first test of it
// that fails, or "". Those without code of packages are not asked. It is an error
// if the code does not build, or if a checker neither passes nor fails in time. One
// that does not end has noticed if it usually takes less than half of that; without
// an overlay, what is usual is found out.
func noticed(dir, overlay string, packages map[string]bool, usual map[string]time.Duration) (by string, err error) {
	binary := filepath.Join(dir, "checker.test")
	for _, c := range checkers {
		if ok, err := hasAny(c.pkg, packages); err != nil {
			return "", err
		} else if !ok {
			continue
		}
		args := []string{"test", "-c", "-o", binary}
		if overlay != "" {
			args = append(args, "-overlay", overlay)
		}
		if out, err := exec.Command("go", append(args, c.pkg)...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s does not build: %w\n%s", c.pkg, err, out)
		}
		patience := limit
		if c.pkg == redisstore {
			patience = redisLimit
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience+limit/2)
		cmd := exec.CommandContext(ctx, binary, append([]string{"-test.failfast", "-test.timeout=" + patience.String()}, c.args...)...)
		begun := time.Now()
		out, err := cmd.CombinedOutput()
		timedOut := ctx.Err() != nil
		cancel()
		if overlay == "" {
			usual[c.pkg] = time.Since(begun)
		}
		first := failure.FindSubmatch(out)
		hung := hang.FindSubmatch(out)
		switch {
		case err == nil:
		case hung != nil && 2*usual[c.pkg] < patience:
			return c.name + ", which hang: " + string(hung[1]), nil
		case hung != nil, timedOut:
			return "", fmt.Errorf("%s does not end within %v", c.pkg, patience)
		case first != nil:
			return c.name + ", " + string(first[1]), nil
		default:
			return "", fmt.Errorf("%s: %w\n%s", c.pkg, err, out)
		}
	}
	return "", nil
}

// overlay writes the changed file and the description for -overlay, whose name
// it returns.
func (a *ablation) overlay(root, dir string) (string, error) {
	file := filepath.Join(root, filepath.FromSlash(a.file))
	source, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	changed, err := a.apply(string(source))
	if err != nil {
		return "", err
	}
	replaced := filepath.Join(dir, "changed.go")
	description, err := json.Marshal(map[string]any{"Replace": map[string]string{file: replaced}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, errors.Join(os.WriteFile(replaced, []byte(changed), 0o600), os.WriteFile(overlay, description, 0o600))
}

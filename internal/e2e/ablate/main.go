// Command ablate takes the guards of the cache, of the flights and of
// singleflight out of the code, one at a time, and says which checker notices.
//
// The source is not changed: the go command compiles the changed file from
// elsewhere, by its flag -overlay. The checkers are the schedule explorer, then
// the tests of the packages, then the laws. A guard that no checker misses
// within a minute makes the command fail.
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
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// limit is how long a checker may take to notice, building included.
const limit = time.Minute

var checkers = []struct {
	name string
	args []string // of go test
}{
	{"schedules", []string{"./explore", "-run", "TestExplore", "-explore.sample=60", "-explore.seed=1"}},
	{"tests", []string{
		module + "/decorators/cache", module + "/decorators/singleflight", module + "/internal/flight",
	}},
	{"laws", []string{"./laws", "-run", "TestLaws/memstore"}},
}

const module = "github.com/tunica-go/tunica"

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
	if by, err := noticed(nil); by != "" {
		return fmt.Errorf("the %s fail although no guard is gone: %w", by, err)
	}
	count, caught := 0, 0
	for _, a := range ablations {
		if !pattern.MatchString(a.name) {
			continue
		}
		count++
		start := time.Now()
		by, err := a.find(root, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		verdict := "NOT CAUGHT"
		if by != "" {
			caught++
			verdict = "caught by the " + by
		}
		fmt.Printf("%-28s %-24s %4.1f s  %s\n", a.name, verdict, time.Since(start).Seconds(), a.why)
	}
	fmt.Printf("ablate: %d guards taken out, %d caught\n", count, caught)
	if caught < count || count == 0 {
		return errors.New("no checker misses a guard that is gone")
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
func (a *ablation) find(root, dir string) (string, error) {
	overlay, err := a.overlay(root, dir)
	if err != nil {
		return "", err
	}
	if out, err := goRun("build", "-overlay", overlay, module+"/decorators/..."); err != nil {
		return "", fmt.Errorf("it does not build:\n%s", out)
	}
	by, _ := noticed([]string{"-overlay", overlay})
	return by, nil
}

// noticed returns the first checker that fails, and how, or "".
func noticed(flags []string) (by string, err error) {
	for _, c := range checkers {
		args := append([]string{"test", "-timeout", "50s", "-failfast", "-count=1"}, flags...)
		if out, err := goRun(append(args, c.args...)...); err != nil {
			return c.name, fmt.Errorf("%w:\n%s", err, out)
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

// goRun runs the go command, with the limit.
func goRun(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.WaitDelay = time.Second
	return cmd.CombinedOutput()
}

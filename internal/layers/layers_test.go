package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tunica-go/tunica/"

// required are the packages without which the rules would hold of nothing.
var required = []string{"storage", "adapters/memstore", "decorators/namespace"}

// smallProgram is what a program imports that has no server to talk to.
var smallProgram = []string{module + "adapters/memstore", module + "decorators/namespace"}

// pkg is a package as go list describes it.
type pkg struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func TestLayers(t *testing.T) {
	packages := list(t)
	for _, offence := range check(packages) {
		t.Error(offence)
	}
}

func TestSmallProgramLinksNoThirdParty(t *testing.T) {
	packages := list(t)
	chains := reach(packages, smallProgram...)
	ours := 0
	for _, path := range slices.Sorted(maps.Keys(chains)) {
		if !packages[path].Standard {
			t.Log(path)
		}
		if strings.HasPrefix(path, module) {
			ours++
		}
	}
	t.Logf("and %d packages of the standard library", len(chains)-ours)
	if ours < 3 {
		t.Errorf("found %d packages of this module, want storage, memstore and namespace at least", ours)
	}
	for _, offence := range checkSmallProgram(packages) {
		t.Error(offence)
	}
}

// check returns what breaks the rules, in words.
func check(packages map[string]pkg) []string {
	var offences []string
	for _, name := range required {
		if _, ok := packages[module+name]; !ok {
			offences = append(offences, name+" does not exist: its rule was not checked")
		}
	}
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		if name := strings.TrimPrefix(path, module); name == "storage" {
			offences = append(offences, checkStandardOnly(packages, name)...)
		} else if family(path) != "" {
			offences = append(offences, checkSiblings(packages, path)...)
		}
	}
	return offences
}

func checkStandardOnly(packages map[string]pkg, name string) (offences []string) {
	chains := reach(packages, module+name)
	for _, path := range slices.Sorted(maps.Keys(chains)) {
		if path != module+name && !packages[path].Standard {
			offences = append(offences, fmt.Sprintf("%s depends on more than the standard library: %s", name, chains[path]))
		}
	}
	return offences
}

// checkSiblings holds a decorator or an adapter against the rule that it depends
// on no other.
func checkSiblings(packages map[string]pkg, path string) (offences []string) {
	own := family(path)
	chains := reach(packages, path)
	for _, dep := range slices.Sorted(maps.Keys(chains)) {
		other := family(dep)
		codec := other == "decorators/codec" && strings.HasPrefix(own, "decorators/")
		stats := other == "decorators/cache" && own == "decorators/metrics"
		if other != "" && other != own && !codec && !stats {
			offences = append(offences, fmt.Sprintf("%s depends on %s: %s", own, other, chains[dep]))
		}
	}
	return offences
}

// checkSmallProgram returns the third-party packages in a smallProgram.
func checkSmallProgram(packages map[string]pkg) (offences []string) {
	chains := reach(packages, smallProgram...)
	for _, path := range slices.Sorted(maps.Keys(chains)) {
		if !packages[path].Standard && !strings.HasPrefix(path, module) {
			offences = append(offences, fmt.Sprintf("a program of memstore and namespace links %s: %s", path, chains[path]))
		}
	}
	return offences
}

// family returns the decorator or adapter that the package belongs to, such as
// decorators/cache, or "" for a package outside of them.
func family(path string) string {
	name, ok := strings.CutPrefix(path, module)
	parts := strings.Split(name, "/")
	if !ok || len(parts) < 2 || parts[0] != "decorators" && parts[0] != "adapters" {
		return ""
	}
	return parts[0] + "/" + parts[1]
}

// reach returns all packages that the roots depend on, themselves included, each
// with the shortest chain of imports that leads there.
func reach(packages map[string]pkg, roots ...string) map[string]string {
	chains := make(map[string]string)
	var next []string
	for _, root := range roots {
		if _, ok := packages[root]; ok {
			chains[root] = strings.TrimPrefix(root, module)
			next = append(next, root)
		}
	}
	for len(next) > 0 {
		path := next[0]
		next = next[1:]
		for _, dep := range packages[path].Imports {
			if _, seen := chains[dep]; !seen {
				chains[dep] = chains[path] + " → " + strings.TrimPrefix(dep, module)
				next = append(next, dep)
			}
		}
	}
	return chains
}

// list returns the packages of this module and all that they depend on.
func list(t *testing.T) map[string]pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports", "./...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	packages := make(map[string]pkg)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages[p.ImportPath] = p
	}
}

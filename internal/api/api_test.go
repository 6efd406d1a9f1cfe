package api

import (
	"encoding/json"
	"errors"
	"flag"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/api.txt")

const (
	module = "github.com/tunica-go/tunica/"
	golden = "testdata/api.txt"
)

func TestAPI(t *testing.T) {
	got := strings.Join(api(t), "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	for line := range strings.SplitSeq(got, "\n") {
		if !slices.Contains(want, line) {
			t.Errorf("not in %s: %s", golden, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(strings.Split(got, "\n"), line) {
			t.Errorf("only in %s: %s", golden, line)
		}
	}
	if t.Failed() {
		t.Log("if the change of the API is meant, go test ./internal/api -update writes the file, and CHANGELOG.md says what a user notices")
	}
}

// api lists the exported names of the public packages, a line each.
func api(t *testing.T) (lines []string) {
	t.Helper()
	public, exports := listed(t)
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.New("no export data of " + path)
		}
		return os.Open(exports[path])
	})
	for _, p := range public {
		pkg, err := imp.Import(p.ImportPath)
		if err != nil {
			t.Fatal(err)
		}
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		lines = append(lines, describe(pkg, deprecated(files))...)
	}
	return lines
}

// listing is a package as go list describes it.
type listing struct {
	ImportPath, Export, Name, Dir string
	GoFiles                       []string
}

// listed returns the public packages, and where the compiler put what each
// package exports.
func listed(t *testing.T) (public []listing, exports map[string]string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export,Name,Dir,GoFiles", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports = make(map[string]string)
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listing
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, module) && !strings.Contains(p.ImportPath, "/internal/") && p.Name != "main" {
			public = append(public, p)
		}
	}
	slices.SortFunc(public, func(a, b listing) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return public, exports
}

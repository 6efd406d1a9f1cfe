package main

import (
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// Each guard is still where the table says, and taking it out changes the code
// into other code that compiles.
func TestGuardsAreThere(t *testing.T) {
	check := newChecker(t)
	seen := make(map[string]bool)
	for _, a := range ablations {
		source, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(a.file)))
		if err != nil {
			t.Fatal(err)
		}
		if changed, err := a.apply(string(source)); err != nil {
			t.Errorf("%s: %v", a.name, err)
		} else if changed == string(source) || seen[a.name] {
			t.Errorf("%s changes nothing, or stands twice in the table", a.name)
		} else if err := check.compiles(a.file, changed); err != nil {
			t.Errorf("%s does not compile: %v", a.name, err)
		}
		seen[a.name] = true
	}
}

// A checker knows what the packages of the table import.
type checker struct {
	files    *token.FileSet
	packages map[string][]*ast.File // by import path
	imports  types.Importer
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	wanted := make(map[string]bool)
	for _, a := range ablations {
		wanted[a.pkg()] = true
	}
	args := []string{"list", "-deps", "-export", "-f", `{{.ImportPath}} {{.Export}} {{.Dir}} {{join .GoFiles " "}}`}
	for pkg := range wanted {
		args = append(args, pkg)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	c := &checker{files: token.NewFileSet(), packages: make(map[string][]*ast.File)}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), " ")
		name, dir := fields[0], fields[2]
		exports[name] = fields[1]
		if !wanted[name] {
			continue
		}
		for _, file := range fields[3:] {
			f, err := parser.ParseFile(c.files, filepath.Join(dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			c.packages[name] = append(c.packages[name], f)
		}
	}
	c.imports = importer.ForCompiler(c.files, "gc", func(name string) (io.ReadCloser, error) {
		if exports[name] == "" {
			return nil, errors.New("go list does not know " + name)
		}
		return os.Open(exports[name])
	})
	return c
}

// compiles returns why the package of file does not compile with that source.
func (c *checker) compiles(file, source string) error {
	changed, err := parser.ParseFile(c.files, file, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	pkg := module + "/" + path.Dir(file)
	files := []*ast.File{changed}
	for _, f := range c.packages[pkg] {
		if filepath.Base(c.files.File(f.Pos()).Name()) != path.Base(file) {
			files = append(files, f)
		}
	}
	_, err = (&types.Config{Importer: c.imports}).Check(pkg, c.files, files, nil)
	return err
}

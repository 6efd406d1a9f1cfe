package docs

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// checker type-checks units against the compiled packages of the module.
type checker struct {
	fset     *token.FileSet
	exports  map[string]string // file with the export data by import path
	importer types.Importer
}

// newChecker has the packages compiled that units import.
func newChecker(all []*unit) (*checker, error) {
	imports := []string{"context"}
	for _, u := range all {
		for name, source := range u.files {
			f, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
			if err != nil {
				continue // check tells
			}
			for _, spec := range f.Imports {
				imports = append(imports, strings.Trim(spec.Path.Value, `"`))
			}
		}
	}
	slices.Sort(imports)
	args := []string{"list", "-e", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}"}
	cmd := exec.Command("go", append(args, slices.Compact(imports)...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, &stderr)
	}
	c := &checker{fset: token.NewFileSet(), exports: make(map[string]string)}
	for line := range strings.Lines(string(out)) {
		path, export, _ := strings.Cut(strings.TrimSpace(line), "=")
		c.exports[path] = export
	}
	c.importer = importer.ForCompiler(c.fset, "gc", c.open)
	return c, nil
}

func (c *checker) open(path string) (io.ReadCloser, error) {
	if c.exports[path] == "" {
		return nil, errors.New("it is not there or does not compile")
	}
	return os.Open(c.exports[path])
}

// check returns what the compiler would say about u.
func (c *checker) check(u *unit) (found []error) {
	var files []*ast.File
	for name, source := range u.files {
		f, err := parser.ParseFile(c.fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			return []error{err}
		}
		files = append(files, f)
	}
	config := types.Config{
		Importer: c.importer,
		Error: func(err error) {
			var e types.Error
			if u.fragment && errors.As(err, &e) && e.Soft {
				return // a fragment need not use what it declares
			}
			found = append(found, err)
		},
	}
	_, _ = config.Check(u.name, c.fset, files, nil) // its error is the first of those found
	return found
}

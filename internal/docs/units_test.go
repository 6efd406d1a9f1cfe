package docs

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// preamble is the file that stands beside every fragment.
//
//go:embed preamble.go.txt
var preamble string

// unit is what is compiled together: the files of a package by name.
type unit struct {
	page     string
	line     int
	name     string            // of the package
	files    map[string]string // with line directives
	fragment bool
}

// units makes compilable packages of the Go blocks of a page.
func units(page, text string) (all []*unit) {
	packages := make(map[string]*unit)
	for _, b := range blocks(page, text) {
		if b.lang != "go" {
			continue
		}
		if b.kind() != file {
			all = append(all, fragment(b))
			continue
		}
		name := b.packageName()
		u := packages[name]
		if u == nil || name == "main" {
			u = &unit{page: page, line: b.line, name: name, files: make(map[string]string)}
			packages[name] = u
			all = append(all, u)
		}
		u.files[b.fileName()] = b.directive() + b.text
	}
	return all
}

var testFunc = regexp.MustCompile(`(?m)^func (Test|Example|Fuzz|Benchmark)`)

func (b block) fileName() string {
	if testFunc.MatchString(b.text) {
		return fmt.Sprintf("line%d_test.go", b.line)
	}
	return fmt.Sprintf("line%d.go", b.line)
}

// directive makes the compiler tell positions in the page.
func (b block) directive() string { return fmt.Sprintf("//line %s:%d:1\n", b.page, b.line) }

// tested reports whether u has tests.
func (u *unit) tested() bool {
	for name := range u.files {
		if strings.HasSuffix(name, "_test.go") {
			return true
		}
	}
	return false
}

// fragment makes a package of a block that is no file.
func fragment(b block) *unit {
	head, foot := "", ""
	if b.kind() == statements {
		head, foot = "func _() error {\n", "\nreturn nil\n}\n"
	}
	body := head + b.directive() + b.text + foot
	source := "package fragment\n" + importsFor(body) + body
	return &unit{
		page: b.page, line: b.line, name: "fragment", fragment: true,
		files: map[string]string{"fragment.go": source, "preamble.go": preamble},
	}
}

// importsFor returns the imports of the packages that a text seems to use.
func importsFor(body string) string {
	f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body, parser.SkipObjectResolution)
	if f == nil {
		return ""
	}
	var lines []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && usual[x.Name] != "" {
				lines = append(lines, fmt.Sprintf("import %s %q\n", x.Name, usual[x.Name]))
			}
		}
		return true
	})
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "")
}

// usual are the packages that a fragment may use without an import.
var usual = map[string]string{
	"context": "context",
	"errors":  "errors",
	"fmt":     "fmt",
	"http":    "net/http",
	"io":      "io",
	"iter":    "iter",
	"log":     "log",
	"maps":    "maps",
	"slices":  "slices",
	"slog":    "log/slog",
	"testing": "testing",
	"time":    "time",

	"redis": "github.com/redis/go-redis/v9",

	"storage":      module + "storage",
	"storagetest":  module + "storage/storagetest",
	"memstore":     module + "adapters/memstore",
	"redisstore":   module + "adapters/redisstore",
	"redistest":    module + "adapters/redisstore/redistest",
	"breaker":      module + "decorators/breaker",
	"cache":        module + "decorators/cache",
	"codec":        module + "decorators/codec",
	"limit":        module + "decorators/limit",
	"namespace":    module + "decorators/namespace",
	"retry":        module + "decorators/retry",
	"singleflight": module + "decorators/singleflight",
	"timeout":      module + "decorators/timeout",
	"trace":        module + "decorators/trace",
}

const module = "github.com/tunica-go/tunica/"

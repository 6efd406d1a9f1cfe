package api

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
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
	paths, exports := listed(t)
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, errors.New("no export data of " + path)
		}
		return os.Open(exports[path])
	})
	for _, path := range paths {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, describe(pkg)...)
	}
	return lines
}

// listed returns the public packages, and where the compiler put what each
// package exports.
func listed(t *testing.T) (paths []string, exports map[string]string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Export,Name", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports = make(map[string]string)
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export, Name string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, module) && !strings.Contains(p.ImportPath, "/internal/") && p.Name != "main" {
			paths = append(paths, p.ImportPath)
		}
	}
	slices.Sort(paths)
	return paths, exports
}

// unnamed is a result to which the compiler has given a name of its own, as it
// does where a function returns out of a range over a function.
var unnamed = regexp.MustCompile(`\(#rv1 ([^,()]*)\)|#rv[0-9]+ `)

// describe lists the exported names of a package.
func describe(pkg *types.Package) (lines []string) {
	name := strings.TrimPrefix(pkg.Path(), module)
	add := func(format string, args ...any) {
		line := name + ": " + fmt.Sprintf(format, args...)
		lines = append(lines, unnamed.ReplaceAllString(line, "$1"))
	}
	qualify := func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	}
	for _, n := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(n)
		if !o.Exported() {
			continue
		}
		if c, ok := o.(*types.Const); ok {
			add("%s = %s", types.ObjectString(c, qualify), c.Val())
			continue
		}
		t, ok := o.(*types.TypeName)
		if !ok {
			add("%s", types.ObjectString(o, qualify))
			continue
		}
		s, isStruct := t.Type().Underlying().(*types.Struct)
		if !isStruct {
			add("%s", types.ObjectString(o, qualify))
		} else {
			add("type %s struct", types.TypeString(t.Type(), qualify))
			for f := range s.Fields() {
				if f.Exported() {
					add("%s.%s %s", n, f.Name(), types.TypeString(f.Type(), qualify))
				}
			}
		}
		if types.IsInterface(t.Type()) {
			continue
		}
		for m := range types.NewMethodSet(types.NewPointer(t.Type())).Methods() {
			if m.Obj().Exported() {
				add("(*%s) %s%s", n, m.Obj().Name(), strings.TrimPrefix(types.TypeString(m.Type(), qualify), "func"))
			}
		}
	}
	return lines
}

// A name more, a name less and another signature are all seen.
func TestDescribe(t *testing.T) {
	pkg := types.NewPackage(module+"p", "p")
	method := types.NewSignatureType(nil, nil, nil, nil, nil, false)
	base := types.NewNamed(types.NewTypeName(0, pkg, "base", nil), types.NewStruct(nil, nil), nil)
	recv := types.NewVar(0, pkg, "", types.NewPointer(base))
	base.AddMethod(types.NewFunc(0, pkg, "Promoted", types.NewSignatureType(recv, nil, nil, nil, nil, false)))
	thing := types.NewNamed(types.NewTypeName(0, pkg, "Thing", nil), types.NewStruct([]*types.Var{
		types.NewField(0, pkg, "base", base, true),
		types.NewField(0, pkg, "Size", types.Typ[types.Int], false),
		types.NewField(0, pkg, "hidden", types.Typ[types.Int], false),
	}, nil), nil)
	for _, o := range []types.Object{
		base.Obj(), thing.Obj(),
		types.NewFunc(0, pkg, "F", method), types.NewFunc(0, pkg, "g", method),
	} {
		pkg.Scope().Insert(o)
	}
	want := []string{"p: func F()", "p: type Thing struct", "p: Thing.Size int", "p: (*Thing) Promoted()"}
	if got := describe(pkg); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

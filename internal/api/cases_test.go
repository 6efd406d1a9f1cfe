package api

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// Whatever a program can use is described: a change of it is a change of a
// line.
func TestDescribe(t *testing.T) {
	for _, test := range []struct {
		name, source string
		want         []string
	}{
		{"functions", "func F(a, b int, c ...string) (n int, err error) { return }; func g() {}", []string{
			"func F(a int, b int, c ...string) (n int, err error)",
		}},
		{"generic functions", "func F[K comparable, V ~[]byte | string](m map[K]V) {}", []string{
			"func F[K comparable, V ~[]byte | string](m map[K]V)",
		}},
		{"variables", "var V map[string]int; var w int", []string{"var V map[string]int"}},
		{"constants", `type Op uint8; const (A Op = iota + 1; B); const Pi = 3.25; const Long = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"`, []string{
			"const A Op = 1", "const B Op = 2",
			`const Long untyped string = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"`,
			"type Op uint8", "const Pi untyped float = 13/4",
		}},
		{"structs", "type T struct { A int `json:\"a\"`; B []T; c int }", []string{
			"type T struct", "T.A int `json:\"a\"`", "T.B []T",
		}},
		{"comparable structs", "type T struct { A int }; type U struct { a func() }", []string{
			"type T comparable struct", "T.A int", "type U struct",
		}},
		{"embedded fields", "type T struct { U; *W }; type U struct { A int }; type W struct{}; func (*W) M() {}", []string{
			"type T comparable struct", "T.U U // embedded", "T.W *W // embedded", "(T) M()",
			"type U comparable struct", "U.A int", "type W comparable struct", "(*W) M()",
		}},
		{"what an unexported embedded struct promotes", "type T struct { base; *more }; type base struct { A int; b int }; type more struct { C int }; func (base) M() {}; func (*more) N() {}", []string{
			"type T comparable struct", "T.A int", "T.C int", "(T) M()", "(T) N()",
		}},
		{"methods of values and of pointers", "type T struct{}; func (T) V() {}; func (*T) P() {}; func (T) w() {}", []string{
			"type T comparable struct", "(*T) P()", "(T) V()",
		}},
		{"methods of generic types", "type T[K comparable, V any] struct { A V }; func (*T[K, V]) Get(k K) (V, error) { panic(0) }", []string{
			"type T[K comparable, V any] struct", "T.A V", "(*T) Get(k K) (V, error)",
		}},
		{"constraints", "type Number interface { ~int | ~float64 }; type T[N Number] []N", []string{
			"type Number interface{~int | ~float64}", "type T[N Number] []N",
		}},
		{"interfaces", "type I interface { M(a int) error; n() }", []string{"type I interface{M(a int) error; n()}"}},
		{"embedded interfaces", "import \"io\"; type I interface { M(); io.Closer; hidden }; type hidden interface { H(int) }", []string{
			"type I interface{M(); io.Closer; hidden}", "I.Close() error // embedded", "I.H(int) // embedded",
			"type hidden interface{H(int)} // not exported, and can be reached",
		}},
		{"aliases", "type A = struct{ X int }; type B = T[string]; type T[V any] struct { V V }; type C[V any] = T[V]; type D = hidden; type hidden struct { E int }", []string{
			"type A = struct{X int}", "type B = T[string]", "type C[V any] = T[V]", "type D = hidden",
			"type T[V any] struct", "T.V V",
			"type hidden struct // not exported, and can be reached", "hidden.E int",
		}},
		{"unexported results", "func F() *t { return nil }; type t struct { A int; b u }; func (t) M() {}; func (t) n() {}; type u struct{ C int }", []string{
			"func F() *t",
			"type t struct // not exported, and can be reached", "t.A int", "(t) M()",
		}},
		{"what is reached through what is unexported", "func F() t { return t{} }; type t struct { A u }; type u struct { B v }; type v int; func (v) M() {}", []string{
			"func F() t",
			"type t struct // not exported, and can be reached", "t.A u",
			"type u struct // not exported, and can be reached", "u.B v",
			"type v int // not exported, and can be reached", "(v) M()",
		}},
		{"unexported parameters", "type Option[V any] func(*core[V]); type core[V any] struct { Max int; n V }; func (*core[V]) Set(V) {}", []string{
			"type Option[V any] func(*core[V])",
			"type core[V any] struct // not exported, and can be reached", "core.Max int", "(*core) Set(V)",
		}},
		{"unexported types in containers", "var V map[a][]*b; var W chan c; type T struct { F func(d) e }; func G[X f](X) {}; type a int; type b int; type c int; type d int; type e int; type f interface{ ~int }", []string{
			"func G[X f](X)", "type T struct", "T.F func(d) e", "var V map[a][]*b", "var W chan c",
			"type f interface{~int} // not exported, and can be reached", "type d int // not exported, and can be reached",
			"type e int // not exported, and can be reached", "type a int // not exported, and can be reached",
			"type b int // not exported, and can be reached", "type c int // not exported, and can be reached",
		}},
		{"unexported types deep inside", "func F() T[a] { panic(0) }; var V [2]b; var W struct{ X c }; func G[X ~d | ~[]e](X) {}; type T[V any] struct{}; type U[V f] struct{}; type a int; type b int; type c int; type d = int; type e int; type f interface{ M() }", []string{
			"func F() T[a]", "func G[X ~d | ~[]e](X)", "type T[V any] comparable struct", "type U[V f] comparable struct", "var V [2]b", "var W struct{X c}",
			"type a int // not exported, and can be reached", "type d = int // not exported, and can be reached",
			"type e int // not exported, and can be reached", "type f interface{M()} // not exported, and can be reached",
			"type b int // not exported, and can be reached", "type c int // not exported, and can be reached",
		}},
		{"unexported aliases", "func F() (a, b[int]) { panic(0) }; type a = struct{ X c }; type b[V any] = map[*V]d; type c int; type d int", []string{
			"func F() (a, b[int])",
			"type a = struct{X c} // not exported, and can be reached", "type c int // not exported, and can be reached",
			"type b[V any] = map[*V]d // not exported, and can be reached", "type d int // not exported, and can be reached",
		}},
		{"types of internal packages", "import \"" + module + "internal/deep\"; func F() *deep.Thing { return nil }", []string{
			"func F() *deep.Thing",
			"type deep.Thing struct // not exported, and can be reached", "deep.Thing.A int", "(*deep.Thing) M()",
		}},
		{"other types with methods", "type F func(int) error; func (F) Do() {}; type S []int; func (*S) Push(int) {}", []string{
			"type F func(int) error", "(F) Do()", "type S []int", "(*S) Push(int)",
		}},
		{"deprecated", `
// F is old.
//
// Deprecated: call G.
func F() {}
// G is about what is Deprecated: not this one.
func G() {}
// Deprecated: use W.
const C = 1
type T struct {
	A int // Deprecated: use B.
	B int
}
// Deprecated: do not.
func (*T) M() {}
func (*T) N() {}
type I interface {
	// Deprecated: no.
	M()
	N()
}`, []string{
			"const C untyped int = 1 // Deprecated", "func F() // Deprecated", "func G()",
			"type I interface{M(); N()}", "I.M // Deprecated",
			"type T comparable struct", "T.A int // Deprecated", "T.B int", "(*T) M() // Deprecated", "(*T) N()",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			pkg, file := check(t, module+"p", "package p; "+test.source)
			want := []string{"p: package p"}
			for _, line := range test.want {
				want = append(want, "p: "+line)
			}
			if got := describe(pkg, deprecated([]*ast.File{file})); !slices.Equal(got, want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

// check type-checks a package of one file. It may import io, and what is
// internal to the module.
func check(t *testing.T, path, source string) (*types.Package, *ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: imports{t}}
	pkg, err := conf.Check(path, fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg, file
}

type imports struct{ t *testing.T }

func (i imports) Import(path string) (*types.Package, error) {
	if path == module+"internal/deep" {
		pkg, _ := check(i.t, path, "package deep; type Thing struct { A int }; func (*Thing) M() {}")
		return pkg, nil
	}
	return importer.ForCompiler(token.NewFileSet(), "source", nil).Import(path)
}

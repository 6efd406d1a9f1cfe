package docs

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCompile type-checks every Go block of every page.
func TestCompile(t *testing.T) {
	var all []*unit
	for page, text := range pages(t) {
		all = append(all, units(page, text)...)
	}
	if len(all) == 0 {
		t.Fatal("there are no Go blocks")
	}
	c, err := newChecker(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		for _, err := range c.check(u) {
			t.Error(err)
		}
	}
}

// TestFormat tests that every Go block of every page is as gofmt writes it.
func TestFormat(t *testing.T) {
	for page, text := range pages(t) {
		for _, b := range blocks(page, text) {
			if b.lang != "go" {
				continue
			}
			switch want, err := format.Source([]byte(b.text)); {
			case err != nil:
				t.Errorf("%s:%d: %v", page, b.line, err)
			case string(want) != b.text:
				t.Errorf("%s:%d: gofmt writes\n%s", page, b.line, want)
			}
		}
	}
}

// TestPackages runs the tests that pages have for the packages that they show.
func TestPackages(t *testing.T) {
	for page, text := range pages(t) {
		for _, u := range units(page, text) {
			if !u.tested() {
				continue
			}
			t.Run(page+"/"+u.name, func(t *testing.T) {
				t.Parallel()
				if out, err := run(u.write(t), "test"); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	}
}

// TestOutput runs the programs whose output a page shows.
func TestOutput(t *testing.T) {
	programs := 0
	for page, text := range pages(t) {
		all := blocks(page, text)
		for i, b := range all {
			if b.lang != "go" || b.packageName() != "main" || i+1 == len(all) || all[i+1].lang != "text" {
				continue
			}
			programs++
			want := all[i+1]
			u := units(page, "```go\n"+b.text+"```")[0]
			out, err := run(u.write(t), "run")
			if err != nil {
				t.Errorf("%s:%d: %v\n%s", page, b.line, err, out)
			} else if out != want.text {
				t.Errorf("%s:%d: the program prints\n%s\nand the page shows\n%s", page, want.line, out, want.text)
			}
		}
	}
	if programs == 0 {
		t.Error("no page shows a program and its output: README.md should")
	}
}

// TestChecker tests that a block which does not compile is found, where it is.
func TestChecker(t *testing.T) {
	tests := []struct {
		name, block string
		want        string // of the error; "" for none
	}{
		{"statements", "v, err := store.Get(ctx, key)", ""},
		{"declarations", "type T struct{ next storage.ByteStore }\n\nfunc (t T) f() {}", ""},
		{"a whole file", "package main\n\nfunc main() {}", ""},
		{"an early return", "if err != nil {\n\treturn err\n}", ""},

		{"a syntax error", "if err != nil {", "page.md:"},
		{"an unknown function", "x := 1\nstorage.Frobnicate(x)", "page.md:4:9: undefined: storage.Frobnicate"},
		{"an unknown variable", "nobody.Get(ctx, key)", "page.md:3:1: undefined: nobody"},
		{"a wrong argument", "_, err := store.Get(key)", "page.md:3:"},
		{"a declaration that does not fit", "func f() int { return key }", "page.md:3:"},
		{"a file with an unused variable", "package main\n\nfunc main() { x := 1 }", "page.md:5:"},
		{"a file with an unused import", "package main\n\nimport \"fmt\"\n\nfunc main() {}", "page.md:5:"},
		{"an unknown package", "package main\n\nimport _ \"example.com/nothing\"\n\nfunc main() {}", "page.md:5:"},
	}
	texts := make([][]*unit, len(tests))
	for i, test := range tests {
		texts[i] = units("page.md", "words\n```go\n"+test.block+"\n```\nwords")
		if len(texts[i]) != 1 {
			t.Fatalf("%s: %d units, want 1", test.name, len(texts[i]))
		}
	}
	c, err := newChecker(slices.Concat(texts...))
	if err != nil {
		t.Fatal(err)
	}
	for i, test := range tests {
		got := c.check(texts[i][0])
		switch {
		case test.want == "" && len(got) > 0:
			t.Errorf("%s: %v, want no error", test.name, got)
		case test.want != "" && len(got) == 0:
			t.Errorf("%s: it compiles, want an error", test.name)
		case test.want != "" && !strings.HasPrefix(got[0].Error(), test.want):
			t.Errorf("%s: %v, want %s…", test.name, got[0], test.want)
		}
	}
}

// TestBlocks tests which parts of a page are blocks.
func TestBlocks(t *testing.T) {
	page := "a\n```go\nx\n\ny\n```\nb\n\n1. c\n\n   ```text\n   z\n     w\n   ```\n```go\nunclosed\n"
	want := []block{
		{"p.md", 3, "go", "x\n\ny\n"},
		{"p.md", 12, "text", "z\n  w\n"},
		{"p.md", 16, "go", "unclosed\n\n"},
	}
	if got := blocks("p.md", page); !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestLinks tests that the files to which pages link are there.
func TestLinks(t *testing.T) {
	for page, text := range pages(t) {
		for _, link := range links(page, text) {
			path := filepath.Join(root, filepath.Dir(filepath.FromSlash(page)), filepath.FromSlash(link))
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, link, err)
			}
		}
	}
}

// write writes the files of u to a directory and returns their paths.
func (u *unit) write(t *testing.T) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for name, source := range u.files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// run runs or tests files as if they were in this module, and returns what
// they print.
func run(paths []string, verb string) (string, error) {
	cmd := exec.Command("go", append([]string{verb}, paths...)...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr // the go command tells there what it downloads
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, &stderr)
	}
	return string(out), err
}

package docs

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a page.
type block struct {
	page string // path from the root of the repository
	line int    // of the first line inside
	lang string
	text string
}

// blocks returns the fenced blocks of a page in order.
func blocks(page, text string) (found []block) {
	var open *block
	var indent string
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimLeft(line, " ")
		lang, fence := strings.CutPrefix(trimmed, "```")
		switch {
		case fence && open == nil:
			indent = line[:len(line)-len(trimmed)]
			open = &block{page: page, line: i + 2, lang: strings.TrimSpace(lang)}
		case fence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil { // let the reader see what swallowed the rest
		found = append(found, *open)
	}
	return found
}

// kind is what a Go block is.
type kind int

const (
	file kind = iota
	declarations
	statements
)

func (b block) kind() kind {
	fset := token.NewFileSet()
	if _, err := parser.ParseFile(fset, "", b.text, parser.PackageClauseOnly); err == nil {
		return file
	}
	if _, err := parser.ParseFile(fset, "", "package p\n"+b.text, parser.SkipObjectResolution); err == nil {
		return declarations
	}
	return statements
}

// packageName returns the name in the package clause of a file.
func (b block) packageName() string {
	f, err := parser.ParseFile(token.NewFileSet(), "", b.text, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return f.Name.Name
}

var link = regexp.MustCompile(`\]\(([^)#\s]+)(#[^)]*)?\)`)

// links returns the paths to which a page links within the repository.
func links(page, text string) (paths []string) {
	for _, b := range blocks(page, text) {
		text = strings.Replace(text, b.text, "", 1) // code links to nothing
	}
	for _, match := range link.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(match[1], "://") {
			paths = append(paths, match[1])
		}
	}
	return paths
}

const root = "../.."

// pages returns the texts of README.md and of all pages under docs by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"README.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md"} {
		more, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range more {
			name, err = filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(name))
		}
	}
	texts := make(map[string]string, len(names))
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = strings.ReplaceAll(string(data), "\r\n", "\n")
	}
	return texts
}

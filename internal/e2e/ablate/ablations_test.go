package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Each guard is still where the table says, and taking it out changes the code.
func TestGuardsAreThere(t *testing.T) {
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
		}
		seen[a.name] = true
	}
}

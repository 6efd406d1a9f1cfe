package main

import (
	"os"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/suite"
)

// docs/performance.md shows the picture of each contest of the short form, which is
// there, and no other.
func TestPlotsAreShown(t *testing.T) {
	page, err := os.ReadFile("../../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, c := range suite.Contests(&suite.Env{Host: new(contest.Host)}) {
		link := "(../internal/bench/results/" + plotOf(c.Name) + ")"
		if !strings.Contains(text, link) {
			t.Errorf("docs/performance.md lacks %s", link)
		}
		text = strings.ReplaceAll(text, link, "()")
		if _, err := os.Stat("../results/" + plotOf(c.Name)); err != nil {
			t.Error(err)
		}
	}
	if strings.Contains(text, ".svg)") {
		t.Error("docs/performance.md shows a picture of no contest")
	}
}

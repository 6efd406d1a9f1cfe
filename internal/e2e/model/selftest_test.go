package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// A specimen is a stack with a defect that stores have been seen to have.
type specimen struct {
	name    string
	passing bool // it shows while time passes only
	traits
	wrap func(storage.ByteStore) storage.ByteStore
}

// find plays streams on a specimen, the same each time, and returns after how
// many cases it was found, and how it was told.
func (sp specimen) find(t *testing.T, limit int) (cases int, report string) {
	t.Helper()
	st := bytesOver(sp.name, sp.traits, func(_ *parts, s store) store { return sp.wrap(s) })
	for seed := uint64(1); cases < limit; seed++ {
		var s stream
		var d *difference
		source := randomSource{rand.New(rand.NewPCG(seed, 0))}
		if sp.passing {
			s = drawStream(source, opsPerStream, passing)
			synctest.Test(t, func(t *testing.T) { d = bubble.run(t.Context(), st, s) })
		} else {
			s = drawStream(source, opsPerStream, still)
			d = memory.run(t.Context(), st, s)
		}
		if d != nil {
			return cases + d.at + 1, d.report(s)
		}
		cases += s.cases()
	}
	return cases, ""
}

// What specimens are made of has no defect itself.
func TestSpecimensWithoutDefect(t *testing.T) {
	for _, sp := range []specimen{
		{"forwards all", false, glued, func(s store) store { return whole{s} }},
		{"forwards all", true, glued, func(s store) store { return whole{s} }},
		{"caches", false, caching, afternoon(naive{})},
		{"caches", true, caching, afternoon(naive{})},
		{"three methods", false, traits{lacks: allPowers}, func(s store) store { return &owning{next: s} }},
	} {
		if cases, report := sp.find(t, 3000); report != "" {
			t.Errorf("found after %d cases: %s", cases, report)
		}
	}
}

// What a stack refuses, the player does by a write, and that is a write as any:
// a version from before it is stale. From a digest it cannot be told.
func TestRefusedTouchIsAWrite(t *testing.T) {
	s := stream{[]op{
		{do: storage.OpSet, key: "k", value: []byte("v")},
		{do: storage.OpGetEntry, key: "k"},
		{do: storage.OpTouch, key: "k", ttl: time.Hour},
		{do: storage.OpCompareAndSwap, key: "k", old: remembered, value: []byte("w")},
		{do: storage.OpGetEntry, key: "k"},
		{do: storage.OpTake, key: "k"},
		{do: storage.OpCompareAndSwap, key: "k", old: remembered, value: []byte("w")},
	}}
	st := bytesOver("a store with versions", traits{lacks: swappingLacks}, func(_ *parts, s store) store { return swapping{s} })
	if d := memory.run(t.Context(), st, s); d != nil {
		t.Error(d.report(s))
	}
}

// What the model test is for, it finds.
func TestSpecimensAreFound(t *testing.T) {
	all := slices.Concat(answerSpecimens, keySpecimens, viewSpecimens, powerSpecimens, ttlSpecimens, cacheSpecimens)
	for _, sp := range all {
		t.Run(sp.name, func(t *testing.T) {
			t.Parallel()
			cases, report := sp.find(t, 20_000)
			if report == "" {
				t.Fatalf("not found in %d cases", cases)
			}
			t.Logf("found after %d cases: %s", cases, report[strings.LastIndex(report, "\n")+1:])
		})
	}
	t.Logf("model: %d specimens", len(all))
}

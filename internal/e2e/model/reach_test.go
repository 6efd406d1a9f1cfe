package model

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// mustHappen are what streams have to come to, or equal answers would tell
// little.
var mustHappen = []string{
	"Get: success", "Get: ErrNotFound", "Get: ErrInvalidKey", "Has: success", "GetMany: some", "GetMany: none", "GetMany: ErrInvalidKey",
	"Set: success", "Set: ErrInvalidKey", "Set: ErrInvalidTTL", "SetMany: success", "SetMany: ErrInvalidKey", "SetMany: ErrInvalidTTL",
	"Delete: success", "DeleteMany: success", "DeleteMany: ErrInvalidKey",
	"GetEntry: success", "GetEntry: with a ttl", "GetEntry: ErrNotFound", "GetEntries: some",
	"CompareAndSwap, fresh: success", "CompareAndSwap, none: success", "CompareAndSwap, none: ErrConflict",
	"CompareAndSwap, remembered: success", "CompareAndSwap, remembered: ErrConflict", "CompareAndSwap, remembered: equal bytes",
	"CompareAndSwap, invented: ErrConflict", "Take: success", "Take: ErrNotFound", "Touch: success", "Touch: ErrNotFound", "Touch: ErrInvalidTTL",
	"Keys: some", "Keys: none", "DeletePrefix: some", "DeletePrefix: none", "DeletePrefix: the prefix of the view", "DeletePrefix: ErrInvalidKey",
	"Update, replaces: success", "Update, keepsTTL: success", "Update, appends: success", "Update, givesUp: the function's own error",
	"the same key through another view", "Purge: success", "Ping: success",
}

func TestStreamsReachEverything(t *testing.T) {
	const streams, least = 300, 8
	count := make(map[string]int)
	r := rand.New(rand.NewPCG(1, 1))
	for range streams {
		m, now, seen := newPlain(0), time.Now(), make(map[string]int)
		for _, o := range drawStream(randomSource{r}, opsPerStream, still).ops {
			w := m.expect(o, false)
			for _, what := range outcomes(o, w) {
				count[what]++
			}
			if before, again := seen[views[o.view].prefix+o.key]; again && before != o.view && w.classes[0] == ok {
				count["the same key through another view"]++
			}
			seen[views[o.view].prefix+o.key] = o.view
			w.effect(now, now)
		}
	}
	for _, what := range mustHappen {
		if count[what] < least {
			t.Errorf("%s: %d times in %d operations, want %d at least", what, count[what], streams*opsPerStream, least)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%6d %s", count[what], what)
	}
}

// outcomes names what o comes to.
func outcomes(o op, w want) []string {
	called := name(o.do)
	switch o.do {
	case storage.OpCompareAndSwap:
		called += ", " + [...]string{"fresh", "none", "remembered", "invented"}[o.old]
	case opUpdate:
		called += ", " + [...]string{"replaces", "keepsTTL", "appends", "givesUp"}[o.change]
	}
	all := []string{called + ": " + string(w.classes[0])}
	if w.same {
		all = []string{called + ": equal bytes"}
	}
	switch o.do {
	case storage.OpGetMany, storage.OpGetEntries:
		all = append(all, called+": "+someOrNone(len(w.entries)))
	case storage.OpKeys, storage.OpDeletePrefix:
		all = append(all, called+": "+someOrNone(len(w.keys)))
	case storage.OpGetEntry:
		if w.entries[o.key].ttl > 0 {
			all = append(all, called+": with a ttl")
		}
	}
	if w.doubt != "" {
		all = append(all, called+": the prefix of the view")
	}
	return all
}

func someOrNone(n int) string {
	if n > 0 {
		return "some"
	}
	return "none"
}

// Package model plays random streams of operations on many stacks and on a
// plain Go map, and wants the same answers of all: values, errors, versions by
// their meaning, moments of expiry, and the names on the wire.
//
// A case is one operation, played on every stack and compared. How many there
// are, the environment variable TUNICA_MODEL_CASES says: a few thousand where
// it is not set, and a million in make fuzz. One in eight is played on the
// stacks over Redis as well, which takes several times as long.
//
// When a stack answers differently, rapid looks for the shortest stream that
// shows it, prints that and says how to play it again.
//
// Where stores are free to differ, the streams go on as follows.
//
//   - Equal bytes may share a version. A swap with the version of an earlier
//     value of the same bytes succeeds where versions are digests and is a
//     conflict elsewhere. It writes what is there, so that both come to the same.
//   - DeletePrefix("") in a view may remove the key that is the prefix of the
//     view. Layers of this module leave it, the generic key map takes it. It is
//     looked at, and then deleted everywhere.
//   - DeletePrefix("") outside of a view is ErrInvalidKey, but in a stack that is
//     a view itself. The others are then emptied by Delete.
//   - What is refused with errors.ErrUnsupported has to have no effect. What it
//     would have done is then done by Set and Delete.
//   - Where a call is wrong in two ways, a store names any of them.
//
// Ended contexts, outages and concurrent calls are matters of the laws in
// storagetest and not in the streams.
package model

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

const (
	envCases     = "TUNICA_MODEL_CASES"
	usualCases   = 4000
	redisShare   = 8  // one in so many cases is played on Redis too
	opsPerStream = 80 // on average
)

func TestMain(m *testing.M) {
	flag.Parse()
	setFlag("rapid.steps", opsPerStream)
	os.Exit(m.Run())
}

func setFlag(name string, n int) {
	if err := flag.Set(name, strconv.Itoa(n)); err != nil {
		panic(err)
	}
}

// wantedCases returns how many cases are wanted.
func wantedCases(t *testing.T) int {
	text := os.Getenv(envCases)
	if text == "" {
		return usualCases
	}
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		t.Fatalf("%s is %q, want a positive number", envCases, text)
	}
	return n
}

// streams draws a stream that rapid can shrink.
func streams(p pace) *rapid.Generator[stream] {
	return rapid.Custom(func(t *rapid.T) stream {
		var drawn stream
		hot := drawNeighbourhood(rapidSource{t})
		t.Repeat(map[string]func(*rapid.T){"op": func(t *rapid.T) {
			drawn.ops = append(drawn.ops, drawOp(rapidSource{t}, hot, p))
		}})
		return drawn
	})
}

// check plays streams until n cases have been played, and returns how many.
func check(t *testing.T, n int, p pace, play func(*rapid.T, stream) *difference) (cases int) {
	t.Helper()
	drawn := streams(p)
	found := false // now rapid plays the same again and again, in smaller forms
	for cases < n {
		rapid.Check(t, func(t *rapid.T) {
			if !found && cases >= n {
				return
			}
			s := drawn.Draw(t, "stream")
			if d := play(t, s); d != nil {
				found = true
				t.Fatal(d.report(s))
			}
			if !found {
				cases += s.cases()
			}
		})
	}
	return cases
}

func TestModel(t *testing.T) {
	total := wantedCases(t)
	workers := min(runtime.GOMAXPROCS(0), 1+total/50_000)
	here := site{ground: memory, stacks: stacks}
	setFlag("rapid.checks", 1+total/workers/opsPerStream)
	var cases, withRedis atomic.Int64
	t.Run("streams", func(t *testing.T) {
		t.Run("redis", func(t *testing.T) {
			t.Parallel()
			there := onRedis(t)
			n := check(t, total/redisShare, still, func(t *rapid.T, s stream) *difference {
				return play(t.Context(), s, there, here)
			})
			withRedis.Add(int64(n))
			cases.Add(int64(n))
		})
		for i := range workers {
			t.Run(fmt.Sprintf("memory%d", i), func(t *testing.T) {
				t.Parallel()
				n := check(t, (total-total/redisShare)/workers+1, still, func(t *rapid.T, s stream) *difference {
					return play(t.Context(), s, here)
				})
				cases.Add(int64(n))
			})
		}
	})
	if t.Failed() {
		return
	}
	there := "none on Redis, for there is no server"
	if n := withRedis.Load(); n > 0 {
		there = fmt.Sprintf("of these %d on %d stacks over Redis as well", n, len(redisStacks))
	}
	t.Logf("model: %d cases on %d stacks over memstore, %s: 0 differences", cases.Load(), len(stacks), there)
}

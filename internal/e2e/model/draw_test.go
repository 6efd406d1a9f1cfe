package model

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/tunica-go/tunica/storage"
)

// A source makes choices: rapid, which can shrink them, or a plain random one.
// The smaller a number, the simpler is what it chooses.
type source interface {
	below(n int) int // 0 to n-1, each as likely
}

type randomSource struct{ *rand.Rand }

func (s randomSource) below(n int) int { return s.IntN(n) }

type rapidSource struct{ *rapid.T }

var coin = rapid.Bool()

// below is made of coins, because rapid's integers prefer some.
func (s rapidSource) below(n int) int {
	x, digits := 0, bits.Len(uint(n-1))
	if n&(n-1) != 0 {
		digits += 3
	}
	for range digits {
		x <<= 1
		if coin.Draw(s.T, "") {
			x++
		}
	}
	return x * n >> digits
}

func pick[T any](s source, from []T) T { return from[s.below(len(from))] }

// names are keys, or the ends of keys, that stores get wrong. Some begin
// others, and some are the prefixes of views.
var names = []string{
	"k", "kk", "k\x00", "a", "ab", "a:", "a:b:", "*", "?", "[a]", "[^a]", "a-b", `\`, `\*`, "{k}", "{}", ":", "::",
	"\x00", "\n", "k\r\n", "\xff", "\xff\xfe", "\xc3", "é", "e\u0301", "日本", "🧅", "K", " k", "k ", "../k", "/", "..",
	"%", "%3A", "$1", `"`, "'", "null", "nil", "0", "-1", "t:", "n:", "\x00\xff", "a:[b]?", "t:x%3A%25*:",
	strings.Repeat("k", 255), strings.Repeat("k", 256), strings.Repeat("\x00\xff*:", 128),
}

// letters are what other names are made of.
var letters = []string{"k", "a", ":", "*", "?", "[", "]", "^", "-", `\`, "\x00", "\n", "\xff", "é", "{", "}", ".", "/", "%", " "}

// drawNames chooses the few names of a stream, so that its operations meet.
func drawNames(s source) []string {
	hot := make([]string, 1+s.below(4))
	for i := range hot {
		if s.below(3) < 2 {
			hot[i] = pick(s, names)
			continue
		}
		for range 1 + s.below(6) {
			hot[i] += pick(s, letters)
		}
	}
	return hot
}

var values = [][]byte{
	[]byte("v"), []byte("w"), nil, {}, []byte("0"), []byte("\x00"), []byte("null"), []byte("false"), []byte(`"`), []byte("{}"),
	[]byte("\xff\xfe"), []byte("nil"), []byte(" "), []byte("v\n"),
}

var (
	big     = []byte(strings.Repeat("big\x00\xff", 800))
	longest = time.Duration(math.MaxInt64)
)

func drawValue(s source) []byte {
	if s.below(40) == 39 {
		return big
	}
	return pick(s, values)
}

// A pace is the time that a stream knows.
type pace struct {
	ttls   []time.Duration
	sleeps []time.Duration // none: time does not pass
}

var badTTLs = []time.Duration{-1, -time.Millisecond, -time.Hour, math.MinInt64}

// still is for stacks in real time: nothing expires.
var still = pace{
	ttls: []time.Duration{time.Hour, time.Hour + 300*time.Millisecond, 24 * time.Hour, 400 * 24 * time.Hour, 100 * 365 * 24 * time.Hour, longest},
}

// passing is for a bubble. The sleeps are such that they end before, at and
// after the end of a ttl.
var passing = pace{
	ttls: []time.Duration{
		time.Second, 1, time.Microsecond, 500 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond,
		1300 * time.Millisecond, time.Minute, time.Hour, 100 * 365 * 24 * time.Hour, longest,
	},
	sleeps: []time.Duration{
		time.Second, 1, time.Microsecond, 500 * time.Microsecond, time.Millisecond - 1, time.Millisecond,
		time.Second - 1, 700 * time.Millisecond, time.Minute - time.Second, time.Minute, time.Hour,
	},
}

func (p pace) ttl(s source) time.Duration {
	switch n := s.below(32); {
	case n < 12:
		return storage.NoExpiry
	case n < 31:
		return pick(s, p.ttls)
	}
	return pick(s, badTTLs)
}

// kinds are the operations, the more often the more they tell.
var kinds = []storage.Op{
	storage.OpGet, storage.OpGet, storage.OpGet, storage.OpGet, storage.OpGet, storage.OpGet,
	storage.OpSet, storage.OpSet, storage.OpSet, storage.OpSet, storage.OpSet, storage.OpSet,
	storage.OpDelete, storage.OpHas, storage.OpHas, storage.OpGetMany, storage.OpGetMany, storage.OpSetMany, storage.OpSetMany,
	storage.OpDeleteMany, storage.OpGetEntry, storage.OpGetEntry, storage.OpGetEntry, storage.OpGetEntries,
	storage.OpCompareAndSwap, storage.OpCompareAndSwap, storage.OpCompareAndSwap, storage.OpCompareAndSwap,
	storage.OpTake, storage.OpTouch, storage.OpTouch, storage.OpKeys, storage.OpDeletePrefix, opUpdate, opUpdate, opPurge, storage.OpPing,
}

// drawOp chooses an operation on keys that end with the names of the stream.
func drawOp(s source, hot []string, p pace) op {
	o := op{do: pick(s, kinds)}
	if len(p.sleeps) > 0 && s.below(6) == 5 {
		o.do = opSleep
	}
	switch o.do {
	case opPurge, storage.OpPing:
		return o
	case opSleep:
		o.ttl = pick(s, p.sleeps)
		return o
	}
	wire := drawWire(s, hot)
	o.view = pick(s, viewsOf(wire))
	o.key = wire[len(views[o.view].prefix):]
	switch o.do {
	case storage.OpKeys, storage.OpDeletePrefix:
		o.key = o.key[:s.below(len(o.key)+1)]
		return o
	case storage.OpGetMany, storage.OpGetEntries, storage.OpDeleteMany, storage.OpSetMany:
		drawBatch(s, &o, hot)
	}
	if s.below(60) == 59 {
		o.key = ""
	}
	o.value = drawValue(s)
	o.ttl = p.ttl(s)
	switch o.do {
	case storage.OpCompareAndSwap:
		o.old = [...]oldVersion{fresh, fresh, fresh, none, remembered, remembered, remembered, invented}[s.below(8)]
		o.nth = s.below(8)
	case opUpdate:
		o.change = change(s.below(int(changeKind)))
	}
	return o
}

// drawWire chooses a key of the base.
func drawWire(s source, hot []string) string {
	place := views[s.below(len(views))].prefix
	if s.below(16) == 15 {
		return place + pick(s, names)
	}
	return place + pick(s, hot)
}

// drawBatch chooses the keys of a batch: those that the view of o reaches, some
// twice, and rarely an empty one.
func drawBatch(s source, o *op, hot []string) {
	prefix := views[o.view].prefix
	for range s.below(6) {
		wire := drawWire(s, hot)
		key, ok := strings.CutPrefix(wire, prefix)
		if !ok || key == "" {
			key = pick(s, hot)
		}
		o.keys = append(o.keys, key)
		o.values = append(o.values, drawValue(s))
	}
	if s.below(40) == 39 {
		o.keys = append(o.keys, "")
		o.values = append(o.values, nil)
	}
}

// drawStream chooses a stream of n operations.
func drawStream(s source, n int, p pace) stream {
	var drawn stream
	hot := drawNames(s)
	for range n {
		drawn.ops = append(drawn.ops, drawOp(s, hot, p))
	}
	return drawn
}

package model

import (
	"math/bits"
	"math/rand/v2"
	"strings"

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

// pickFirst picks the first half of the time.
func pickFirst[T any](s source, from []T) T {
	if s.below(2) == 0 {
		return from[0]
	}
	return pick(s, from)
}

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

// A neighbourhood is where the keys of a stream are: few, so that its
// operations meet.
type neighbourhood struct {
	names  []string
	places []int // views, the base among them
}

func drawNeighbourhood(s source) neighbourhood {
	hot := neighbourhood{names: make([]string, 1+s.below(4)), places: []int{s.below(2) * s.below(len(views))}}
	for i := range hot.names {
		switch n := s.below(8); {
		case n < 4:
			hot.names[i] = pick(s, names)
		case n == 4 && i > 0: // which begins with another
			hot.names[i] = hot.names[0] + pick(s, letters)
		case n == 5 && i > 0:
			hot.names[i] = strings.ToUpper(hot.names[0])
		default:
			for range 1 + s.below(6) {
				hot.names[i] += pick(s, letters)
			}
		}
	}
	for range s.below(4) {
		hot.places = append(hot.places, s.below(len(views)))
	}
	return hot
}

// wire chooses a key of the base: rarely one from elsewhere, or the prefix of
// a view, which no view of that prefix has.
func (hot neighbourhood) wire(s source) string {
	place := views[pickFirst(s, hot.places)].prefix
	switch s.below(24) {
	default:
		return place + pickFirst(s, hot.names)
	case 21:
		return views[s.below(len(views))].prefix + pick(s, names)
	case 22, 23:
		if place != "" {
			return place
		}
		return pick(s, hot.names)
	}
}

var values = [][]byte{
	[]byte("v"), []byte("w"), nil,
	{},
	[]byte("0"), []byte("\x00"), []byte("null"), []byte("false"), []byte(`"`), []byte("{}"),
	[]byte("\xff\xfe"), []byte("nil"), []byte(" "), []byte("v\n"),
}

var big = []byte(strings.Repeat("big\x00\xff", 2000))

func drawValue(s source) []byte {
	switch n := s.below(48); {
	case n < 16:
		return values[0] // often the same
	case n < 47:
		return pick(s, values)
	}
	return big
}

// drawOp chooses an operation in the neighbourhood.
func drawOp(s source, hot neighbourhood, p pace) op {
	o := op{do: pick(s, p.kinds)}
	switch o.do {
	case opPurge, storage.OpPing:
		return o
	case opSleep:
		o.ttl = pick(s, p.sleeps)
		return o
	}
	wire := hot.wire(s)
	o.view = pick(s, viewsOf(wire))
	o.key = wire[len(views[o.view].prefix):]
	switch o.do {
	case storage.OpKeys, storage.OpDeletePrefix:
		if o.key = o.key[:s.below(len(o.key)+1)]; o.view != outermost && s.below(3) == 2 {
			o.key = ""
		}
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
		o.nth = [...]int{0, 0, 0, 1, 1, 2, 3, 5}[s.below(8)]
	case opUpdate:
		o.change = change(s.below(int(changeKind)))
	}
	return o
}

// drawBatch chooses the keys of a batch: those that the view of o reaches, some
// twice, and rarely an empty one.
func drawBatch(s source, o *op, hot neighbourhood) {
	prefix := views[o.view].prefix
	for range s.below(6) {
		wire := hot.wire(s)
		key, ok := strings.CutPrefix(wire, prefix)
		if !ok || key == "" {
			key = pick(s, hot.names)
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
	hot := drawNeighbourhood(s)
	for range n {
		drawn.ops = append(drawn.ops, drawOp(s, hot, p))
	}
	return drawn
}

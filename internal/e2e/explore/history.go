package explore

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// kind is what an event says of its key, whose state is a value or "" for
// absence.
type kind uint8

const (
	reads    kind = iota // the state is value
	writes               // the state becomes value
	swaps                // the state was old and becomes value
	keepsOff             // the state was not old, so that a swap did nothing
	takes                // the state was value and becomes absent
	exists               // the state is some value
)

// event is what an operation did to one key, at some moment between call and
// ret, both included.
type event struct {
	kind       kind
	key        string
	value, old string
	call, ret  int64
}

// forever is the end of an event that may take effect at any later moment.
const forever = int64(1) << 60

var register = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, _ any) (bool, any) {
		was, e := state.(string), input.(event)
		switch e.kind {
		case reads:
			return was == e.value, was
		case writes:
			return true, e.value
		case swaps:
			return was == e.old, e.value
		case keepsOff:
			return was != e.old, was
		case takes:
			return was == e.value, ""
		case exists:
			return was != "", was
		}
		panic(fmt.Sprint("explore: no such kind: ", e.kind))
	},
}

// A checker decides whether histories are linearizable. It knows those that it
// has seen before.
type checker struct{ known map[string]bool }

// check returns what is wrong with the first key whose events are not
// linearizable, or "".
func (c *checker) check(events []event) string {
	slices.SortFunc(events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.call, b.call), cmp.Compare(a.ret, b.ret),
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.value, b.value))
	})
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].key == events[0].key {
			n++
		}
		if !c.linearizable(events[:n]) {
			return "the history of the key " + fmt.Sprintf("%q", events[0].key) + " is not linearizable:\n" + tell(events[:n])
		}
		events = events[n:]
	}
	return ""
}

func (c *checker) linearizable(events []event) bool {
	name := shape(events)
	ok, known := c.known[name]
	if !known {
		history := make([]porcupine.Operation, len(events))
		for i, e := range events {
			history[i] = porcupine.Operation{Input: e, Call: e.call, Return: e.ret}
		}
		ok = porcupine.CheckOperations(register, history)
		if c.known == nil {
			c.known = make(map[string]bool)
		}
		c.known[name] = ok
	}
	return ok
}

// shape is what the verdict on events depends on: what they say, and the order
// of their ends.
func shape(events []event) string {
	var stamps [64]int64
	ends := stamps[:0]
	for _, e := range events {
		ends = append(ends, e.call, e.ret)
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	rank := func(stamp int64) uint64 {
		i, _ := slices.BinarySearch(ends, stamp)
		return uint64(i)
	}
	var buf [512]byte
	name := buf[:0]
	for _, e := range events {
		name = append(name, byte(e.kind))
		name = append(append(name, e.value...), 0)
		name = append(append(name, e.old...), 0)
		name = binary.AppendUvarint(binary.AppendUvarint(name, rank(e.call)), rank(e.ret))
	}
	return string(name)
}

// tell writes events down, a line each.
func tell(events []event) string {
	var text strings.Builder
	for _, e := range events {
		what := map[kind]string{
			reads: "read %[1]s", writes: "write %[1]s", swaps: "swap %[2]s for %[1]s", keepsOff: "conflict with %[2]s",
			takes: "take %[1]s", exists: "is there%.0[1]s",
		}[e.kind]
		what, _, _ = strings.Cut(fmt.Sprintf(what, state(e.value), state(e.old)), "%!")
		until := fmt.Sprint(e.ret / 2)
		if e.ret == forever {
			until = "…"
		}
		fmt.Fprintf(&text, "  steps %d to %s: %s\n", e.call/2, until, what)
	}
	return text.String()
}

func state(value string) string {
	if value == "" {
		return "absence"
	}
	return fmt.Sprintf("%q", value)
}

package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// What a stream has beside the operations of package storage.
const (
	opUpdate storage.Op = 200 + iota
	opPurge             // of the caches in a stack
	opSleep             // in a bubble, where time passes at once
)

// An op is one operation of a stream, the same for every stack.
type op struct {
	do     storage.Op
	view   int      // an index of views
	key    string   // in the view; the prefix of Keys and DeletePrefix
	keys   []string // of a batch
	value  []byte
	values [][]byte // of SetMany, one for each of keys
	ttl    time.Duration
	old    oldVersion // of CompareAndSwap
	nth    int        // which of the remembered versions
	change change     // of Update
}

// oldVersion is what CompareAndSwap is given as the old version.
type oldVersion uint8

const (
	fresh      oldVersion = iota // what GetEntry tells right before
	none                         // "", which creates
	remembered                   // one that was handed out before, stale or not, of any key
	invented                     // one that never was
)

// change is what the function of an Update does.
type change uint8

const (
	replaces   change = iota // the value and its ttl
	keepsTTL                 // the value is replaced, the expiry stays
	appends                  // a byte, with a ttl
	givesUp                  // with an error of its own
	changeKind = iota
)

// name is the operation as a method.
func name(do storage.Op) string {
	switch do {
	case opUpdate:
		return "Update"
	case opPurge:
		return "Purge"
	case opSleep:
		return "Sleep"
	}
	var b strings.Builder
	for word := range strings.SplitSeq(do.String(), "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// String shows the op as a call.
func (o op) String() string {
	var args []string
	add := func(format string, a ...any) { args = append(args, fmt.Sprintf(format, a...)) }
	switch o.do {
	case opPurge, storage.OpPing:
	case opSleep:
		add("%v", o.ttl)
	case storage.OpGetMany, storage.OpGetEntries, storage.OpDeleteMany:
		for _, key := range o.keys {
			add("%s", show(key))
		}
	case storage.OpSetMany:
		for i, key := range o.keys {
			add("%s: %s", show(key), show(string(o.values[i])))
		}
	default:
		add("%s", show(o.key))
	}
	switch o.do {
	case storage.OpCompareAndSwap:
		add("%s", [...]string{"its version", "no version", fmt.Sprintf("remembered version %d", o.nth), "an invented version"}[o.old])
		add("%s", show(string(o.value)))
	case storage.OpSet:
		add("%s", show(string(o.value)))
	case opUpdate:
		add("%s", [...]string{"replace by", "keep the ttl, replace by", "append", "give up"}[o.change])
		if o.change == replaces || o.change == keepsTTL {
			add("%s", show(string(o.value)))
		}
	}
	if o.takesTTL() {
		add("ttl %v", o.ttl)
	}
	on := ""
	if o.view != 0 && o.do != opPurge && o.do != opSleep {
		on = fmt.Sprintf("view %d (%q).", o.view, views[o.view].prefix)
	}
	return on + name(o.do) + "(" + strings.Join(args, ", ") + ")"
}

// takesTTL reports whether the ttl of o is given to the store.
func (o op) takesTTL() bool {
	switch o.do {
	case storage.OpSet, storage.OpSetMany, storage.OpCompareAndSwap, storage.OpTouch:
		return true
	case opUpdate:
		return o.change == replaces || o.change == appends
	}
	return false
}

// misuse returns what is wrong with the call itself. Where it is more than one
// thing, a store may name any of them.
func (o op) misuse() (classes []class) {
	switch o.do {
	case storage.OpGetMany, storage.OpGetEntries, storage.OpDeleteMany, storage.OpSetMany:
		if slices.Contains(o.keys, "") {
			classes = append(classes, invalidKey)
		}
	case storage.OpKeys, storage.OpDeletePrefix, storage.OpPing, opPurge, opSleep:
	default:
		if o.key == "" {
			classes = append(classes, invalidKey)
		}
	}
	if o.takesTTL() && o.ttl < 0 {
		classes = append(classes, invalidTTL)
	}
	return classes
}

// A stream is a list of ops.
type stream struct{ ops []op }

// cases returns how many of the operations have an answer that is compared.
func (s stream) cases() (n int) {
	for _, o := range s.ops {
		if o.do != opPurge && o.do != opSleep {
			n++
		}
	}
	return n
}

// GoString is how rapid shows the stream that it has shrunk to.
func (s stream) GoString() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d operations", len(s.ops))
	for i, o := range s.ops {
		fmt.Fprintf(&b, "\n\t%3d  %v", i+1, o)
	}
	return b.String()
}

// show quotes a key or a value, and shortens what is long.
func show(text string) string {
	if len(text) > 40 {
		return fmt.Sprintf("%q… (%d bytes)", text[:12], len(text))
	}
	return fmt.Sprintf("%q", text)
}

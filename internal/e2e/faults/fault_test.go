package faults

import (
	"context"
	"slices"

	"github.com/tunica-go/tunica/adapters/redisstore"
)

// A fault is something that goes wrong.
type fault struct {
	name string
	on   []string // the topologies that can have it; all if nil

	// How the store is set up that meets it. A cold one has no connection yet.
	settings func(*world, *settings)
	options  []redisstore.Option
	cold     bool

	strike   func(*cell)
	first    bool                                                        // it strikes the first command of an operation, whatever that is
	patience func(context.Context) (context.Context, context.CancelFunc) // 10 seconds if nil

	// What becomes of it: the classes that are right for the operations that it
	// strikes (all if nil), and the error of those that are refused or unknown.
	// The others are done.
	strikes func(operation) bool
	reads   string
	writes  string
	err     error
	says    string
}

func (f *fault) happensOn(topology string) bool {
	return f.on == nil || slices.Contains(f.on, topology)
}

func one(names ...string) func(operation) bool {
	return func(o operation) bool { return slices.Contains(names, o.name) }
}

func not(names ...string) func(operation) bool {
	return func(o operation) bool { return !slices.Contains(names, o.name) }
}

func isWrite(o operation) bool { return o.writes != "" }

// faults are those of the connection and those of the server.
var faults = slices.Concat(onTheWire, ofTheServer, ofTheCaller)

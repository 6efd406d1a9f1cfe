package breaker

import (
	"cmp"
	"fmt"
	"time"
)

// Options are the settings. The zero value works.
type Options struct {
	// Ratio is the part of failures that opens the breaker; 0 means 0.5. A store
	// that answers every other call is better asked than not.
	Ratio float64

	// MinCalls is how many results there must be within Window; 0 means 20, so
	// that a few failures in a quiet minute do not close the store to all.
	MinCalls int

	// Window is how far back results count; 0 means 10 s. They are forgotten in
	// tenths of it.
	Window time.Duration

	// Cooldown is how long the store is left alone; 0 means 5 s, in which a
	// server restarts and a Cluster elects a master.
	Cooldown time.Duration

	// Probes is how many operations go to the store at a time while the breaker
	// is half-open, and how many have to succeed to close it; 0 means 3: one
	// success may be luck.
	Probes int

	// OnStateChange is told of each change, in order, one at a time, before the
	// operation that brought it about returns, or, if changes meet, by one of
	// the operations. It is called without a lock and may use the store. It
	// should be quick: somebody's operation waits for it.
	OnStateChange func(from, to State)
}

const (
	defaultRatio    = 0.5
	defaultMinCalls = 20
	defaultWindow   = 10 * time.Second
	defaultCooldown = 5 * time.Second
	defaultProbes   = 3
)

// check panics if o makes no sense.
func (o Options) check() {
	switch {
	case !(o.Ratio >= 0 && o.Ratio <= 1):
		panic(fmt.Sprintf("breaker: Ratio is %v, want 0 (%v) to 1", o.Ratio, defaultRatio))
	case o.MinCalls < 0:
		panic(fmt.Sprintf("breaker: MinCalls is %d, want 0 (%d) or more", o.MinCalls, defaultMinCalls))
	case o.Window < 0:
		panic(fmt.Sprintf("breaker: Window is %v, want 0 (%v) or more", o.Window, defaultWindow))
	case o.Cooldown < 0:
		panic(fmt.Sprintf("breaker: Cooldown is %v, want 0 (%v) or more", o.Cooldown, defaultCooldown))
	case o.Probes < 0:
		panic(fmt.Sprintf("breaker: Probes is %d, want 0 (%d) or more", o.Probes, defaultProbes))
	}
}

// withDefaults returns o with its zeros replaced.
func (o Options) withDefaults() Options {
	o.Ratio = cmp.Or(o.Ratio, defaultRatio)
	o.MinCalls = cmp.Or(o.MinCalls, defaultMinCalls)
	o.Window = cmp.Or(o.Window, defaultWindow)
	o.Cooldown = cmp.Or(o.Cooldown, defaultCooldown)
	o.Probes = cmp.Or(o.Probes, defaultProbes)
	return o
}

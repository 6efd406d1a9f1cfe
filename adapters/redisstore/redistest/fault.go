package redistest

import "time"

// A Fault is what a [Proxy] does to a connection: to one at a reply, by
// [Proxy.Strike], or to all, by [Proxy.Break].
type Fault struct {
	kind  faultKind
	delay time.Duration
}

type faultKind int

const (
	sound faultKind = iota
	late
	reset
	ended
	silent
	halfClosed
	refused
)

// The faults. A request at whose reply one strikes has been executed. Behind one
// that closes the connection requests may be lost, and before a Reset replies that
// the client has not read.
var (
	// Reset breaks the connection off: the client's next read or write fails with
	// "connection reset by peer". Break(Reset) does that to every connection that
	// is open, and to new ones as soon as they are made, or while they are.
	Reset = Fault{kind: reset}

	// EOF closes the connection, so that the client reads an end of file. To
	// Break it is like Reset.
	EOF = Fault{kind: ended}

	// Silence makes the connection stay open and say nothing. Struck at a reply,
	// this and all further ones are withheld; the server still gets what the
	// client sends. Break(Silence) is a black hole: in neither direction does
	// anything get through, not even the end of a connection, and new ones are
	// made and are silent too. What was withheld comes late, after Heal.
	Silence = Fault{kind: silent}

	// HalfClose closes the connection on the server's side only: the client reads
	// an end of file, and what it sends is still sent on and executed, though it
	// never hears of that. To Break it is like Reset.
	HalfClose = Fault{kind: halfClosed}

	// Refuse refuses new connections; those that are open go on. It is for Break
	// only.
	Refuse = Fault{kind: refused}
)

// Delay makes a reply come so much later, and those behind it on its connection
// with it. Break(Delay(d)) does that to each reply.
func Delay(d time.Duration) Fault { return Fault{late, d} }

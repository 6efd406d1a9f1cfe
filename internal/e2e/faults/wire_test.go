package faults

import (
	"context"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// onTheWire are the faults of the connection.
var onTheWire = []fault{
	{
		name: "refused", cold: true,
		strike: func(c *cell) { c.breakAll(redistest.Refuse) },
		reads:  "R", writes: "R", err: storage.ErrUnavailable, says: "connection refused",
	},
	lostReply("reply lost: EOF", redistest.EOF),
	lostReply("reply lost: reset", redistest.Reset),
	lostReply("reply lost: half close", redistest.HalfClose),
	lostReply("reply lost: silence", redistest.Silence),
	{
		name:   "reply late",
		strike: func(c *cell) { c.breakAll(redistest.Delay(20 * time.Millisecond)) },
		reads:  "=", writes: "=",
	},
	{
		name: "idle connections reset",
		strike: func(c *cell) {
			c.breakAll(redistest.Reset)
			c.healAll()
		},
		// The client looks at a connection before it uses it.
		reads: "=", writes: "=",
	},
	{
		name:     "silence",
		first:    true,
		settings: impatient,
		strike:   func(c *cell) { c.breakAll(redistest.Silence) },
		reads:    "R", writes: "U", err: storage.ErrUnavailable, says: "i/o timeout",
	},
	{
		name:     "silence, to a deadline",
		first:    true,
		strike:   func(c *cell) { c.breakAll(redistest.Silence) },
		patience: deadline,
		reads:    "c", writes: "C",
	},
	{
		name:     "silence, to a cancel",
		first:    true,
		strike:   func(c *cell) { c.breakAll(redistest.Silence) },
		patience: cancel,
		reads:    "c", writes: "C",
	},
	{
		name: "silence of a new connection", cold: true,
		strike:   func(c *cell) { c.breakAll(redistest.Silence) },
		patience: deadline,
		reads:    "c", writes: "c",
	},
}

// lostReply is a fault at the reply to the command that carries an operation.
func lostReply(name string, f redistest.Fault) fault {
	return fault{
		name:     name,
		settings: impatient,
		strike: func(c *cell) {
			for i, server := range c.w.masters {
				if i > 0 && c.op.name != "Ping" && c.op.name != "Keys" {
					break // what is sent to the others of a Cluster is answered
				}
				c.arm(c.w.proxies.To(server.Addr()), f)
			}
		},
		reads: "R", writes: "U", err: storage.ErrUnavailable,
	}
}

func (c *cell) arm(p *redistest.Proxy, f redistest.Fault) {
	carrier := c.op.carrier
	if c.w.cluster != nil && c.op.inCluster != "" {
		carrier = c.op.inCluster
	}
	p.Strike(carrier, f)
	c.armed = append(c.armed, p)
	c.heal(p.Heal)
}

// struck reports whether a fault that was armed has struck.
func (c *cell) struck() bool {
	for _, p := range c.armed {
		if p.Struck() {
			return true
		}
	}
	return len(c.armed) == 0
}

// breakAll does f to all connections to masters, until the call is over.
func (c *cell) breakAll(f redistest.Fault) {
	for _, server := range c.w.masters {
		p := c.w.proxies.To(server.Addr())
		p.Break(f)
		c.heal(p.Heal)
	}
}

func impatient(_ *world, s *settings) { s.readTimeout = 200 * time.Millisecond }

const patience = 100 * time.Millisecond

func deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, patience)
}

func cancel(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	timer := time.AfterFunc(patience, cancel)
	return ctx, func() { timer.Stop(); cancel() }
}

package model

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// A difference is where a stack did not answer as the map did.
type difference struct {
	stack string
	at    int // the index of the operation; the length of the stream is the end of it
	what  string
}

// report tells the difference and how it came to it.
func (d *difference) report(s stream) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s answers differently.\n", d.stack)
	for i, o := range s.ops[:min(d.at+1, len(s.ops))] {
		fmt.Fprintf(&b, "\t%3d  %v\n", i+1, o)
	}
	fmt.Fprintf(&b, "\t     %s", d.what)
	return b.String()
}

// A ground is what a stack is made over.
type ground struct {
	name    string
	digests bool
	slack   time.Duration
	grain   time.Duration
	open    func(context.Context, stack) (storage.ByteStore, error) // an empty store
}

var memory = ground{
	name:  "memstore",
	slack: time.Millisecond,
	open: func(context.Context, stack) (storage.ByteStore, error) {
		return memstore.New[[]byte](), nil
	},
}

// run plays s on one stack over g.
func (g ground) run(ctx context.Context, st stack, s stream) (d *difference) {
	at := 0
	differs := func(what string) *difference {
		return &difference{stack: st.name + " over " + g.name, at: at, what: what}
	}
	defer func() {
		if r := recover(); r != nil {
			d = differs(fmt.Sprintf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	t := st.traits
	t.digests, t.slack, t.grain = g.digests, g.slack, g.grain
	raw, err := g.open(ctx, st)
	if err != nil {
		return differs(fmt.Sprintf("an empty store: %v", err))
	}
	for _, key := range t.bystanders() {
		if err := raw.Set(ctx, key, nil, storage.NoExpiry); err != nil {
			return differs(fmt.Sprintf("a key beside the stack: %v", err))
		}
	}
	p := st.begin(t, raw)
	defer func() {
		if err := p.close(); err != nil && d == nil {
			d = differs(fmt.Sprintf("Close: %v", err))
		}
	}()
	for i, o := range s.ops {
		at = i
		if what := p.play(ctx, o); what != "" {
			return differs(what)
		}
	}
	at = len(s.ops)
	if what := p.finish(ctx); what != "" {
		return differs(what)
	}
	return nil
}

// A site is a ground with the stacks over it.
type site struct {
	ground
	stacks []stack
	atOnce bool // the stacks are played on at the same time: they wait for I/O
}

// play plays s on all stacks of all sites and returns the earliest difference.
func play(ctx context.Context, s stream, sites ...site) (first *difference) {
	var differences []*difference
	var wg sync.WaitGroup
	for _, at := range sites {
		differences = append(differences, make([]*difference, len(at.stacks))...)
	}
	rest := differences
	for _, at := range sites {
		for i, st := range at.stacks {
			here := &rest[i]
			if at.atOnce {
				wg.Go(func() { *here = at.run(ctx, st, s) })
			} else {
				*here = at.run(ctx, st, s)
			}
		}
		rest = rest[len(at.stacks):]
	}
	wg.Wait()
	for _, d := range differences {
		if d != nil && (first == nil || d.at < first.at) {
			first = d
		}
	}
	return first
}

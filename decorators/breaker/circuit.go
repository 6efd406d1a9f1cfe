package breaker

import (
	"sync"
	"sync/atomic"
	"time"
)

// circuit is the state of a breaker.
type circuit struct {
	opts  Options
	start time.Time // what times are counted from

	// era is the number of the present era times four, plus its state. It is
	// written with the lock held. A result counts in the era it began in.
	era atomic.Uint64

	mu        sync.Mutex
	results   window        // closed: what the store did
	opened    time.Duration // open: since when
	probing   int           // half-open: probes that are under way
	probed    time.Duration // half-open: when the last one began
	successes int           // half-open: of probes

	changes []change // that the hook was not told
	telling bool     // the hook is being told
}

func newCircuit(opts Options) *circuit {
	return &circuit{opts: opts, start: time.Now(), results: newWindow(opts.Window)}
}

func (c *circuit) now() time.Duration { return time.Since(c.start) }

func stateOf(era uint64) State { return State(era & 3) }

// admit reports whether an operation may go to the store, and the era it begins
// in. settle has to follow then.
func (c *circuit) admit() (era uint64, ok bool) {
	if era = c.era.Load(); stateOf(era) == Closed {
		return era, true
	}
	c.mu.Lock()
	ok = c.probe()
	era = c.era.Load()
	untold := len(c.changes) > 0
	c.mu.Unlock()
	if untold {
		c.tell()
	}
	return era, ok
}

// probe reports whether an operation may go to a store that has failed. The
// lock is held.
func (c *circuit) probe() bool {
	now := c.now()
	switch stateOf(c.era.Load()) {
	case Closed:
		return true
	case Open:
		if now-c.opened < c.opts.Cooldown {
			return false
		}
		c.enter(HalfOpen)
	case HalfOpen:
		if c.probing >= c.opts.Probes {
			if now-c.probed < c.opts.Cooldown {
				return false
			}
			c.enter(HalfOpen) // these do not come back
		}
	}
	c.probing++
	c.probed = now
	return true
}

// settle counts what became of an operation that began in era.
func (c *circuit) settle(era uint64, r result) {
	if r == uncounted && stateOf(era) == Closed {
		return
	}
	c.mu.Lock()
	if era == c.era.Load() {
		c.count(r)
	}
	untold := len(c.changes) > 0
	c.mu.Unlock()
	if untold {
		c.tell()
	}
}

// count counts a result of the present era. The lock is held.
func (c *circuit) count(r result) {
	if stateOf(c.era.Load()) == Closed {
		total, failures := c.results.add(c.now(), r)
		if r == failure && total >= c.opts.MinCalls && float64(failures) >= c.opts.Ratio*float64(total) {
			c.enter(Open)
		}
		return
	}
	c.probing--
	switch r {
	case success:
		if c.successes++; c.successes >= c.opts.Probes {
			c.enter(Closed)
		}
	case failure:
		c.enter(Open)
	}
}

// enter begins an era. The lock is held.
func (c *circuit) enter(to State) {
	era := c.era.Load()
	from := stateOf(era)
	c.era.Store((era>>2+1)<<2 | uint64(to))
	switch to {
	case Closed:
		c.results = newWindow(c.opts.Window)
	case Open:
		c.opened = c.now()
	case HalfOpen:
		c.probing, c.successes = 0, 0
	}
	if from != to && c.opts.OnStateChange != nil {
		c.changes = append(c.changes, change{from, to})
	}
}

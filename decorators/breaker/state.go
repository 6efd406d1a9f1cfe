package breaker

// State is what a breaker does.
type State uint8

// The states of a breaker.
const (
	Closed   State = iota // operations go to the store
	HalfOpen              // a few do, to see whether it is back
	Open                  // none does
)

// String returns "closed", "half-open" or "open".
func (s State) String() string {
	switch s {
	case Closed:
		return "closed"
	case HalfOpen:
		return "half-open"
	}
	return "open"
}

// change is one of the state.
type change struct{ from, to State }

// tell calls the hook for the changes that have not been told, unless another
// goroutine does so already.
func (c *circuit) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.telling {
		return
	}
	c.telling = true
	defer func() { c.telling = false }()
	for len(c.changes) > 0 {
		next := c.changes[0]
		c.changes = c.changes[1:]
		c.hand(next)
	}
}

// hand calls the hook without the lock, which it takes back if the hook panics
// too.
func (c *circuit) hand(next change) {
	c.mu.Unlock()
	defer c.mu.Lock()
	c.opts.OnStateChange(next.from, next.to)
}

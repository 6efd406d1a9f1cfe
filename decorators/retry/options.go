package retry

import (
	"cmp"
	"fmt"
	"time"
)

// Options are the settings. The zero value tries reads up to three times.
type Options struct {
	// Attempts is how often an operation is tried in all; 0 means 3. What does
	// not pass in three tries does not pass in a moment. 1 tries nothing again.
	Attempts int

	// Base is the shortest wait before another try; 0 means 10 ms, which is
	// some round trips within a data centre.
	Base time.Duration

	// Max is the longest wait; 0 means 1 s, or Base if that is more. With three
	// tries and the Base of 10 ms no wait is longer than 90 ms.
	Max time.Duration

	// Budget is how many further tries there may be for each operation, in the
	// long run; 0 means 0.1: an outage makes for a tenth more load. [NoBudget]
	// means as many as there are attempts.
	Budget float64

	// Writes adds Set, Delete, SetMany and DeleteMany.
	//
	// They are then no longer executed at most once, and order is lost. The
	// first try may take effect after its reply was given up, and the last one
	// takes effect later than its caller began:
	//
	//   - A Set that is tried again may land after a later Set or Delete by
	//     somebody else, also of one who has read what the first try wrote:
	//     theirs is undone, although both were told that they succeeded.
	//   - A try that was given up may land after the one that succeeded, and
	//     undo what was written since then.
	//
	// Set it where each key has one writer, or where the last writer need not
	// win. Where it must, use storage.Update or CompareAndSwap, which are not
	// tried again.
	//
	// The ttl of a try counts from that try. So the value expires no sooner
	// than ttl after the call began, and no later than ttl after it returned,
	// as without retries.
	Writes bool
}

// NoBudget as [Options].Budget bounds further tries by [Options].Attempts only.
// It is for programs whose calls are so few that they cannot hurt the store.
const NoBudget float64 = -1

const (
	defaultAttempts = 3
	defaultBase     = 10 * time.Millisecond
	defaultMax      = time.Second
	defaultBudget   = 0.1
)

// check panics if o makes no sense.
func (o Options) check() {
	switch {
	case o.Attempts < 0:
		panic(fmt.Sprintf("retry: Attempts is %d, want 0 (%d) or more", o.Attempts, defaultAttempts))
	case o.Base < 0:
		panic(fmt.Sprintf("retry: Base is %v, want 0 (%v) or more", o.Base, defaultBase))
	case o.Max < 0:
		panic(fmt.Sprintf("retry: Max is %v, want 0 (%v) or more", o.Max, defaultMax))
	case !(o.Budget >= 0) && o.Budget != NoBudget:
		panic(fmt.Sprintf("retry: Budget is %v, want NoBudget, 0 (%v) or more", o.Budget, defaultBudget))
	}
	if o.Max > 0 && o.Max < o.withDefaults().Base {
		panic(fmt.Sprintf("retry: Max is %v, less than the Base of %v", o.Max, o.withDefaults().Base))
	}
}

// withDefaults returns o with its zeros replaced.
func (o Options) withDefaults() Options {
	o.Attempts = cmp.Or(o.Attempts, defaultAttempts)
	o.Base = cmp.Or(o.Base, defaultBase)
	o.Max = cmp.Or(o.Max, max(defaultMax, o.Base))
	o.Budget = cmp.Or(o.Budget, defaultBudget)
	return o
}

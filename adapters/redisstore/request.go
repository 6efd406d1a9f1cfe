package redisstore

import (
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// A request is one command with one key, which goes out alone or in a batch with
// those of other callers, and what becomes of it.
type request struct {
	key    string
	write  *write     // nil if it only reads
	once   once       // what goes out, if it writes
	read   question   // what goes out, if it only reads
	entry  *entryRead // what goes out instead, if it reads an entry
	script *script    // that is sent as a whole if the server does not know it; nil if it is none, or was sent so
	size   int        // about how many bytes go out

	deadline time.Time // of the caller; zero if there is none
	inLane   bool      // it goes out alone, and a lane waits for it
	departed time.Time // when it did

	// Of one that is to share a batch. The mutex of the link guards the first three;
	// the others belong to the batch until landed tells the caller.
	group      *group
	prev, next *request // in the queue
	stage      stage
	landed     chan struct{}
	shared     bool // the batch has others in it
	err        error
	panicked   bool
	reason     any
}

// A stage of a request that is to share a batch.
type stage int

const (
	queued stage = iota // not on its way: who leaves takes it along
	flying              // may be sent at any moment
	left                // the same, and its caller has left
	landed              // its batch is over
)

// newRead makes a request that changes nothing.
func newRead(key string, cmd redis.Cmder) *request {
	return &request{key: key, read: question{Cmder: withoutLookup(cmd)}, size: len(key)}
}

// newEntryRead makes a request for an entry.
func newEntryRead(key string) *request {
	return &request{key: key, entry: new(entryRead), size: 2 * len(key)}
}

// newWriting makes a request with a write as its key, which is among args.
func newWriting(ctx context.Context, w *write, args ...any) *request {
	return &request{key: w.key, write: w, once: newOnce(ctx, args), size: len(w.key)}
}

// cmd returns what goes out.
func (r *request) cmd() redis.Cmder {
	if r.write != nil {
		return r.once
	}
	return &r.read
}

// reply returns what came back.
func (r *request) reply() redis.Cmder {
	if r.write != nil {
		return r.once.Cmd
	}
	return r.read.Cmder
}

// fate returns what is known of a write, or nil.
func (r *request) fate() *fate {
	if r.write == nil {
		return nil
	}
	return r.write.fate
}

// alone sends the request on a connection of its own.
//
// A client of one server sends a read again after a failure, if it is set up so.
// In a Cluster, go-redis goes to another node only where one says so: it would not
// keep to MaxRetries there.
func (r *request) alone(ctx context.Context, c *client) error {
	err := c.process(ctx, r)
	if err == errAborted {
		r.byScript(ctx)
		err = c.process(ctx, r)
	}
	if r.unknownScript(err) {
		r.whole(ctx)
		err = c.process(ctx, r)
	}
	if (err == nil || err == redis.Nil) && !c.knows.Load() {
		c.knows.Store(true)
	}
	return err
}

// process sends what goes out, once.
func (c *client) process(ctx context.Context, r *request) error {
	once := c.cluster != nil
	if r.entry != nil {
		c.together(ctx, []*request{r}, once)
		return r.err
	}
	r.read.once = once
	return c.Process(ctx, r.cmd())
}

// byScript makes a request for an entry one that runs a script.
func (r *request) byScript(ctx context.Context) {
	r.entry, r.script = nil, readEntry
	r.read = question{Cmder: withoutLookup(redis.NewCmd(ctx, "evalsha", readEntry.sha, 1, r.key))}
}

// unknownScript reports whether err says that the server does not know the
// script, and has done nothing.
func (r *request) unknownScript(err error) bool {
	return r.script != nil && redis.HasErrorPrefix(err, "NOSCRIPT")
}

// whole makes the request one that sends the text of its script.
func (r *request) whole(ctx context.Context) {
	args := slices.Clone(r.reply().Args())
	args[0], args[1] = "eval", r.script.text
	r.script = nil
	if r.write != nil {
		r.once = newOnce(ctx, args)
	} else {
		r.read = question{Cmder: withoutLookup(redis.NewCmd(ctx, args...))}
	}
}

// failed reports whether the request has an error that is not an answer.
func (r *request) failed() bool { return r.panicked || r.err != nil && r.err != redis.Nil }

// outcome returns the error of a request that was one of several in a pipeline.
func (r *request) outcome() error {
	if r.entry != nil {
		return r.entry.outcome()
	}
	if r.write == nil {
		return r.read.err()
	}
	switch err := r.once.Err(); {
	case r.write.state.Load() == done && err != redis.Nil:
		return nil // whatever broke later; see question.SetErr
	case err != nil:
		return err
	}
	return errNoReply
}

// sendAll sends requests in one pipeline, none of which go-redis sends again but
// where a node says so, and takes note of what became of each.
func (c *client) sendAll(ctx context.Context, requests []*request) {
	if len(requests) == 1 {
		requests[0].shared = false
		requests[0].err = c.process(ctx, requests[0])
		return
	}
	for _, r := range requests {
		r.shared = true
	}
	c.together(ctx, requests, true)
}

// together sends requests in one pipeline.
func (c *client) together(ctx context.Context, requests []*request, once bool) {
	transactions := c.entries(ctx, requests)
	err := c.pipeline(ctx, func(p redis.Pipeliner) {
		for _, r := range requests {
			if r.entry == nil {
				r.read.once = once
				_ = p.Process(ctx, r.cmd())
			}
		}
		for _, t := range transactions {
			t.queue(ctx, p, once)
		}
	})
	answered := false
	for _, r := range requests {
		r.err = r.outcome()
		answered = answered || r.err != errNoReply
	}
	if answered || err == nil {
		return
	}
	for _, r := range requests { // the connection was refused by a reply
		r.err = err
	}
}

// again reports whether a request that failed in a batch is to be sent alone: a
// read that a client of one server would have sent again if no writes had been
// with it, and a write that a replica has refused, for which go-redis looks for the
// master of a Cluster; and an entry that was not read because of another key.
func (c *client) again(r *request) bool {
	if r.err == errAborted {
		return true
	}
	if c.cluster != nil {
		return redis.HasErrorPrefix(r.err, "READONLY")
	}
	return r.write == nil && r.shared && c.retries && !isAnswer(r.err) && isFault(r.err)
}

package redisstore

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// A transaction reads values, each with what is left of its ttl, at one moment:
// by MULTI, GET and PTTL of each key, and EXEC. For one key it costs the server
// half of what a script costs, and for many not much more than GET and PTTL.
//
// All keys must be in one slot of a Cluster. If a key is elsewhere, or the server
// refuses a command of one, nothing is read: that is errAborted.
type transaction struct{ commands []question }

var errAborted = errors.New("the transaction was discarded")

// newTransaction makes one that reads wires, of which there is one at least.
func newTransaction(ctx context.Context, wires ...string) *transaction {
	t := &transaction{make([]question, 0, 2*len(wires)+2)}
	add := func(cmd redis.Cmder) { t.commands = append(t.commands, question{Cmder: withoutLookup(cmd)}) }
	add(newKeyless(ctx, "multi", wires[0]))
	for _, wire := range wires {
		key := any(wire)
		add(redis.NewStatusCmd(ctx, "get", key))
		add(redis.NewStatusCmd(ctx, "pttl", key))
	}
	add(newKeyless(ctx, "exec", wires[0]))
	return t
}

// An entryRead is one key of a transaction, and what was read of it.
type entryRead struct {
	in    *transaction
	place int
	pair  []any // the value and the ttl
}

// outcome takes note of what was read.
func (e *entryRead) outcome() (err error) {
	e.pair, err = e.in.read(e.place)
	return err
}

// entries makes the transactions of those requests that read entries: one for
// all, but in a Cluster one for each.
func (c *client) entries(ctx context.Context, requests []*request) (all []*transaction) {
	var keys []string
	for _, r := range requests {
		if r.entry == nil {
			continue
		}
		r.entry.place = len(keys)
		keys = append(keys, r.key)
		if c.cluster != nil {
			r.entry.in = newTransaction(ctx, keys...)
			all, keys = append(all, r.entry.in), nil
		}
	}
	if keys == nil {
		return all
	}
	t := newTransaction(ctx, keys...)
	for _, r := range requests {
		if r.entry != nil {
			r.entry.in = t
		}
	}
	return []*transaction{t}
}

// queue adds the commands to a pipeline. Those that are sent once go-redis does
// not send again.
func (t *transaction) queue(ctx context.Context, p redis.Pipeliner, once bool) {
	for i := range t.commands {
		t.commands[i].once = once
		_ = p.Process(ctx, &t.commands[i])
	}
}

// read returns what was read of the i-th key, as readEntry does.
func (t *transaction) read(i int) ([]any, error) {
	for _, q := range t.commands[2*i+1 : 2*i+3] {
		if err := q.err(); err != nil {
			return nil, err
		}
	}
	replies, err := t.replies()
	if err != nil {
		return nil, err
	}
	pair := replies[2*i : 2*i+2 : 2*i+2]
	switch reply := pair[0].(type) {
	case nil:
		return nil, redis.Nil
	case error:
		return nil, reply
	}
	return pair, nil
}

// replies returns the replies to all GETs and PTTLs.
func (t *transaction) replies() ([]any, error) {
	multi, exec := &t.commands[0], &t.commands[len(t.commands)-1]
	switch err := multi.err(); {
	case redis.HasErrorPrefix(err, "NOPERM"):
		return nil, errAborted
	case err != nil:
		return nil, err
	}
	switch err := exec.err(); {
	case redis.HasErrorPrefix(err, "EXECABORT"):
		return nil, errAborted
	case err != nil:
		return nil, err
	}
	// A Cluster that has changed may have had another node answer for a key.
	replies, _ := exec.Cmder.(keyless).Val().([]any)
	if len(replies) != len(t.commands)-2 {
		return nil, errAborted
	}
	return replies, nil
}

// keyless is a command without a key that goes where a key is: in a Cluster,
// go-redis computes the slot from an argument that is not sent.
type keyless struct{ *redis.Cmd }

func newKeyless(ctx context.Context, name, key string) keyless {
	cmd := redis.NewCmd(ctx, name, key)
	cmd.SetFirstKeyPos(1)
	return keyless{cmd}
}

// Args implements [redis.Cmder].
func (k keyless) Args() []any { return k.Cmd.Args()[:1] }

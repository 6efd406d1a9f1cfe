package redisstore

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// A transaction reads values, each with what is left of its ttl, at one moment: by
// MULTI, GET or MGET, PTTL of each key, and EXEC. For one key it costs the server
// half of what a script costs, and for many hardly more than GET.
//
// All keys must be in one slot of a Cluster. What cannot be told of a key because of
// others is errAborted: they may be elsewhere, or the user may not read them, and
// then nothing is read; and MGET says of a key of another type that it is absent. So
// is what a server without memory does not do in a transaction.
type transaction struct {
	commands []question
	keys     int
}

var errAborted = errors.New("the transaction was discarded")

// newTransaction makes one that reads wires, of which there is one at least.
func newTransaction(ctx context.Context, wires ...string) *transaction {
	t := &transaction{make([]question, 0, len(wires)+3), len(wires)}
	add := func(cmd redis.Cmder) { t.commands = append(t.commands, question{Cmder: withoutLookup(cmd)}) }
	get := make([]any, 1, len(wires)+1)
	for _, wire := range wires {
		get = append(get, wire)
	}
	keys := get[1:]
	get[0] = "get"
	if len(keys) > 1 {
		get[0] = "mget"
	}
	add(newKeyless(ctx, "multi", keys[0]))
	add(redis.NewCmd(ctx, get...)) // which takes any reply: without MULTI it is that of MGET
	for _, key := range keys {
		add(redis.NewStatusCmd(ctx, "pttl", key))
	}
	add(newKeyless(ctx, "exec", keys[0]))
	return t
}

// An entryRead is one key of a transaction, and what was read of it.
type entryRead struct {
	in         *transaction
	place      int
	value, ttl any
}

// outcome takes note of what was read.
func (e *entryRead) outcome() (err error) {
	e.value, e.ttl, err = e.in.read(e.place)
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

// read returns the value of the i-th key and the reply to its PTTL.
func (t *transaction) read(i int) (value, ttl any, err error) {
	words := []string{noMemory}
	if t.keys > 1 { // the user may not read one of them
		words = append(words, "NOPERM")
	}
	if err := discarded(t.commands[1].err(), words...); err != nil {
		return nil, nil, err
	}
	if err := discarded(t.commands[2+i].err(), noMemory); err != nil {
		return nil, nil, err
	}
	replies, err := t.replies()
	if err != nil {
		return nil, nil, err
	}
	value, ttl = replies[0], replies[1+i]
	if values, many := value.([]any); many {
		value = values[i]
	}
	switch reply := value.(type) {
	case nil:
		if ttl == int64(-2) {
			return nil, nil, redis.Nil
		}
		return nil, nil, errAborted
	case error:
		return nil, nil, reply
	}
	return value, ttl, nil
}

// noMemory is with what a server that is full refuses a command because it is in a
// transaction, for its queue takes memory. It would perform a read by itself.
const noMemory = "OOM"

// discarded returns errAborted for a reply that begins with one of the words, and
// any other err as it is.
func discarded(err error, words ...string) error {
	if err == nil {
		return nil
	}
	for _, word := range words {
		if redis.HasErrorPrefix(err, word) {
			return errAborted
		}
	}
	return err
}

// replies returns the replies to what is between MULTI and EXEC.
func (t *transaction) replies() ([]any, error) {
	multi, exec := &t.commands[0], &t.commands[len(t.commands)-1]
	if err := discarded(multi.err(), "NOPERM"); err != nil {
		return nil, err
	}
	if err := discarded(exec.err(), "EXECABORT"); err != nil {
		return nil, err
	}
	// A Cluster that has changed may have had another node answer for a key.
	replies, _ := exec.Cmder.(keyless).Val().([]any)
	if len(replies) != t.keys+1 {
		return nil, errAborted
	}
	return replies, nil
}

// keyless is a command without a key that goes where a key is: in a Cluster,
// go-redis computes the slot from an argument that is not sent.
type keyless struct{ *redis.Cmd }

func newKeyless(ctx context.Context, name string, key any) keyless {
	cmd := redis.NewCmd(ctx, name, key)
	cmd.SetFirstKeyPos(1)
	return keyless{cmd}
}

// Args implements [redis.Cmder].
func (k keyless) Args() []any { return k.Cmd.Args()[:1] }

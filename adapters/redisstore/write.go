package redisstore

import (
	"context"
	"encoding"
	"errors"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// A write is the key of a command that goes out at most once. go-redis asks it
// for its bytes at the moment at which it puts the command on the wire, and
// tells the command its outcome, so that it is known at any time whether the
// command was sent and whether the server has answered.
//
// What the server refused may be sent again: by go-redis to the node that a
// MOVED or ASK names, and by a script as a whole after NOSCRIPT. What was sent
// and has no answer is not sent again, nor is anything whose caller has left.
type write struct {
	key     string
	state   atomic.Int32
	fate    *fate
	claimed bool // by a batch
}

var _ encoding.BinaryMarshaler = (*write)(nil)

// The states of a write.
const (
	unsent int32 = iota // or refused
	sent                // bytes may have reached the server, and no answer has come
	done                // the server has answered that it did it
)

var (
	errAbandoned = errors.New("the caller has left")
	errSentTwice = errors.New("a command without an answer is not sent again")
)

// newWrite returns the key of a command that goes out alone.
func newWrite(key string) *write {
	lone := &struct {
		write
		fate
	}{}
	lone.write.key, lone.write.fate, lone.fate.commands = key, &lone.fate, 1
	return &lone.write
}

// MarshalBinary implements [encoding.BinaryMarshaler] for go-redis.
func (w *write) MarshalBinary() ([]byte, error) {
	if !w.state.CompareAndSwap(unsent, sent) {
		return nil, errSentTwice
	}
	if !w.claimed && !w.fate.send() {
		w.state.Store(unsent)
		return nil, errAbandoned
	}
	return []byte(w.key), nil
}

// String returns the key, from which go-redis computes the slot in a Cluster.
func (w *write) String() string { return w.key }

// answered takes note of an answer of the server: nil, redis.Nil or a refusal.
func (w *write) answered(err error) {
	next, change := unsent, -onePending
	if err == nil || err == redis.Nil {
		next, change = done, oneDone-onePending
	}
	if w.state.CompareAndSwap(sent, next) && !w.claimed {
		w.fate.account.Add(change)
	}
}

// claim makes a write count as pending until settle, whatever is sent of it and
// answered: it is to go out in a batch with those of others, which a caller who
// leaves must not break.
func (w *write) claim() {
	w.claimed = true
	w.fate.account.Add(onePending)
}

// settle counts what became of a write that was claimed, when its batch is over.
func (w *write) settle() {
	w.claimed = false
	switch w.state.Load() {
	case unsent:
		w.fate.account.Add(-onePending)
	case done:
		w.fate.account.Add(oneDone - onePending)
	}
}

// A fate is what is known of the commands of one call that writes.
type fate struct {
	commands int64        // how many there are
	account  atomic.Int64 // how many of them are pending and done, and whether the caller has left
}

const (
	onePending int64 = 1
	oneDone    int64 = 1 << 24
	abandoned  int64 = 1 << 48
)

// send counts a command as pending, unless the caller has left.
func (f *fate) send() bool {
	if f.account.Add(onePending)&abandoned == 0 {
		return true
	}
	f.account.Add(-onePending)
	return false
}

// abandon gives the call up, so that nothing is sent any more, and reports
// whether anything of it may have happened.
func (f *fate) abandon() bool { return f.account.Or(abandoned)&^abandoned != 0 }

// unknown reports whether an error other than an answer leaves open what became
// of the call: because a command has no answer, or because all of them were
// done, and there is an error nevertheless.
func (f *fate) unknown() bool {
	account := f.account.Load() &^ abandoned
	return account%oneDone != 0 || account/oneDone == f.commands
}

// once is a command with a write among its arguments. go-redis does not send it
// again after a failure, whatever the client's settings say, alone or in a
// pipeline.
type once struct{ *redis.Cmd }

func newOnce(ctx context.Context, args []any) once {
	return once{withoutLookup(redis.NewCmd(ctx, args...))}
}

// NoRetry implements [redis.Cmder].
func (once) NoRetry() bool { return true }

// SetErr implements [redis.Cmder]: go-redis calls it with what became of each try.
func (c once) SetErr(err error) {
	c.Cmd.SetErr(err)
	if err != nil && !isAnswer(err) {
		return
	}
	for _, arg := range c.Args() {
		if w, ok := arg.(*write); ok {
			w.answered(err)
		}
	}
}

// isAnswer reports whether err is what a server said to a command. (A redis.Nil
// inside of another error is what a Sentinel said to the client.)
func isAnswer(err error) bool {
	_, ok := replyIn(err)
	return ok || err == redis.Nil
}

// replyIn returns the error reply of a server that err is or wraps.
func replyIn(err error) (string, bool) {
	var reply redis.Error
	if !errors.As(err, &reply) || reply == redis.Nil {
		return "", false
	}
	return reply.Error(), true
}

// withoutLookup spares a client of a Cluster the question how many arguments of
// a command belong to one key, which only matters for commands with many keys.
// It asks COMMAND of some nodes, dead ones too, before it sends anything.
func withoutLookup[C redis.Cmder](cmd C) C {
	cmd.SetStepCount(1)
	return cmd
}

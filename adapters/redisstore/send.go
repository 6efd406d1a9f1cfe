package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// A write is a command, or a batch of them, that goes out at most once. It
// stands as the (first) key among the arguments: go-redis asks it for its bytes
// at the moment at which it puts the command on the wire. So it knows whether
// the command was sent, and a command whose caller has left is not sent any more.
type write struct {
	key   string
	state atomic.Int32
}

// The states of a write.
const (
	waiting   int32 = iota // for a connection: nothing was sent
	sent                   // bytes may have reached the server
	abandoned              // the caller has left
)

var errAbandoned = errors.New("the caller has left")

func newWrite(key string) *write { return &write{key: key} }

// MarshalBinary implements [encoding.BinaryMarshaler] for go-redis.
func (w *write) MarshalBinary() ([]byte, error) {
	if !w.state.CompareAndSwap(waiting, sent) && w.state.Load() == abandoned {
		return nil, errAbandoned
	}
	return []byte(w.key), nil
}

// String returns the key, from which go-redis computes the slot in a Cluster.
func (w *write) String() string { return w.key }

// answered notes that the server refused the command, so that another may go
// out in its place, unless the caller has left.
func (w *write) answered() { w.state.CompareAndSwap(sent, waiting) }

// abandon gives the write up and reports whether it had been sent.
func (w *write) abandon() bool { return w.state.Swap(abandoned) == sent }

func (w *write) wasSent() bool { return w.state.Load() == sent }

// process sends one command, whose key among args is w.
func (w *write) process(ctx context.Context, client redis.UniversalClient, args ...any) (any, error) {
	cmd := once{redis.NewCmd(ctx, args...)}
	if err := client.Process(ctx, cmd); err != nil {
		return nil, err
	}
	return cmd.Val(), nil
}

// once is a command that go-redis does not send again after a failure,
// whatever the client's settings say, alone or in a pipeline.
type once struct{ *redis.Cmd }

// NoRetry implements [redis.Cmder].
func (once) NoRetry() bool { return true }

// keep returns value for a send that may go on after the caller has left, who
// may then write to it.
func keep(ctx context.Context, value []byte) []byte {
	if ctx.Done() == nil {
		return value
	}
	return bytes.Clone(value)
}

// read runs a call that changes nothing.
func read[T any](ctx context.Context, l *link, op fmt.Stringer, run func(context.Context) (T, error)) (T, error) {
	return call(ctx, l, op, nil, run)
}

// send runs a call that writes w.
func send[T any](ctx context.Context, l *link, op fmt.Stringer, w *write, run func(context.Context) (T, error)) (T, error) {
	return call(ctx, l, op, w, run)
}

// call runs run, and returns at once when ctx ends, whatever go-redis does. run
// then goes on by itself until the client's timeouts end it, so it touches
// nothing of the caller's but what it was given to keep.
//
// With an error of run, call returns the value too. A context that cannot end
// costs no goroutine.
func call[T any](ctx context.Context, l *link, op fmt.Stringer, w *write, run func(context.Context) (T, error)) (T, error) {
	var zero T
	done, ctxErr := ctx.Done(), ctx.Err()
	if err := l.begin(op, done != nil && ctxErr == nil); err != nil {
		return zero, err
	}
	if ctxErr != nil {
		return zero, ended(op, ctxErr, false)
	}
	if done == nil {
		value, err := run(ctx)
		if err != nil {
			return value, l.fail(ctx, op, l.explain(ctx, err, w), w)
		}
		return value, nil
	}
	r := &running[T]{result: make(chan result[T], 1)}
	go r.run(ctx, l, w, run)
	var res result[T]
	select {
	case res = <-r.result:
	case <-done:
		if r.leave(l) {
			return zero, ended(op, ctx.Err(), w != nil && w.abandon())
		}
		res = <-r.result
	}
	if res.panicked {
		panic(res.reason)
	}
	if res.err != nil {
		awaitEnd(ctx)
		return res.value, l.fail(ctx, op, res.err, w)
	}
	return res.value, nil
}

// awaitEnd waits for ctx to end if its deadline has passed: a connection has the
// same deadline, and its timer may go off first, by much on a busy machine. A
// context that has a deadline and does not keep it is not waited for.
func awaitEnd(ctx context.Context) {
	deadline, ok := ctx.Deadline()
	if !ok || ctx.Err() != nil || time.Now().Before(deadline) {
		return
	}
	patience := time.NewTimer(100 * time.Millisecond)
	defer patience.Stop()
	select {
	case <-ctx.Done():
	case <-patience.C:
	}
}

// running is a call in a goroutine of its own. Whoever comes first, the end of
// the call or the leaving of the caller, sets over.
type running[T any] struct {
	over   atomic.Bool
	result chan result[T]
}

type result[T any] struct {
	value    T
	err      error
	panicked bool
	reason   any
}

func (r *running[T]) run(ctx context.Context, l *link, w *write, run func(context.Context) (T, error)) {
	res := result[T]{panicked: true, reason: "redisstore: the call ended its goroutine"}
	defer func() {
		if res.panicked {
			if reason := recover(); reason != nil {
				res.reason = reason
			}
		}
		left := !r.over.CompareAndSwap(false, true)
		r.result <- res
		l.end(left)
	}()
	res.value, res.err = run(ctx)
	if res.err != nil {
		res.err = l.explain(ctx, res.err, w)
	}
	res.panicked = false
}

// leave reports whether the caller leaves before the end of the call.
func (r *running[T]) leave(l *link) bool {
	l.leave(1)
	if r.over.CompareAndSwap(false, true) {
		return true
	}
	l.leave(-1)
	return false
}

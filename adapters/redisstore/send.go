package redisstore

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

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

// send runs a call that writes what f tells of.
func send[T any](ctx context.Context, l *link, op fmt.Stringer, f *fate, run func(context.Context) (T, error)) (T, error) {
	return call(ctx, l, op, f, run)
}

// share sends a command with one key, alone or in a batch with those of other
// callers, and returns what value makes of the reply.
func share[T any](ctx context.Context, l *link, op fmt.Stringer, r *request, value func(reply redis.Cmder) (T, error)) (T, error) {
	var zero T
	done := ctx.Done()
	if done != nil {
		r.deadline, _ = ctx.Deadline()
	}
	for {
		node, ok := l.client.master(r.key)
		if !ok || ctx.Err() != nil {
			return call(ctx, l, op, r.fate(), alone(l, r, value))
		}
		first, err := l.join(op, r, node, done != nil)
		switch {
		case err != nil:
			return zero, err
		case first:
			return begun(ctx, l, op, r.fate(), alone(l, r, value))
		}
		select {
		case <-r.landed:
		case <-done:
			if stage := l.abandon(r); stage != landed {
				return zero, ended(op, ctx.Err(), stage == flying && r.write != nil && r.write.fate.abandon())
			}
			<-r.landed
		}
		l.landings.Put(r.landed)
		switch {
		case r.panicked:
			panic(r.reason)
		case r.err == nil:
			v, err := value(r.reply())
			if err != nil {
				err = l.fail(ctx, op, err, r.fate())
			}
			return v, err
		case r.unknownScript(r.err):
			r.whole(ctx)
		case l.client.again(r):
			return call(ctx, l, op, r.fate(), alone(l, r, value))
		default:
			if done != nil {
				awaitEnd(ctx)
			}
			return zero, l.fail(ctx, op, r.err, r.fate())
		}
	}
}

// alone returns the call that sends r alone, and gives back the lane that r may have.
func alone[T any](l *link, r *request, value func(reply redis.Cmder) (T, error)) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) {
		if r.inLane {
			defer l.depart(r.group, r.departed)
		}
		if err := r.alone(ctx, l.client); err != nil {
			var zero T
			return zero, err
		}
		return value(r.reply())
	}
}

// anything is what a command replies whose reply is of several types.
func anything(reply redis.Cmder) (any, error) { return reply.(*redis.Cmd).Val(), nil }

// call runs run, and returns at once when ctx ends, whatever go-redis does. run
// then goes on by itself until the client's timeouts end it, so it touches
// nothing of the caller's but what it was given to keep.
//
// With an error of run, call returns the value too. A context that cannot end
// costs no goroutine.
func call[T any](ctx context.Context, l *link, op fmt.Stringer, f *fate, run func(context.Context) (T, error)) (T, error) {
	var zero T
	ctxErr := ctx.Err()
	if err := l.begin(op, ctx.Done() != nil && ctxErr == nil); err != nil {
		return zero, err
	}
	if ctxErr != nil {
		return zero, ended(op, ctxErr, false)
	}
	return begun(ctx, l, op, f, run)
}

// begun is call for what was admitted already.
func begun[T any](ctx context.Context, l *link, op fmt.Stringer, f *fate, run func(context.Context) (T, error)) (T, error) {
	var zero T
	done := ctx.Done()
	if done == nil {
		value, err := run(ctx)
		if err != nil {
			l.client.noticeFault(ctx, err)
			return value, l.fail(ctx, op, l.explain(ctx, err, f), f)
		}
		return value, nil
	}
	r := &running[T]{result: make(chan result[T], 1)}
	go r.run(ctx, l, f, run)
	var res result[T]
	select {
	case res = <-r.result:
	case <-done:
		if r.leave(l) {
			return zero, ended(op, ctx.Err(), f != nil && f.abandon())
		}
		res = <-r.result
	}
	if res.panicked {
		panic(res.reason)
	}
	if res.err != nil {
		awaitEnd(ctx)
		return res.value, l.fail(ctx, op, res.err, f)
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

func (r *running[T]) run(ctx context.Context, l *link, f *fate, run func(context.Context) (T, error)) {
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
		l.client.noticeFault(ctx, res.err)
		res.err = l.explain(ctx, res.err, f)
	}
	res.panicked = false
}

// leave reports whether the caller leaves before the end of the call.
func (r *running[T]) leave(l *link) bool {
	l.leave()
	if r.over.CompareAndSwap(false, true) {
		return true
	}
	l.stay()
	return false
}

// Package timeout gives every operation of a store a deadline.
//
//	store := timeout.New(redisstore.New(client), timeout.Options{})
//
// It is for what has no deadline of its own, such as the loads of a cache, which
// serve many callers, or one that is too far away. A caller's nearer deadline
// stays, and then nothing is allocated; otherwise a call allocates a context
// and its timer. They are not used again: a layer below may hold them longer
// than the call lasts.
//
// Keys is left alone, because it lasts as long as its caller's loop.
//
// # Errors
//
// An operation that took too long ends with an error that matches
// [storage.ErrUnavailable] and [context.DeadlineExceeded]: the store was too
// slow, and did not serve. For a write it matches [storage.ErrUnknownOutcome] as
// well, if the store below says so. It begins with "timeout:", which tells it
// from the deadline of the caller, whose error passes as it is.
//
// # Stores that do not listen
//
// The deadline is a context's. A store that keeps law 8 returns when it ends, as
// all of this module do. One that ignores contexts is waited for, for as long as
// it takes, because an operation that goes on after its caller was told that it
// failed would be a lie about a write, and would use the caller's bytes while
// they are used again. A success that comes after the deadline is a success.
package timeout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// Options are how long operations may take. The zero value works.
type Options struct {
	// Read is for Get, Has, GetEntry and Ping; 0 means 1 s. That is a thousand
	// times what a server in the same data centre needs, and half of what
	// redisstore.Open lets its connections wait.
	Read time.Duration

	// Write is for Set, Delete, CompareAndSwap, Take and Touch; 0 means 1 s.
	// A write that is given up has an unknown outcome, mostly.
	Write time.Duration

	// Batch is for GetMany, SetMany, DeleteMany and GetEntries; 0 means 5 s:
	// they may be many keys, on many servers.
	Batch time.Duration

	// DeletePrefix is for DeletePrefix, which looks at every key that there is;
	// 0 means 1 minute.
	DeletePrefix time.Duration
}

const (
	defaultOne          = time.Second
	defaultBatch        = 5 * time.Second
	defaultDeletePrefix = time.Minute
)

// New returns next with a deadline for every operation. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns the interceptor, for stores of any type. It panics if a
// duration is negative.
func Interceptor(opts Options) storage.Interceptor {
	return &interceptor{
		read:         positive("Read", opts.Read, defaultOne),
		write:        positive("Write", opts.Write, defaultOne),
		batch:        positive("Batch", opts.Batch, defaultBatch),
		deletePrefix: positive("DeletePrefix", opts.DeletePrefix, defaultDeletePrefix),
	}
}

// positive returns d, or what 0 means.
func positive(field string, d, zero time.Duration) time.Duration {
	switch {
	case d < 0:
		panic(fmt.Sprintf("timeout: %s is %v, want 0 (%v) or more", field, d, zero))
	case d == 0:
		return zero
	}
	return d
}

type interceptor struct {
	read, write, batch, deletePrefix time.Duration
}

func (t *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if call.Op.Streaming() {
		return next(ctx)
	}
	patience := t.patience(call.Op)
	deadline := time.Now().Add(patience)
	if own, ok := ctx.Deadline(); ok && !own.After(deadline) {
		return next(ctx)
	}
	below, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	err := next(below)
	if err == nil || time.Now().Before(deadline) || !errors.Is(err, context.DeadlineExceeded) {
		return err // not for want of our time
	}
	return fmt.Errorf("timeout: %s: not done within %v: %w: %w", call.Op, patience, storage.ErrUnavailable, err)
}

// patience returns how long op may take.
func (t *interceptor) patience(op storage.Op) time.Duration {
	switch {
	case op == storage.OpDeletePrefix:
		return t.deletePrefix
	case op.Batch():
		return t.batch
	case op.ReadOnly():
		return t.read
	}
	return t.write
}

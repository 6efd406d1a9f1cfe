package storage

import (
	"context"
	"time"
)

// A Call describes one operation to an [Interceptor]. It is valid until
// Intercept returns; what is needed longer must be copied.
type Call struct {
	Op    Op
	Scope Scope         // what was scoped above the interceptor
	Key   string        // the key, or the prefix of OpKeys and OpDeletePrefix, as the caller gave it
	Keys  []string      // the keys of a batch, in a list of the interceptor's own
	TTL   time.Duration // of a write; the interceptor may change it before next, 0 is for ever

	// Size is the number of bytes of the values: those to be written, or,
	// after next has returned, those that were read. It is known for values
	// of type []byte and string and 0 for others.
	Size int

	// Hits is, after next has returned, the number of keys that a read found
	// or that Keys yielded.
	Hits int
}

// An Interceptor sees every operation of a store, and never its values. It
// serves stores of every value type.
//
// Intercept does its work around next, which performs the operation below:
// it passes a context derived from ctx and returns next's error or one of its
// own. It may return an error without calling next, which refuses the
// operation, or [ErrNotFound] if it knows that there is nothing; it may call
// next again after next has failed, which retries it. Of what it changes in
// the call only the TTL counts.
//
// What would tell the caller a lie panics. These are lies:
//
//   - nil, when next was not called or has failed last;
//   - an error that does not match [ErrUnknownOutcome], of a write for which
//     next has succeeded, or has ended once with ErrUnknownOutcome or a panic
//     and has not succeeded since: it says that the write was not done;
//   - [ErrNotFound] or [ErrConflict], when next was called and has given no
//     such answer;
//   - an error for which [Failed] is false, other than [context.Canceled],
//     when next has failed;
//   - a ttl below 0, or the end of a panic of a caller's loop over [Keys].
//
// So does calling next twice at the same time, again after it has succeeded,
// or after Intercept has returned. Who returns while next is running panics
// when next has ended. A next that was kept and is called late may, by
// chance, do the work of a later call before that call's own next, which then
// panics; with the race detector it always panics itself.
//
// An interceptor may also implement [Supporter], to refuse operations, and
// [io.Closer].
type Interceptor interface {
	Intercept(ctx context.Context, call *Call, next func(context.Context) error) error
}

// InterceptorFunc makes an [Interceptor] of a function.
type InterceptorFunc func(ctx context.Context, call *Call, next func(context.Context) error) error

// Intercept calls f.
func (f InterceptorFunc) Intercept(ctx context.Context, call *Call, next func(context.Context) error) error {
	return f(ctx, call, next)
}

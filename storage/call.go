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
	Keys  []string      // the keys of a batch, read-only
	TTL   time.Duration // of a write; the interceptor may change it before next

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
// operation, or ErrNotFound if it knows that there is nothing; it may call
// next again after next has failed, which retries it.
//
// What would tell the caller a lie panics: returning nil when next was not
// called or has failed last, turning a failure into a miss, calling next at
// the same time twice, again after it has succeeded, or after Intercept has
// returned.
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

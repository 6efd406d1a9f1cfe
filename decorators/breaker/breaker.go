package breaker

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunica-go/tunica/storage"
)

// New returns next behind a breaker of its own. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns a breaker, which is closed, for stores of any type. It
// panics if opts make no sense.
func Interceptor(opts Options) storage.Interceptor {
	opts.check()
	return newCircuit(opts.withDefaults())
}

func (c *circuit) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if call.Op == storage.OpPing {
		return next(ctx)
	}
	began, ok := c.admit()
	if !ok {
		return refusal{call.Op}
	}
	result := uncounted // of a panic too
	defer func() { c.settle(began, result) }()
	asked := ctx.Err() == nil
	err := next(ctx)
	result = judge(err, asked)
	return err
}

// refusal is the error of an operation that did not go to the store.
type refusal struct{ op storage.Op }

func (r refusal) Error() string {
	return fmt.Sprintf("breaker: %s: %v: the circuit breaker is open", r.op, storage.ErrUnavailable)
}

func (refusal) Unwrap() error { return storage.ErrUnavailable }

// Retryable returns false: the breaker says by itself when to ask again.
func (refusal) Retryable() bool { return false }

// result is what an operation says of the store.
type result uint8

const (
	uncounted result = iota
	success
	failure
)

// judge returns what err says of the store. asked is false if the context had
// ended before.
func judge(err error, asked bool) result {
	switch {
	case err == nil || err == storage.ErrNotFound:
		return success
	case errors.Is(err, context.Canceled):
		return uncounted
	case !storage.Failed(err):
		if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict) {
			return success
		}
		return uncounted
	case !asked:
		return uncounted
	}
	for _, there := range reached {
		if errors.Is(err, there) {
			return uncounted
		}
	}
	return failure
}

// reached are the failures of a store that can be reached, and those of which
// that cannot be said.
var reached = []error{
	storage.ErrOverloaded, storage.ErrReadOnly, storage.ErrUnauthorized, storage.ErrCorrupt, storage.ErrClosed,
}

package storage

import (
	"context"
	"errors"
)

// lie says what is untrue about err as the result of the call, after what
// next has told; "" if nothing is. A caller relies on it: success means done,
// an error other than ErrUnknownOutcome means that a write was not done, an
// answer comes from the store, and a failure stays one.
func (f *frame[V]) lie(err error) string {
	switch {
	case err == nil && !f.called:
		return "returned nil without calling next"
	case err == nil && f.err != nil:
		return "returned nil although next failed"
	case f.stopped && f.err == errPanicked:
		return "recovered a panic of its caller's loop"
	case err == nil:
		return ""
	}
	if !f.args.Op.ReadOnly() && !errors.Is(err, ErrUnknownOutcome) {
		switch {
		case f.called && f.err == nil:
			return "returned a definite error although the write was done"
		case f.unknown:
			return "returned a definite error although the write may have been done"
		}
	}
	switch {
	case f.called && answer(err) && !answer(f.err):
		return "returned an answer that next did not give"
	case troubled(f.err) && !troubled(err):
		return "returned an error that is no failure although next failed"
	}
	return ""
}

// answer reports whether err says what the store found.
func answer(err error) bool {
	return !Failed(err) && (errors.Is(err, ErrNotFound) || errors.Is(err, ErrConflict))
}

// troubled reports whether err says that the store failed, or was kept from
// doing its work.
func troubled(err error) bool {
	return Failed(err) || errors.Is(err, context.Canceled)
}

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Answers: the store did its work, and this is what it found.
var (
	// ErrNotFound says that the key has no value, or that it has expired.
	ErrNotFound = errors.New("storage: not found")

	// ErrConflict says that the value was not the expected one, so that
	// [CompareAndSwap] changed nothing.
	ErrConflict = errors.New("storage: conflict: the value is not the expected version")
)

// Misuse: the call can never succeed as it is, and nothing was done.
var (
	// ErrInvalidKey says that a key or prefix cannot be used here.
	ErrInvalidKey = errors.New("storage: invalid key: a key is any non-empty string")

	// ErrInvalidTTL says that a ttl was negative.
	ErrInvalidTTL = errors.New("storage: invalid ttl: want NoExpiry (0) or a positive duration")

	// ErrInvalidValue says that a value cannot be stored, for example because
	// its codec cannot encode it.
	ErrInvalidValue = errors.New("storage: invalid value: it cannot be encoded")

	// ErrTooLarge says that a key or a value is larger than the store takes.
	ErrTooLarge = errors.New("storage: too large")
)

// Failures: the store could not do its work. They are definite: a write that
// ends with one of them, and not with [ErrUnknownOutcome], did not happen.
var (
	// ErrUnavailable says that the backend cannot be reached or cannot serve now.
	ErrUnavailable = errors.New("storage: unavailable")

	// ErrReadOnly says that the store takes no writes.
	ErrReadOnly = errors.New("storage: read-only")

	// ErrUnauthorized says that the backend refused the credentials or that
	// they do not permit the operation.
	ErrUnauthorized = errors.New("storage: unauthorized")

	// ErrOverloaded says that a limit was reached: memory, connections or load.
	ErrOverloaded = errors.New("storage: overloaded")

	// ErrCorrupt says that there is a value and that it cannot be understood.
	ErrCorrupt = errors.New("storage: corrupt value")

	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("storage: closed")
)

// ErrUnknownOutcome says that a write was sent and that no reply came: it may
// have happened, or may yet happen. The error usually matches its cause too,
// for example [ErrUnavailable] or [context.DeadlineExceeded].
var ErrUnknownOutcome = errors.New("storage: unknown outcome: the write may or may not have happened")

var (
	failures = []error{ErrUnknownOutcome, ErrUnavailable, ErrReadOnly, ErrUnauthorized, ErrOverloaded, ErrCorrupt, ErrClosed}
	harmless = []error{ErrNotFound, ErrConflict, ErrInvalidKey, ErrInvalidTTL, ErrInvalidValue, ErrTooLarge, errors.ErrUnsupported, context.Canceled}
)

// Failed reports whether err says that the store failed. A trace colours such
// an operation red; what a breaker counts and a retry tries again is among it.
//
// It is false for nil, for answers ([ErrNotFound], [ErrConflict]), for misuse
// ([ErrInvalidKey], [ErrInvalidTTL], [ErrInvalidValue], [ErrTooLarge]), for
// [errors.ErrUnsupported] and for a caller's own cancel ([context.Canceled]).
// It is true for everything else, a missed deadline included, and for
// [ErrUnknownOutcome] and the other failures whatever else err matches.
func Failed(err error) bool {
	if err == nil || err == ErrNotFound {
		return false
	}
	return isAny(err, failures) || !isAny(err, harmless)
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// Unsupported returns the error of a store that refuses op, for decorators
// and adapters that have the method but cannot serve it here. It matches
// [errors.ErrUnsupported] and names the type of layer, the one that refuses.
func Unsupported(op Op, layer any) error {
	name, _, _ := strings.Cut(fmt.Sprintf("%T", layer), "[")
	return fmt.Errorf("storage: %s: %w by %s", op, errors.ErrUnsupported, name)
}

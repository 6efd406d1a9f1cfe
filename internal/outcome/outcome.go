// Package outcome has the words for how an operation ended, which spans and
// metrics share. They are closed sets, and say nothing of keys and values.
package outcome

import (
	"context"
	"errors"

	"github.com/tunica-go/tunica/storage"
)

// Panic is the word for an operation that panicked, and Other for a failure that
// is none of package storage: error.type has it from the semantic conventions.
const (
	Panic = "panic"
	Other = "_OTHER"
)

// Failure returns the word for a failure of the store, as [storage.Failed] tells,
// and "" if err is none.
func Failure(err error) string {
	if !storage.Failed(err) {
		return ""
	}
	return word(err, failures, Other)
}

// Answer returns the word for an error that is no failure, and "" for nil.
func Answer(err error) string {
	if err == nil {
		return ""
	}
	return word(err, answers, "")
}

// named is the word for an error.
type named struct {
	err  error
	word string
}

// An error may match several: the first says what its reader has to know, a
// cause such as a timeout before the general ErrUnavailable.
var failures = []named{
	{storage.ErrUnknownOutcome, "unknown_outcome"},
	{storage.ErrClosed, "closed"},
	{storage.ErrCorrupt, "corrupt"},
	{storage.ErrUnauthorized, "unauthorized"},
	{storage.ErrReadOnly, "read_only"},
	{storage.ErrOverloaded, "overloaded"},
	{context.DeadlineExceeded, "timeout"},
	{storage.ErrUnavailable, "unavailable"},
}

var answers = []named{
	{storage.ErrNotFound, "not_found"},
	{storage.ErrConflict, "conflict"},
	{storage.ErrInvalidKey, "invalid_key"},
	{storage.ErrInvalidTTL, "invalid_ttl"},
	{storage.ErrInvalidValue, "invalid_value"},
	{storage.ErrTooLarge, "too_large"},
	{errors.ErrUnsupported, "unsupported"},
	{context.Canceled, "canceled"},
}

func word(err error, words []named, other string) string {
	for _, w := range words {
		if errors.Is(err, w.err) {
			return w.word
		}
	}
	return other
}

package trace

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/storage"
)

// finish notes how call ended: closed words only, no text of err.
func finish(span oteltrace.Span, call *storage.Call, err error) {
	if storage.Failed(err) {
		fail(span, word(err, failures, semconv.ErrorTypeOther.Value.AsString()))
		return
	}
	if finds(call.Op) && (err == nil || errors.Is(err, storage.ErrNotFound)) {
		span.SetAttributes(attribute.Int("tunica.hits", call.Hits))
	}
	if err != nil {
		span.SetAttributes(attribute.String("tunica.outcome", word(err, outcomes, "")))
	}
}

func fail(span oteltrace.Span, errorType string) {
	span.SetStatus(codes.Error, errorType)
	span.SetAttributes(semconv.ErrorTypeKey.String(errorType))
}

// finds reports whether op tells how many keys it found.
func finds(op storage.Op) bool {
	switch op {
	case storage.OpGet, storage.OpHas, storage.OpGetMany, storage.OpGetEntry,
		storage.OpGetEntries, storage.OpTake, storage.OpKeys:
		return true
	}
	return false
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

var outcomes = []named{
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

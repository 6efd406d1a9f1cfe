package trace

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/internal/outcome"
	"github.com/tunica-go/tunica/storage"
)

// finish notes how call ended: closed words only, no text of err.
func finish(span oteltrace.Span, call *storage.Call, err error) {
	if failure := outcome.Failure(err); failure != "" {
		fail(span, failure)
		return
	}
	if finds(call.Op) && (err == nil || errors.Is(err, storage.ErrNotFound)) {
		span.SetAttributes(attribute.Int("tunica.hits", call.Hits))
	}
	if err != nil {
		span.SetAttributes(attribute.String("tunica.outcome", outcome.Answer(err)))
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

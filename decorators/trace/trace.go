package trace

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tunica-go/tunica/internal/outcome"
	"github.com/tunica-go/tunica/storage"
)

const scopeName = "github.com/tunica-go/tunica/decorators/trace"

// Options say where spans go and what they are. The zero value makes INTERNAL
// spans with the global provider.
type Options struct {
	// TracerProvider makes the spans. nil is the global provider, which may be
	// set later. One of package noop turns tracing off: New returns the store
	// as it is.
	TracerProvider oteltrace.TracerProvider

	// System is the db.system.name of the backend, such as "redis". Set it
	// where the trace stands right above an adapter of another process: the
	// spans are then of kind CLIENT. Otherwise they are INTERNAL.
	System string

	// Attributes are on every span, such as semconv.ServerAddress.
	Attributes []attribute.KeyValue

	// Roots makes spans also where there is no span to be the parent, or only
	// a sampled one of another process; the sampler decides about them. Without
	// it such operations, background work for example, are not traced.
	Roots bool

	// Key returns what the attribute tunica.key says about the key of an
	// operation, or its prefix: a keyed hash for example. "" says nothing, and
	// nil means that keys are not told. Batches have no such attribute.
	//
	// Traces are read by more people than the store is: a key that names a
	// session lets its reader take the session over.
	Key func(key string) string
}

// New returns next with a span around every operation. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	if _, off := opts.TracerProvider.(noop.TracerProvider); off && next != nil {
		return next
	}
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns an interceptor that makes a span of every call, for
// stores of any type.
func Interceptor(opts Options) storage.Interceptor {
	provider := opts.TracerProvider
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	t := &interceptor{
		tracer:     provider.Tracer(scopeName, oteltrace.WithSchemaURL(semconv.SchemaURL)),
		kind:       oteltrace.WithSpanKind(oteltrace.SpanKindInternal),
		attributes: slices.Clone(opts.Attributes),
		roots:      opts.Roots,
		key:        opts.Key,
	}
	if opts.System != "" {
		t.kind = oteltrace.WithSpanKind(oteltrace.SpanKindClient)
		t.attributes = append(t.attributes, semconv.DBSystemNameKey.String(opts.System))
	}
	return t
}

type interceptor struct {
	tracer     oteltrace.Tracer
	kind       oteltrace.SpanStartOption
	attributes []attribute.KeyValue
	roots      bool
	key        func(string) string
}

func (t *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if !t.wanted(ctx) {
		return next(ctx)
	}
	return t.record(ctx, call, next)
}

// wanted reports whether an operation of ctx gets a span.
func (t *interceptor) wanted(ctx context.Context) bool {
	parent := oteltrace.SpanFromContext(ctx)
	if parent.IsRecording() || !t.roots {
		return parent.IsRecording()
	}
	sc := parent.SpanContext()
	return !sc.IsValid() || sc.IsSampled()
}

func (t *interceptor) record(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	name := call.Op.String()
	if call.Scope.Name != "" {
		name += " " + call.Scope.Name
	}
	parent := oteltrace.SpanContextFromContext(ctx)
	below, span := t.tracer.Start(ctx, name, t.kind, oteltrace.WithAttributes(t.describe(call)...))
	if !span.IsRecording() && span.SpanContext().Equal(parent) {
		return next(ctx) // no provider: the caller's span stays visible below
	}
	var (
		err  error
		done bool
	)
	// Deferring span.End itself would let the SDK record the text of a panic.
	defer func() {
		if done {
			finish(span, call, err)
		} else {
			fail(span, outcome.Panic)
		}
		span.End()
	}()
	err = next(below)
	done = true
	return err
}

// describe returns what is known before the operation, for samplers too.
func (t *interceptor) describe(call *storage.Call) []attribute.KeyValue {
	attributes := make([]attribute.KeyValue, len(t.attributes), len(t.attributes)+4)
	copy(attributes, t.attributes)
	attributes = append(attributes, semconv.DBOperationName(call.Op.String()))
	if call.Scope.Name != "" {
		attributes = append(attributes, semconv.DBCollectionName(call.Scope.Name))
	}
	if len(call.Keys) >= 2 {
		attributes = append(attributes, semconv.DBOperationBatchSize(len(call.Keys)))
	}
	if t.key != nil && call.Key != "" {
		if key := t.key(call.Key); key != "" {
			// Exporters drop a whole batch for one invalid string.
			attributes = append(attributes, attribute.String("tunica.key", strings.ToValidUTF8(key, "\uFFFD")))
		}
	}
	return attributes
}

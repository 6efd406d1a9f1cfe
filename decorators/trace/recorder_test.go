package trace_test

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"
)

// recorder is a provider that keeps its spans. The tests with OpenTelemetry's
// SDK, which this module does not require, are in internal/e2e/trace.
type recorder struct {
	embedded.TracerProvider
	mu    sync.Mutex
	spans []*span
}

// span is a span of the recorder. Its NoOp part keeps the interface whole.
type span struct {
	noop.Span
	provider   *recorder
	parent     oteltrace.Span
	name       string
	kind       oteltrace.SpanKind
	atStart    []attribute.KeyValue
	attributes map[string]any
	status     codes.Code
	text       string
	ended      int
	noted      int // calls of RecordError and AddEvent
}

func (r *recorder) Tracer(string, ...oteltrace.TracerOption) oteltrace.Tracer {
	return tracer{provider: r}
}

// request returns a context with a recording span, as a request has it.
func (r *recorder) request(ctx context.Context) context.Context {
	return oteltrace.ContextWithSpan(ctx, &span{provider: r, name: "request"})
}

func (r *recorder) taken() []*span {
	r.mu.Lock()
	defer r.mu.Unlock()
	spans := r.spans
	r.spans = nil
	return spans
}

type tracer struct {
	embedded.Tracer
	provider *recorder
}

func (t tracer) Start(ctx context.Context, name string, options ...oteltrace.SpanStartOption) (context.Context, oteltrace.Span) {
	config := oteltrace.NewSpanStartConfig(options...)
	s := &span{
		provider: t.provider, parent: oteltrace.SpanFromContext(ctx),
		name: name, kind: config.SpanKind(), atStart: config.Attributes(), attributes: map[string]any{},
	}
	s.SetAttributes(s.atStart...)
	t.provider.mu.Lock()
	defer t.provider.mu.Unlock()
	t.provider.spans = append(t.provider.spans, s)
	return oteltrace.ContextWithSpan(ctx, s), s
}

func (s *span) IsRecording() bool { return s.ended == 0 }

func (s *span) SpanContext() oteltrace.SpanContext {
	return oteltrace.NewSpanContext(oteltrace.SpanContextConfig{
		TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{1}, TraceFlags: oteltrace.FlagsSampled,
	})
}

func (s *span) SetAttributes(attributes ...attribute.KeyValue) {
	for _, a := range attributes {
		s.attributes[string(a.Key)] = a.Value.AsInterface()
	}
}

func (s *span) SetStatus(code codes.Code, text string)      { s.status, s.text = code, text }
func (s *span) RecordError(error, ...oteltrace.EventOption) { s.noted++ }
func (s *span) AddEvent(string, ...oteltrace.EventOption)   { s.noted++ }
func (s *span) End(...oteltrace.SpanEndOption)              { s.ended++ }
func (s *span) TracerProvider() oteltrace.TracerProvider    { return s.provider }

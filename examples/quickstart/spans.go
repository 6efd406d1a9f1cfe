package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// spanTree is a SpanExporter that keeps the spans of a request, to print them
// as a tree without ids and durations.
type spanTree struct {
	mu    sync.Mutex
	ended []sdktrace.ReadOnlySpan // children before their parents, siblings in order
}

// ExportSpans keeps spans.
func (t *spanTree) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = append(t.ended, spans...)
	return nil
}

// Shutdown does nothing.
func (t *spanTree) Shutdown(context.Context) error { return nil }

// print prints what was kept and forgets it.
func (t *spanTree) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	children := make(map[oteltrace.SpanID][]sdktrace.ReadOnlySpan)
	for _, span := range t.ended {
		parent := span.Parent().SpanID()
		children[parent] = append(children[parent], span)
	}
	t.ended = nil
	for _, root := range children[oteltrace.SpanID{}] {
		printChildren(w, children, root, "    ")
	}
}

func printChildren(w io.Writer, children map[oteltrace.SpanID][]sdktrace.ReadOnlySpan, parent sdktrace.ReadOnlySpan, indent string) {
	below := children[parent.SpanContext().SpanID()]
	for i, span := range below {
		branch, trunk := "├─ ", "│  "
		if i == len(below)-1 {
			branch, trunk = "└─ ", "   "
		}
		fmt.Fprintf(w, "%s%s%s\n", indent, branch, describe(span))
		printChildren(w, children, span, indent+trunk)
	}
}

// describe says what a span of the stack says.
func describe(span sdktrace.ReadOnlySpan) string {
	found := make(map[attribute.Key]attribute.Value)
	for _, a := range span.Attributes() {
		found[a.Key] = a.Value
	}
	text := fmt.Sprintf("%s: %s", found[layer].AsString(), span.Name())
	if hits, ok := found["tunica.hits"]; ok {
		text += fmt.Sprintf(", found %d", hits.AsInt64())
	}
	if failure, ok := found["error.type"]; ok {
		text += ", failed: " + failure.AsString()
	}
	return text
}

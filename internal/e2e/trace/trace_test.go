// Package trace_test runs decorators/trace with OpenTelemetry's SDK, which the
// root module does not require.
package trace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

// sdk returns a provider and what it exported.
func sdk(t *testing.T, options ...sdktrace.TracerProviderOption) (*sdktrace.TracerProvider, *tracetest.SpanRecorder) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(append(options, sdktrace.WithSpanProcessor(recorder))...)
	t.Cleanup(func() {
		if err := provider.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return provider, recorder
}

func request(ctx context.Context, provider oteltrace.TracerProvider) (context.Context, oteltrace.Span) {
	return provider.Tracer("test").Start(ctx, "request")
}

// attributes returns those of span as text, without a key twice.
func attributes(t *testing.T, span sdktrace.ReadOnlySpan) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, a := range span.Attributes() {
		if _, ok := got[string(a.Key)]; ok {
			t.Errorf("%s: %s twice", span.Name(), a.Key)
		}
		got[string(a.Key)] = a.Value.String()
	}
	return got
}

func TestSpanAsExported(t *testing.T) {
	provider, recorder := sdk(t)
	sessions := namespace.New(trace.New(memstore.New[string](), trace.Options{
		TracerProvider: provider, System: "redis", Attributes: []attribute.KeyValue{semconv.ServerPort(6379)},
	}), "sessions")
	ctx, parent := request(t.Context(), provider)
	if _, err := sessions.Get(ctx, "k"); !errors.Is(err, storage.ErrNotFound) {
		t.Fatal(err)
	}
	parent.End()

	span := recorder.Ended()[0]
	if span.Name() != "get sessions" || span.SpanKind() != oteltrace.SpanKindClient {
		t.Errorf("%q of kind %v", span.Name(), span.SpanKind())
	}
	if span.Parent().SpanID() != parent.SpanContext().SpanID() || span.SpanContext().TraceID() != parent.SpanContext().TraceID() {
		t.Error("the request is not the parent")
	}
	if span.Status() != (sdktrace.Status{}) || len(span.Events()) != 0 {
		t.Errorf("a miss has status %v and events %v", span.Status(), span.Events())
	}
	scope := span.InstrumentationScope()
	if scope.Name != "github.com/tunica-go/tunica/decorators/trace" || scope.SchemaURL != semconv.SchemaURL {
		t.Errorf("scope %+v", scope)
	}
	want := map[string]string{
		"server.port": "6379", "db.system.name": "redis", "db.operation.name": "get",
		"db.collection.name": "sessions", "tunica.hits": "0", "tunica.outcome": "not_found",
	}
	if got := attributes(t, span); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("attributes %v\nwant       %v", got, want)
	}
}

func TestSamplers(t *testing.T) {
	for name, row := range map[string]struct {
		sampler sdktrace.Sampler
		roots   bool
		parent  bool
		want    int
	}{
		"sampled parent":              {sampler: sdktrace.AlwaysSample(), parent: true, want: 1},
		"unsampled parent":            {sampler: sdktrace.NeverSample(), parent: true},
		"unsampled parent with roots": {sampler: sdktrace.NeverSample(), parent: true, roots: true},
		"no parent":                   {sampler: sdktrace.AlwaysSample()},
		"roots":                       {sampler: sdktrace.AlwaysSample(), roots: true, want: 1},
		"roots not sampled":           {sampler: sdktrace.NeverSample(), roots: true},
	} {
		t.Run(name, func(t *testing.T) {
			provider, recorder := sdk(t, sdktrace.WithSampler(row.sampler))
			store := trace.New(memstore.New[string](), trace.Options{TracerProvider: provider, Roots: row.roots})
			ctx := t.Context()
			if row.parent {
				ctx, _ = request(ctx, provider)
			}
			if err := store.Set(ctx, "k", "value", 0); err != nil {
				t.Fatal(err)
			}
			if got := len(recorder.Ended()); got != row.want {
				t.Errorf("%d spans, want %d", got, row.want)
			}
		})
	}
}

// still is a store that does nothing, so that only the trace can allocate.
type still struct{}

func (still) Get(context.Context, string) (string, error)              { return "", nil }
func (still) Set(context.Context, string, string, time.Duration) error { return nil }
func (still) Delete(context.Context, string) error                     { return nil }

func TestUnsampledAllocatesNothing(t *testing.T) {
	if race.Enabled {
		t.Skip("with the race detector a call allocates its frame")
	}
	provider, _ := sdk(t, sdktrace.WithSampler(sdktrace.NeverSample()))
	ctx, _ := request(t.Context(), provider)
	for name, opts := range map[string]trace.Options{
		"zero":  {TracerProvider: provider},
		"roots": {TracerProvider: provider, Roots: true, System: "redis", Key: strings.ToUpper},
	} {
		store := trace.New(still{}, opts)
		if got := testing.AllocsPerRun(1000, func() { _, _ = store.Get(ctx, "k") }); got != 0 {
			t.Errorf("%s: Get allocates %v times", name, got)
		}
	}
}

// loud is a store whose errors and panics quote keys and values.
type loud struct{}

const secretKey, secretValue = "planted-key", "planted-value"

func (loud) Get(_ context.Context, key string) (string, error) { panic("no " + key) }

func (loud) Set(_ context.Context, key, value string, _ time.Duration) error {
	return fmt.Errorf("cannot set %s to %s: %w", key, value, storage.ErrUnavailable)
}

func (loud) Delete(_ context.Context, key string) error { return errors.New("cannot delete " + key) }

func TestNothingSecretIsExported(t *testing.T) {
	provider, recorder := sdk(t)
	ctx, _ := request(t.Context(), provider)
	for _, next := range []storage.Store[string]{memstore.New[string](), loud{}} {
		store := namespace.New(trace.New(next, trace.Options{TracerProvider: provider, System: "redis"}), "sessions")
		keys := []string{secretKey, secretKey + "2"}
		for _, call := range []func(){
			func() { _ = store.Set(ctx, secretKey, secretValue, 0) },
			func() { _, _ = store.Get(ctx, secretKey) },
			func() { _, _ = storage.Has(ctx, store, secretKey) },
			func() { _, _ = storage.GetMany(ctx, store, keys) },
			func() { _, _ = storage.GetEntries(ctx, store, keys) },
			func() { _ = storage.SetMany(ctx, store, map[string]string{secretKey: secretValue}, 0) },
			func() { _, _ = storage.CompareAndSwap(ctx, store, secretKey, "stale", secretValue, 0) },
			func() { _ = storage.Touch(ctx, store, secretKey, time.Hour) },
			func() { _ = storage.DeletePrefix(ctx, store, secretKey) },
			func() {
				for range storage.Keys(ctx, store, secretKey) {
				}
			},
			func() { _ = storage.DeleteMany(ctx, store, keys) },
			func() { _ = store.Delete(ctx, secretKey) },
		} {
			func() {
				defer func() { _ = recover() }()
				call()
			}()
		}
	}
	spans := recorder.Ended()
	if len(spans) != 24 {
		t.Errorf("%d spans of 24 operations", len(spans))
	}
	for _, span := range spans {
		text := fmt.Sprintf("%+v", tracetest.SpanStubFromReadOnlySpan(span))
		if strings.Contains(text, "planted") {
			t.Errorf("%s exports %s", span.Name(), text)
		}
	}
	failed := slices.DeleteFunc(spans, func(s sdktrace.ReadOnlySpan) bool { return s.Status().Code != codes.Error })
	if len(failed) == 0 {
		t.Error("no span failed, so that the test shows nothing")
	}
}

func TestConcurrentOperations(t *testing.T) {
	provider, recorder := sdk(t)
	store := trace.New(memstore.New[int](), trace.Options{TracerProvider: provider, Key: strings.Clone})
	ctx, _ := request(t.Context(), provider)
	const workers, each = 8, 50
	var wg sync.WaitGroup
	for w := range workers {
		view := namespace.New(store, fmt.Sprint("n", w))
		wg.Go(func() {
			for i := range each {
				_ = view.Set(ctx, fmt.Sprint(w), i, 0)
				_, _ = view.Get(ctx, fmt.Sprint(w))
			}
		})
	}
	wg.Wait()
	spans := recorder.Ended()
	if len(spans) != 2*workers*each {
		t.Errorf("%d spans", len(spans))
	}
	for _, span := range spans {
		got := attributes(t, span)
		if got["db.collection.name"] != "n"+got["tunica.key"] || !strings.HasSuffix(span.Name(), got["db.collection.name"]) {
			t.Fatalf("mixed up: %q %v", span.Name(), got)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	never := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	always := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample()))
	unsampled, _ := request(b.Context(), never)
	sampled, _ := request(b.Context(), always)
	traced := trace.New(still{}, trace.Options{TracerProvider: always, System: "redis"})
	bare := storage.Intercept(still{}, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error { return next(ctx) }))
	for _, row := range []struct {
		name  string
		ctx   context.Context
		store storage.Store[string]
	}{
		{"empty interceptor", b.Context(), bare},
		{"no parent", b.Context(), traced},
		{"unsampled", unsampled, traced},
		{"sampled", sampled, traced},
	} {
		b.Run(row.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = row.store.Get(row.ctx, "k")
			}
		})
	}
}

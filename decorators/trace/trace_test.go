package trace_test

import (
	"context"
	"maps"
	"reflect"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

// TestOperations runs each operation on a store that holds "k" and "k2".
func TestOperations(t *testing.T) {
	want := map[storage.Op]map[string]any{
		storage.OpGet:            {"tunica.hits": int64(1)},
		storage.OpSet:            {},
		storage.OpDelete:         {},
		storage.OpHas:            {"tunica.hits": int64(1)},
		storage.OpGetMany:        {"tunica.hits": int64(2), "db.operation.batch.size": int64(3)},
		storage.OpSetMany:        {"db.operation.batch.size": int64(2)},
		storage.OpDeleteMany:     {"db.operation.batch.size": int64(3)},
		storage.OpGetEntry:       {"tunica.hits": int64(1)},
		storage.OpGetEntries:     {"tunica.hits": int64(2), "db.operation.batch.size": int64(3)},
		storage.OpCompareAndSwap: {"tunica.outcome": "conflict"},
		storage.OpTake:           {"tunica.hits": int64(1)},
		storage.OpTouch:          {},
		storage.OpKeys:           {"tunica.hits": int64(2)},
		storage.OpDeletePrefix:   {},
		storage.OpPing:           {},
	}
	for op := range intercepttest.Operations(fixed{}) {
		t.Run(op.String(), func(t *testing.T) {
			provider := new(recorder)
			ctx := provider.request(t.Context())
			view := namespace.New(trace.New(memstore.New[string](), trace.Options{TracerProvider: provider}), "sessions")
			for _, key := range []string{"k", "k2"} {
				if err := view.Set(t.Context(), key, "value", 0); err != nil {
					t.Fatal(err)
				}
			}
			_ = intercepttest.Operations(view)[op](ctx)

			spans := provider.taken()
			if len(spans) != 1 {
				t.Fatalf("%d spans", len(spans))
			}
			got, attributes := spans[0], maps.Clone(want[op])
			attributes["db.operation.name"] = op.String()
			attributes["db.collection.name"] = "sessions"
			if !reflect.DeepEqual(got.attributes, attributes) {
				t.Errorf("attributes %v\nwant       %v", got.attributes, attributes)
			}
			if got.name != op.String()+" sessions" || got.kind != oteltrace.SpanKindInternal || got.ended != 1 {
				t.Errorf("span %q of kind %v, ended %d times", got.name, got.kind, got.ended)
			}
			if got.status != codes.Unset || got.noted != 0 {
				t.Errorf("status %v %q, %d events", got.status, got.text, got.noted)
			}
			if got.parent != oteltrace.SpanFromContext(ctx) {
				t.Error("the parent is not the caller's span")
			}
		})
	}
}

func TestWithoutNamespaceOrBatch(t *testing.T) {
	provider := new(recorder)
	store := trace.New(memstore.New[string](), trace.Options{TracerProvider: provider})
	if _, err := storage.GetMany(provider.request(t.Context()), store, []string{"k"}); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"db.operation.name": "get_many", "tunica.hits": int64(0)}
	if got := provider.taken()[0]; got.name != "get_many" || !reflect.DeepEqual(got.attributes, want) {
		t.Errorf("span %q with %v, want %v", got.name, got.attributes, want)
	}
}

func TestSystemAndAttributes(t *testing.T) {
	provider := new(recorder)
	attributes := make([]attribute.KeyValue, 1, 8)
	attributes[0] = semconv.ServerAddress("redis.example")
	opts := trace.Options{TracerProvider: provider, System: "redis", Attributes: attributes}
	one, two := trace.New(fixed{}, opts), trace.New(fixed{}, trace.Options{
		TracerProvider: provider, System: "memcached", Attributes: attributes,
	})
	attributes[0] = semconv.ServerAddress("changed.example")
	ctx := provider.request(t.Context())
	_, _ = one.Get(ctx, "k")
	_, _ = two.Get(ctx, "k")
	for i, got := range provider.taken() {
		system := []string{"redis", "memcached"}[i]
		if got.kind != oteltrace.SpanKindClient {
			t.Errorf("kind %v, want CLIENT", got.kind)
		}
		if got.attributes["db.system.name"] != system || got.attributes["server.address"] != "redis.example" {
			t.Errorf("attributes %v", got.attributes)
		}
		if len(got.atStart) != 3 {
			t.Errorf("the sampler sees %v", got.atStart)
		}
	}
}

func TestOperationBelowIsAChild(t *testing.T) {
	provider := new(recorder)
	inner := trace.New(fixed{}, trace.Options{TracerProvider: provider, System: "redis"})
	outer := trace.New(inner, trace.Options{TracerProvider: provider})
	_, _ = outer.Get(provider.request(t.Context()), "k")
	spans := provider.taken()
	if len(spans) != 2 || spans[1].parent != spans[0] {
		t.Errorf("spans %v", spans)
	}
}

func TestKeyIsToldOnlyByTheHook(t *testing.T) {
	provider := new(recorder)
	store := trace.New(memstore.New[string](), trace.Options{
		TracerProvider: provider,
		Key: func(key string) string {
			if key == "k" {
				return "told\xff"
			}
			return ""
		},
	})
	for op, call := range intercepttest.Operations(store) {
		_ = call(provider.request(t.Context()))
		want := any("told\uFFFD")
		if op.Batch() || op == storage.OpPing {
			want = nil
		}
		if got := provider.taken()[0].attributes["tunica.key"]; got != want {
			t.Errorf("%v: tunica.key is %q, want %q", op, got, want)
		}
	}
	_, _ = store.Get(provider.request(t.Context()), "other")
	if key, ok := provider.taken()[0].attributes["tunica.key"]; ok {
		t.Errorf("the hook said nothing and tunica.key is %q", key)
	}
}

func TestOnlyBelowARecordingSpan(t *testing.T) {
	trace1, span1 := oteltrace.TraceID{1}, oteltrace.SpanID{1}
	unsampled := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: trace1, SpanID: span1})
	sampled := unsampled.WithTraceFlags(oteltrace.FlagsSampled)
	provider := new(recorder)
	for name, parent := range map[string]struct {
		ctx       context.Context
		spans     int
		withRoots int
	}{
		"none":             {ctx: t.Context(), withRoots: 1},
		"recording":        {ctx: provider.request(t.Context()), spans: 1, withRoots: 1},
		"unsampled":        {ctx: oteltrace.ContextWithSpanContext(t.Context(), unsampled)},
		"unsampled remote": {ctx: oteltrace.ContextWithRemoteSpanContext(t.Context(), unsampled)},
		"sampled remote":   {ctx: oteltrace.ContextWithRemoteSpanContext(t.Context(), sampled), withRoots: 1},
	} {
		t.Run(name, func(t *testing.T) {
			for roots, want := range map[bool]int{false: parent.spans, true: parent.withRoots} {
				store := trace.New(fixed{}, trace.Options{TracerProvider: provider, Roots: roots})
				value, err := store.Get(parent.ctx, "k")
				if value != "value" || err != nil {
					t.Errorf("Get = %q, %v", value, err)
				}
				if got := len(provider.taken()); got != want {
					t.Errorf("Roots %v: %d spans, want %d", roots, got, want)
				}
			}
		})
	}
}

func TestNothingIsAllocatedWithoutASpan(t *testing.T) {
	if race.Enabled {
		t.Skip("with the race detector a call allocates its frame")
	}
	unsampled := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{1}})
	for name, ctx := range map[string]context.Context{
		"no parent":        t.Context(),
		"unsampled parent": oteltrace.ContextWithSpanContext(t.Context(), unsampled),
	} {
		view := namespace.New(trace.New(memstore.New[string](), trace.Options{TracerProvider: new(recorder), System: "redis"}), "n")
		if err := view.Set(ctx, "k", "value", 0); err != nil {
			t.Fatal(err)
		}
		bare := memstore.New[string]().In(storage.Scope{Prefix: "n:"})
		_ = bare.Set(ctx, "k", "value", 0)
		without := testing.AllocsPerRun(1000, func() { _, _ = bare.Get(ctx, "k") })
		if got := testing.AllocsPerRun(1000, func() { _, _ = view.Get(ctx, "k") }); got > without {
			t.Errorf("%s: Get allocates %v times, %v without trace", name, got, without)
		}
		store := trace.New(fixed{}, trace.Options{TracerProvider: new(recorder)})
		if got := testing.AllocsPerRun(1000, func() { _, _ = store.Get(ctx, "k") }); got != 0 {
			t.Errorf("%s: Get allocates %v times", name, got)
		}
	}
}

func TestNoopProviderLeavesTheStore(t *testing.T) {
	store := storage.Store[string](fixed{})
	opts := trace.Options{TracerProvider: noop.NewTracerProvider(), Roots: true}
	if got := trace.New(store, opts); got != store {
		t.Errorf("New returned %T", got)
	}
	ctx := new(recorder).request(t.Context())
	below := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		if !oteltrace.SpanFromContext(ctx).IsRecording() {
			t.Error("the span of the request is hidden from what is below")
		}
		return next(ctx)
	})
	if _, err := storage.Intercept(store, trace.Interceptor(opts), below).Get(ctx, "k"); err != nil {
		t.Error(err)
	}
}

func TestNilStorePanics(t *testing.T) {
	for name, opts := range map[string]trace.Options{
		"on":  {},
		"off": {TracerProvider: noop.NewTracerProvider()},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			trace.New[string](nil, opts)
		})
	}
}

package trace_test

import (
	"context"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
)

// global is set once: OpenTelemetry hands earlier tracers over only once.
var global = sync.OnceValue(func() (g struct {
	provider *recorder
	before   storage.Store[string]
	visible  bool
},
) {
	g.provider = new(recorder)
	below := storage.Intercept[string](fixed{}, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			g.visible = oteltrace.SpanFromContext(ctx).IsRecording()
			return next(ctx)
		}))
	g.before = trace.New(below, trace.Options{})
	_, _ = g.before.Get(new(recorder).request(context.Background()), "k")
	otel.SetTracerProvider(g.provider)
	return g
})

func TestGlobalProvider(t *testing.T) {
	g := global()
	if !g.visible {
		t.Error("before a global provider is set, the span of the request is hidden from what is below")
	}
	for name, store := range map[string]storage.Store[string]{
		"made before it is set": g.before,
		"made after":            trace.New(fixed{}, trace.Options{}),
	} {
		_, _ = store.Get(g.provider.request(t.Context()), "k")
		if spans := g.provider.taken(); len(spans) != 1 {
			t.Errorf("%s: %d spans", name, len(spans))
		}
	}
}

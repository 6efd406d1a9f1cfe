// Package metrics_test runs decorators/metrics with OpenTelemetry's SDK, which the
// root module does not require.
package metrics_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/internal/race"
)

// sdk returns a provider, and a function that collects.
func sdk(t *testing.T) (*sdkmetric.MeterProvider, func() map[string]metricdata.Metrics) {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	t.Cleanup(func() {
		if err := provider.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return provider, func() map[string]metricdata.Metrics {
		var all metricdata.ResourceMetrics
		if err := reader.Collect(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		found := make(map[string]metricdata.Metrics)
		for _, scope := range all.ScopeMetrics {
			for _, m := range scope.Metrics {
				if _, twice := found[m.Name]; twice {
					t.Errorf("%s is there twice", m.Name)
				}
				found[m.Name] = m
			}
		}
		return found
	}
}

// points returns the attributes of the points of m as text, with the figures.
func points(t *testing.T, m metricdata.Metrics) map[string]int64 {
	t.Helper()
	got := make(map[string]int64)
	add := func(attributes attribute.Set, n int64) { got[attributes.Encoded(attribute.DefaultEncoder())] = n }
	switch data := m.Data.(type) {
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, int64(p.Count))
		}
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			add(p.Attributes, p.Value)
		}
	default:
		t.Errorf("%s has %T", m.Name, m.Data)
	}
	return got
}

func TestAsCollected(t *testing.T) {
	provider, collect := sdk(t)
	edge := metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider, System: "redis"})
	c := cache.New(edge, cache.Options{})
	defer c.Close()
	registration, err := metrics.Cache(c, metrics.CacheOptions{MeterProvider: provider, Name: "main"})
	if err != nil {
		t.Fatal(err)
	}
	view := namespace.New(metrics.New(c, metrics.Options{MeterProvider: provider, Layer: "plugin"}), "sessions")
	if err := view.Set(t.Context(), "canary-key", "canary-value", 0); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := view.Get(t.Context(), "canary-key"); err != nil {
			t.Fatal(err)
		}
	}

	found := collect()
	const at, of = "db.collection.name=sessions,", "tunica.cache.name=main"
	for name, want := range map[string]map[string]int64{
		"db.client.operation.duration": {
			at + "db.operation.name=set,db.system.name=redis":       1,
			at + "db.operation.name=get_entry,db.system.name=redis": 1,
		},
		"tunica.operation.duration": {
			"tunica.layer=plugin,tunica.namespace=sessions,tunica.operation.name=set": 1,
			"tunica.layer=plugin,tunica.namespace=sessions,tunica.operation.name=get": 3,
		},
		"tunica.operation.active": {
			"db.system.name=redis,tunica.namespace=sessions": 0,
			"tunica.layer=plugin,tunica.namespace=sessions":  0,
		},
		"tunica.cache.requests": {
			of + ",tunica.cache.result=hit": 0, of + ",tunica.cache.result=hit,tunica.namespace=sessions": 2,
			of + ",tunica.cache.result=miss": 0, of + ",tunica.cache.result=miss,tunica.namespace=sessions": 1,
		},
		"tunica.cache.loads":       {of: 0, of + ",tunica.namespace=sessions": 1},
		"tunica.cache.evictions":   {of: 0, of + ",tunica.namespace=sessions": 0},
		"tunica.cache.entry.count": {of: 0, of + ",tunica.namespace=sessions": 1},
		"tunica.cache.size":        {of: 0, of + ",tunica.namespace=sessions": int64(len("sessions:canary-key"))},
	} {
		got := points(t, found[name])
		if name == "tunica.cache.size" {
			want[of+",tunica.namespace=sessions"] += int64(len("canary-value"))
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %v\nwant %v", name, got, want)
		}
		delete(found, name)
	}
	for name := range found {
		t.Errorf("a metric that is not documented: %s", name)
	}
	if err := registration.Unregister(); err != nil {
		t.Error(err)
	}
	after := collect()
	if text := fmt.Sprint(after); strings.Contains(text, "canary") {
		t.Errorf("keys or values are told: %s", text)
	}
	if names := slices.Sorted(maps.Keys(after)); slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "tunica.cache.") }) {
		t.Errorf("the cache is still shown: %v", names)
	}
}

// An operation allocates nothing for its figures, on both levels.
func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	provider, _ := sdk(t)
	ctx := t.Context()
	for name, opts := range map[string]metrics.Options{
		"edge": {MeterProvider: provider, System: "redis"}, "layer": {MeterProvider: provider, Layer: "plugin"},
	} {
		c := cache.New(memstore.New[string](), cache.Options{})
		defer c.Close()
		if err := c.Set(ctx, "k", "v", 0); err != nil {
			t.Fatal(err)
		}
		view := namespace.New(metrics.New(c, opts), "sessions")
		if err := view.Set(ctx, "k", "v", 0); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() {
			if _, err := view.Get(ctx, "k"); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// The SDK adds up in one point what comes after the 2000th set of attributes.
func TestAttributeSets(t *testing.T) {
	provider, collect := sdk(t)
	base := metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider, System: "redis"})
	for i := range 50 {
		view := namespace.New[string](base, fmt.Sprint("plugin", i))
		for _, call := range intercepttest.Operations(view) {
			_ = call(t.Context())
		}
	}
	for name, m := range collect() {
		if n := len(points(t, m)); n == 0 || n > 1500 {
			t.Errorf("%s: %d sets of attributes for 50 namespaces", name, n)
		}
	}
}

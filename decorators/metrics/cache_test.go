package metrics_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
)

func TestCache(t *testing.T) {
	provider := newRecorder()
	c := cache.New(memstore.New[string](), cache.Options{MaxEntries: 1})
	defer c.Close()
	registration, err := metrics.Cache(c, metrics.CacheOptions{
		MeterProvider: provider, Name: "main", Attributes: []attribute.KeyValue{attribute.String("host", "one")},
	})
	if err != nil {
		t.Fatal(err)
	}
	view := namespace.New(c, "sessions")
	for _, key := range []string{"secret", "secret2"} {
		if err := view.Set(t.Context(), key, "value", 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"secret", "secret", "secret", "secret2"} {
		if _, err := view.Get(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	if err := provider.collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := make(map[string]float64)
	for figure, n := range map[string]float64{
		"requests hit": 2, "requests miss": 2, "loads": 2, "evictions": 1, "entry.count": 1, "size": float64(len("sessions:secret2")),
	} {
		const common = " host=one,tunica.cache.name=main"
		name, result, _ := strings.Cut(figure, " ")
		if result != "" {
			result = ",tunica.cache.result=" + result
		}
		want["tunica.cache."+name+common+result+",tunica.namespace=sessions"] = n
		want["tunica.cache."+name+common+result] = 0 // of keys without a namespace
	}
	want["tunica.cache.size host=one,tunica.cache.name=main,tunica.namespace=sessions"] += float64(len("value"))
	if got := provider.taken(); !maps.Equal(got, want) {
		t.Errorf("figures %v\nwant    %v", got, want)
	}
	units := map[string]string{
		"tunica.cache.requests": "rises, {key}", "tunica.cache.loads": "rises, {load}",
		"tunica.cache.evictions": "rises, {entry}", "tunica.cache.entry.count": "{entry}", "tunica.cache.size": "By",
	}
	if !maps.Equal(provider.about, units) {
		t.Errorf("instruments %v\nwant        %v", provider.about, units)
	}
	if err := registration.Unregister(); err != nil || len(provider.callbacks) != 0 {
		t.Errorf("%v, %d callbacks are left", err, len(provider.callbacks))
	}
}

func TestCacheOfBrokenProvider(t *testing.T) {
	provider := newRecorder()
	provider.broken = errors.New("no instruments")
	c := cache.New(memstore.New[string](), cache.Options{})
	defer c.Close()
	if _, err := metrics.Cache(c, metrics.CacheOptions{MeterProvider: provider}); !errors.Is(err, provider.broken) {
		t.Errorf("got %v", err)
	}
	if len(provider.callbacks) != 0 {
		t.Error("something is shown nevertheless")
	}
}

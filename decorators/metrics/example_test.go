package metrics_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/metric"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
)

// The calls of the backend are measured below the cache, and the hits are counted
// by the cache itself.
func Example() {
	var provider metric.MeterProvider = newRecorder() // as the SDK makes one
	ctx := context.Background()

	backend := metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider, System: "redis"})
	c := cache.New(backend, cache.Options{})
	defer c.Close()
	registration, err := metrics.Cache(c, metrics.CacheOptions{MeterProvider: provider})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer registration.Unregister()

	sessions := namespace.New(c, "sessions")
	_ = sessions.Set(ctx, "42", "Ada", 0)
	for range 3 {
		_, _ = sessions.Get(ctx, "42")
	}

	figures := provider.(*recorder)
	_ = figures.collect(ctx)
	fmt.Println(figures.figures["db.client.operation.duration db.collection.name=sessions,db.operation.name=get_entry,db.system.name=redis"], "call")
	fmt.Println(figures.figures["tunica.cache.requests tunica.cache.result=hit,tunica.namespace=sessions"], "hits")
	// Output:
	// 1 call
	// 2 hits
}

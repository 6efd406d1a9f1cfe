package trace_test

import (
	"context"
	"fmt"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
)

func ExampleNew() {
	// provider and ctx stand for the SDK's provider and the context of a
	// request that is being traced.
	provider := new(recorder)
	ctx := provider.request(context.Background())

	store := trace.New(memstore.New[string](), trace.Options{TracerProvider: provider})
	sessions := namespace.New(store, "sessions")
	_, _ = sessions.Get(ctx, "s1") // a miss, which is no error
	_ = sessions.Set(ctx, "s1", "ada", storage.NoExpiry)
	_, _ = sessions.Get(ctx, "s1")

	for _, span := range provider.taken() {
		fmt.Println(span.name, span.status, span.attributes["tunica.hits"])
	}
	// Output:
	// get sessions Unset 0
	// set sessions Unset <nil>
	// get sessions Unset 1
}

func ExampleInterceptor() {
	provider := new(recorder)
	ctx := provider.request(context.Background())

	// One interceptor serves stores of any type.
	spans := trace.Interceptor(trace.Options{TracerProvider: provider, System: "redis"})
	names := storage.Intercept(memstore.New[string](), spans)
	ages := storage.Intercept(memstore.New[int](), spans)
	_ = names.Set(ctx, "1", "ada", storage.NoExpiry)
	_ = ages.Delete(ctx, "1")

	for _, span := range provider.taken() {
		fmt.Println(span.name, span.kind, span.attributes["db.system.name"])
	}
	// Output:
	// set client redis
	// delete client redis
}

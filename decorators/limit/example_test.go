package limit_test

import (
	"context"
	"fmt"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/storage"
)

func ExampleNew() {
	ctx := context.Background()
	store := limit.New(memstore.New[string](), limit.Options{
		Rate:    0.1, // one in ten seconds
		Burst:   3,
		MaxWait: limit.NoWait,
	})
	_, err := storage.GetMany(ctx, store, []string{"ann", "bob"}) // costs two
	fmt.Println(err)
	for range 2 {
		fmt.Println(store.Set(ctx, "ann", "Ann", storage.NoExpiry))
	}
	// Output:
	// <nil>
	// <nil>
	// limit: set: storage: overloaded: too many a second
}

func ExampleInterceptor() {
	ctx := context.Background()
	// Stores of any type that share a backend share its limits.
	limits := limit.Interceptor(limit.Options{Concurrent: limit.Unlimited, Rate: 0.1, MaxWait: limit.NoWait})
	names := storage.Intercept(memstore.New[string](), limits)
	ages := storage.Intercept(memstore.New[int](), limits)
	fmt.Println(names.Set(ctx, "1", "Ann", storage.NoExpiry))
	fmt.Println(ages.Set(ctx, "1", 36, storage.NoExpiry))
	// Output:
	// <nil>
	// limit: set: storage: overloaded: too many a second
}

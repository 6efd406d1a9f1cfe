package breaker_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func ExampleNew() {
	ctx := context.Background()
	backend, faults := storagetest.Faulty(memstore.New[string]())
	store := breaker.New(backend, breaker.Options{
		MinCalls: 2,
		Cooldown: 10 * time.Millisecond,
		Probes:   1,
		OnStateChange: func(from, to breaker.State) {
			fmt.Println("from", from, "to", to)
		},
	})

	faults.Fail(storage.ErrUnavailable)
	for range 3 {
		_, err := store.Get(ctx, "ann")
		fmt.Println(err)
	}

	faults.Heal()
	time.Sleep(20 * time.Millisecond)
	_, err := store.Get(ctx, "ann")
	fmt.Println(err)
	// Output:
	// storage: unavailable
	// from closed to open
	// storage: unavailable
	// breaker: get: storage: unavailable: the circuit breaker is open
	// from open to half-open
	// from half-open to closed
	// storage: not found
}

func ExampleInterceptor() {
	ctx := context.Background()
	// Stores of any type that share a backend share its breaker.
	guard := breaker.Interceptor(breaker.Options{MinCalls: 1})
	names, faults := storagetest.Faulty(memstore.New[string]())
	names = storage.Intercept(names, guard)
	ages := storage.Intercept(memstore.New[int](), guard)

	faults.Fail(storage.ErrUnavailable)
	_ = names.Set(ctx, "1", "Ann", storage.NoExpiry)
	fmt.Println(ages.Set(ctx, "1", 36, storage.NoExpiry))
	// Output:
	// breaker: set: storage: unavailable: the circuit breaker is open
}

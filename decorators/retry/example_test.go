package retry_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func ExampleNew() {
	ctx := context.Background()
	backend, faults := storagetest.Faulty(memstore.New[string]())
	store := retry.New(backend, retry.Options{Base: time.Millisecond})

	faults.FailNext(2, storage.ErrUnavailable)
	_, err := store.Get(ctx, "ann")
	fmt.Println(err) // the third try was answered

	faults.Fail(storage.ErrUnavailable)
	_, err = store.Get(ctx, "ann")
	fmt.Println(err)
	err = store.Set(ctx, "ann", "Ann", time.Hour)
	fmt.Println(err) // writes are sent once
	// Output:
	// storage: not found
	// retry: get: 3 tries: storage: unavailable
	// storage: unavailable
}

func ExampleInterceptor() {
	ctx := context.Background()
	// One interceptor serves stores of any type, which share its budget.
	again := retry.Interceptor(retry.Options{Attempts: 2, Base: time.Millisecond, Writes: true})
	names, faults := storagetest.Faulty(memstore.New[string]())
	names = storage.Intercept(names, again)
	ages := storage.Intercept(memstore.New[int](), again)

	faults.FailNext(1, storage.ErrUnknownOutcome, storage.OpSet)
	fmt.Println(names.Set(ctx, "1", "Ann", storage.NoExpiry))
	fmt.Println(ages.Set(ctx, "1", 36, storage.NoExpiry))
	// Output:
	// <nil>
	// <nil>
}

package timeout_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func ExampleNew() {
	ctx := context.Background()
	backend, faults := storagetest.Faulty(memstore.New[string]())
	store := timeout.New(backend, timeout.Options{Read: 10 * time.Millisecond, Write: 10 * time.Millisecond})

	faults.Hang()
	_, err := store.Get(ctx, "ann")
	fmt.Println(err)
	err = store.Set(ctx, "ann", "Ann", time.Hour)
	fmt.Println(errors.Is(err, storage.ErrUnavailable), errors.Is(err, storage.ErrUnknownOutcome))

	near, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err = store.Get(near, "ann") // the caller's own deadline
	fmt.Println(errors.Is(err, context.DeadlineExceeded), errors.Is(err, storage.ErrUnavailable))
	// Output:
	// timeout: get: not done within 10ms: storage: unavailable: storagetest: hung: context deadline exceeded
	// true true
	// true false
}

func ExampleInterceptor() {
	ctx := context.Background()
	// One interceptor serves stores of any type.
	patience := timeout.Interceptor(timeout.Options{Batch: 30 * time.Second})
	names := storage.Intercept(memstore.New[string](), patience)
	ages := storage.Intercept(memstore.New[int](), patience)
	fmt.Println(storage.SetMany(ctx, names, map[string]string{"1": "Ann", "2": "Bob"}, time.Hour))
	fmt.Println(storage.SetMany(ctx, ages, map[string]int{"1": 36, "2": 45}, time.Hour))
	// Output:
	// <nil>
	// <nil>
}

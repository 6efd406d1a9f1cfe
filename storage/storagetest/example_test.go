package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func ExampleTestStore() {
	_ = func(t *testing.T) { // func TestLaws(t *testing.T)
		open := func(testing.TB) storage.ByteStore { return memstore.New[[]byte]() }
		storagetest.TestStore(t, open, storagetest.Options{Native: storagetest.AllOps})
	}
}

func ExampleTestStoreOf() {
	type user struct{ Name string }
	_ = func(t *testing.T) { // func TestLawsOfUsers(t *testing.T)
		open := func(testing.TB) storage.Store[user] { return memstore.New[user]() }
		value := func(i int) user { return user{Name: fmt.Sprint("user ", i)} }
		storagetest.TestStoreOf(t, open, value, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
	}
}

func ExampleTestOutage() {
	_ = func(t *testing.T) { // func TestOutage(t *testing.T)
		open := func(testing.TB) (storage.ByteStore, storagetest.Outage) {
			backend, faults := storagetest.Faulty(memstore.New[[]byte]())
			return storage.In(backend, storage.Scope{Prefix: "users:"}), faults.Outage()
		}
		storagetest.TestOutage(t, open, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers})
	}
}

func ExampleTestDecorator() {
	pass := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		return next(ctx)
	})
	_ = func(t *testing.T) { // func TestDecorator(t *testing.T)
		wrap := func(_ testing.TB, next storage.ByteStore) storage.ByteStore { return storage.Intercept(next, pass) }
		storagetest.TestDecorator(t, wrap, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
	}
}

// A declared loss: what several callers share has no single caller's deadline.
func ExampleTestDecorator_losses() {
	_ = func(t *testing.T) { // func TestDecorator(t *testing.T)
		storagetest.TestDecorator(t, func(tb testing.TB, next storage.ByteStore) storage.ByteStore {
			s := singleflight.New(next)
			tb.Cleanup(func() { s.Close() })
			return s
		}, storagetest.Options{
			Native:      storagetest.AllOps,
			SharesReads: true,
			Losses:      map[storage.Op]storagetest.Loss{storage.OpGet: {Detached: true}},
		})
	}
}

func ExampleTestDecoratorOf() {
	_ = func(t *testing.T) { // func TestDecorator(t *testing.T)
		wrap := func(_ testing.TB, next storage.ByteStore) storage.Store[string] {
			return codec.New(next, codec.String())
		}
		value := func(i int) string { return fmt.Sprint("value ", i) }
		storagetest.TestDecoratorOf(t, wrap, value, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
	}
}

func ExampleFaulty() {
	ctx := context.Background()
	s, faults := storagetest.Faulty(memstore.New[string]())
	faults.FailNext(1, storage.ErrUnavailable, storage.OpSet)

	fmt.Println(s.Set(ctx, "greeting", "hello", storage.NoExpiry))
	fmt.Println(s.Set(ctx, "greeting", "hello", storage.NoExpiry))
	fmt.Println(faults.Calls(storage.OpSet), "call reached the backend")
	// Output:
	// storage: unavailable
	// <nil>
	// 1 call reached the backend
}

func ExampleFaults_LoseReply() {
	ctx := context.Background()
	s, faults := storagetest.Faulty(memstore.New[string]())
	faults.LoseReply(storage.OpSet)

	err := s.Set(ctx, "greeting", "hello", storage.NoExpiry)
	fmt.Println(errors.Is(err, storage.ErrUnknownOutcome))
	fmt.Println(s.Get(ctx, "greeting")) // it happened all the same
	// Output:
	// true
	// hello <nil>
}

func ExampleFaults_Hang() {
	_ = func(t *testing.T) { // func TestPatience(t *testing.T)
		synctest.Test(t, func(t *testing.T) {
			s, faults := storagetest.Faulty(memstore.New[string]())
			faults.Hang(storage.OpGet)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // passes at once
			defer cancel()
			if _, err := s.Get(ctx, "key"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Get: %v", err)
			}
		})
	}
}

func ExampleMinimal() {
	s := storagetest.Minimal(memstore.New[string]())
	fmt.Println(storage.Supports(s, storage.OpTake))
	_, err := storage.Take(context.Background(), s, "key")
	fmt.Println(err)
	// Output:
	// false
	// storage: take: unsupported operation by storagetest.minimal
}

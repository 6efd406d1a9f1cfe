package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
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

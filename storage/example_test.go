package storage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func Example() {
	ctx := context.Background()
	var s storage.Store[string] = memstore.New[string]()

	if err := s.Set(ctx, "greeting", "hello", time.Hour); err != nil {
		fmt.Println(err)
	}
	fmt.Println(s.Get(ctx, "greeting"))

	_, err := s.Get(ctx, "farewell")
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// hello <nil>
	// true
}

func ExampleHas() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "empty", "", storage.NoExpiry)

	fmt.Println(storage.Has(ctx, s, "empty"))
	fmt.Println(storage.Has(ctx, s, "absent"))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleGetMany() {
	ctx := context.Background()
	s := memstore.New[int]()
	_ = s.Set(ctx, "one", 1, storage.NoExpiry)
	_ = s.Set(ctx, "two", 2, storage.NoExpiry)

	found, err := storage.GetMany(ctx, s, []string{"one", "two", "three"})
	fmt.Println(found, err)
	// Output: map[one:1 two:2] <nil>
}

func ExampleSetMany() {
	ctx := context.Background()
	s := memstore.New[int]()
	err := storage.SetMany(ctx, s, map[string]int{"one": 1, "two": 2}, time.Hour)
	fmt.Println(err)
	fmt.Println(s.Get(ctx, "two"))
	// Output:
	// <nil>
	// 2 <nil>
}

func ExampleDeleteMany() {
	ctx := context.Background()
	s := memstore.New[int]()
	_ = storage.SetMany(ctx, s, map[string]int{"one": 1, "two": 2}, storage.NoExpiry)

	fmt.Println(storage.DeleteMany(ctx, s, []string{"one", "two", "three"}))
	fmt.Println(storage.Has(ctx, s, "one"))
	// Output:
	// <nil>
	// false <nil>
}

func ExampleGetEntry() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "session", "of alice", time.Hour)

	entry, err := storage.GetEntry(ctx, s, "session")
	fmt.Println(entry.Value, err)
	fmt.Println(entry.TTL().Round(time.Minute))
	// Output:
	// of alice <nil>
	// 1h0m0s
}

func ExampleGetEntries() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "a", "for ever", storage.NoExpiry)
	_ = s.Set(ctx, "b", "for an hour", time.Hour)

	entries, err := storage.GetEntries(ctx, s, []string{"a", "b", "c"})
	if err != nil {
		fmt.Println(err)
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		fmt.Println(key, entries[key].Value, entries[key].Expires.IsZero())
	}
	// Output:
	// a for ever true
	// b for an hour false
}

func ExampleEntry_TTL() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "session", "of alice", time.Hour)

	// A new value that expires when the old one would have.
	entry, _ := storage.GetEntry(ctx, s, "session")
	_, err := storage.CompareAndSwap(ctx, s, "session", entry.Version, "of bob", entry.TTL())
	fmt.Println(err)

	fmt.Println(storage.Entry[string]{}.TTL() == storage.NoExpiry)
	// Output:
	// <nil>
	// true
}

func ExampleCompareAndSwap() {
	ctx := context.Background()
	s := memstore.New[string]()

	// No old version: the key must not exist.
	version, err := storage.CompareAndSwap(ctx, s, "leader", "", "a", time.Minute)
	fmt.Println(err)
	_, err = storage.CompareAndSwap(ctx, s, "leader", "", "b", time.Minute)
	fmt.Println(errors.Is(err, storage.ErrConflict))
	// With the version that is there, the value is replaced.
	_, err = storage.CompareAndSwap(ctx, s, "leader", version, "c", time.Minute)
	fmt.Println(err)
	// Output:
	// <nil>
	// true
	// <nil>
}

func ExampleTake() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "token", "for alice", time.Minute)

	fmt.Println(storage.Take(ctx, s, "token"))
	_, err := storage.Take(ctx, s, "token")
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// for alice <nil>
	// true
}

func ExampleTouch() {
	ctx := context.Background()
	s := memstore.New[string]()
	_ = s.Set(ctx, "session", "of alice", time.Minute)

	fmt.Println(storage.Touch(ctx, s, "session", time.Hour))
	entry, _ := storage.GetEntry(ctx, s, "session")
	fmt.Println(entry.TTL().Round(time.Minute))
	// Output:
	// <nil>
	// 1h0m0s
}

func ExampleKeys() {
	ctx := context.Background()
	s := memstore.New[int]()
	_ = storage.SetMany(ctx, s, map[string]int{"user:1": 1, "user:2": 2, "other": 3}, storage.NoExpiry)

	for key, err := range storage.Keys(ctx, s, "user:") {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(key)
	}
	// Unordered output:
	// user:1
	// user:2
}

func ExampleDeletePrefix() {
	ctx := context.Background()
	s := memstore.New[int]()
	_ = storage.SetMany(ctx, s, map[string]int{"user:1": 1, "user:2": 2, "other": 3}, storage.NoExpiry)

	fmt.Println(storage.DeletePrefix(ctx, s, "user:"))
	fmt.Println(storage.Has(ctx, s, "user:1"))
	fmt.Println(storage.Has(ctx, s, "other"))
	fmt.Println(errors.Is(storage.DeletePrefix(ctx, s, ""), storage.ErrInvalidKey))
	// Output:
	// <nil>
	// false <nil>
	// true <nil>
	// true
}

func ExamplePing() {
	s := memstore.New[int]()
	fmt.Println(storage.Ping(context.Background(), s))
	// Output: <nil>
}

func ExampleIn() {
	ctx := context.Background()
	s := memstore.New[string]()
	users := storage.In(s, storage.Scope{Prefix: "users:", Name: "users"})
	_ = users.Set(ctx, "1", "alice", storage.NoExpiry)

	fmt.Println(s.Get(ctx, "users:1"))
	fmt.Println(storage.DeletePrefix(ctx, users, "")) // everything in the view
	// Output:
	// alice <nil>
	// <nil>
}

func ExampleScope_Join() {
	outer := storage.Scope{Prefix: "shop:", Name: "shop"}
	inner := storage.Scope{Prefix: "users:", Name: "users"}
	fmt.Println(outer.Join(inner))
	// Output: {shop:users: shop:users}
}

func ExampleUpdate() {
	ctx := context.Background()
	s := memstore.New[int]()
	for range 3 {
		n, err := storage.Update(ctx, s, "visits", func(e storage.Entry[int]) (int, time.Duration, error) {
			return e.Value + 1, e.TTL(), nil
		})
		fmt.Println(n, err)
	}
	// Output:
	// 1 <nil>
	// 2 <nil>
	// 3 <nil>
}

func ExampleSupports() {
	s := memstore.New[int]()
	fmt.Println(storage.Supports(s, storage.OpTake))
	fmt.Println(storage.Supports(storagetest.Minimal(s), storage.OpTake))
	// Output:
	// true
	// false
}

func ExampleUnsupported() {
	s := storagetest.Minimal(memstore.New[int]())
	_, err := storage.Take(context.Background(), s, "token")
	fmt.Println(err)
	fmt.Println(errors.Is(err, errors.ErrUnsupported), storage.Failed(err))
	// Output:
	// storage: take: unsupported operation by storagetest.minimal
	// true false
}

func ExampleFailed() {
	ctx := context.Background()
	s, faults := storagetest.Faulty(memstore.New[int]())

	_, err := s.Get(ctx, "absent")
	fmt.Println(err, storage.Failed(err))

	faults.Fail(storage.ErrUnavailable)
	_, err = s.Get(ctx, "absent")
	fmt.Println(err, storage.Failed(err))
	// Output:
	// storage: not found false
	// storage: unavailable true
}

func ExampleIntercept() {
	ctx := context.Background()
	log := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		err := next(ctx)
		fmt.Println(call.Op, call.Scope.Name, call.Hits, err)
		return err
	})
	s := storage.Intercept(memstore.New[string](), log)
	users := storage.In(s, storage.Scope{Prefix: "users:", Name: "users"})
	_ = users.Set(ctx, "1", "alice", time.Hour)
	_, _ = users.Get(ctx, "1")
	_, _ = users.Get(ctx, "2")
	// Output:
	// set users 0 <nil>
	// get users 1 <nil>
	// get users 0 storage: not found
}

func ExampleClose() {
	s := memstore.New[string]()
	fmt.Println(storage.Close(s)) // nothing was opened
	// Output: <nil>
}

func ExampleOp() {
	for _, op := range []storage.Op{storage.OpGetMany, storage.OpTake, storage.OpKeys} {
		fmt.Println(op, op.ReadOnly(), op.Batch(), op.Streaming())
	}
	// Output:
	// get_many true true false
	// take false false false
	// keys true false true
}

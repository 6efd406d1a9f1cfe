package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

func ExampleNew() {
	ctx := context.Background()
	store := memstore.New[[]byte]()

	_ = store.Set(ctx, "greeting", []byte("hello"), time.Minute)
	value, err := store.Get(ctx, "greeting")
	fmt.Printf("%s %v\n", value, err)

	_, err = store.Get(ctx, "farewell")
	fmt.Println(errors.Is(err, storage.ErrNotFound))
	// Output:
	// hello <nil>
	// true
}

// A store that is full refuses, unless it may evict.
func ExampleMaxEntries() {
	ctx := context.Background()
	store := memstore.New[int](memstore.MaxEntries(2))

	fmt.Println(store.Set(ctx, "a", 1, 0))
	fmt.Println(store.Set(ctx, "b", 2, 0))
	fmt.Println(store.Set(ctx, "c", 3, 0))
	fmt.Println(store.Set(ctx, "a", 4, 0)) // takes no more room
	// Output:
	// <nil>
	// <nil>
	// memstore: set: storage: overloaded
	// <nil>
}

func ExampleEvict() {
	ctx := context.Background()
	store := memstore.New[int](memstore.MaxEntries(2), memstore.Evict())

	_ = store.Set(ctx, "a", 1, 0)
	_ = store.Set(ctx, "b", 2, 0)
	_, _ = store.Get(ctx, "a")
	_ = store.Set(ctx, "c", 3, 0) // b was not used for longest

	values, err := store.GetMany(ctx, []string{"a", "b", "c"})
	fmt.Println(values, err)
	// Output: map[a:1 c:3] <nil>
}

// Bytes are always copied. For other types with references Clone does it, and
// Weigh tells MaxBytes their size.
func ExampleClone() {
	type profile struct{ Name string }

	ctx := context.Background()
	store := memstore.New[*profile](
		memstore.MaxBytes(64<<20),
		memstore.Weigh(func(p *profile) int { return len(p.Name) }),
		memstore.Clone(func(p *profile) *profile { c := *p; return &c }),
	)

	mine := &profile{Name: "Ada"}
	_ = store.Set(ctx, "ada", mine, 0)
	mine.Name = "changed later"

	stored, err := store.Get(ctx, "ada")
	fmt.Println(stored.Name, err)
	// Output: Ada <nil>
}

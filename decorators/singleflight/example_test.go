package singleflight_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

func ExampleNew() {
	ctx := context.Background()
	backend := memstore.New[string]()
	s := singleflight.New(backend)
	defer s.Close()

	// Many of these at the same time make one call of the backend.
	_ = s.Set(ctx, "greeting", "hello", storage.NoExpiry)
	fmt.Println(s.Get(ctx, "greeting"))

	// What another client writes is seen by the next call: nothing is kept.
	_ = backend.Set(ctx, "greeting", "good evening", storage.NoExpiry)
	fmt.Println(s.Get(ctx, "greeting"))

	// Output:
	// hello <nil>
	// good evening <nil>
}

func ExampleClone() {
	ctx := context.Background()
	backend := memstore.New[[]string]()
	s := singleflight.New(backend, singleflight.Clone(slices.Clone[[]string]))
	defer s.Close()

	_ = s.Set(ctx, "names", []string{"b", "a"}, storage.NoExpiry)
	names, _ := s.Get(ctx, "names")
	slices.Sort(names) // it is this caller's own
	fmt.Println(names)
	fmt.Println(s.Get(ctx, "names"))

	// Output:
	// [a b]
	// [b a] <nil>
}

package cache_test

import (
	"context"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// Two plugins share one cache, each with keys and figures of its own.
func Example() {
	c := cache.New(memstore.New[[]byte](), cache.Options{MaxEntries: 10_000})
	defer c.Close()
	sessions := namespace.New(c, "sessions")
	limits := namespace.New(c, "limits")

	ctx := context.Background()
	if err := sessions.Set(ctx, "42", []byte("Ada"), time.Hour); err != nil {
		fmt.Println(err)
	}
	for range 3 {
		name, err := sessions.Get(ctx, "42")
		fmt.Printf("%s %v\n", name, err)
	}
	_, err := limits.Get(ctx, "42")
	fmt.Println(err)

	for _, name := range []string{"sessions", "limits"} {
		counts := c.Stats().Names[name]
		fmt.Printf("%s: %d hits, %d misses\n", name, counts.Hits, counts.Misses)
	}
	// Output:
	// Ada <nil>
	// Ada <nil>
	// Ada <nil>
	// storage: not found
	// sessions: 2 hits, 1 misses
	// limits: 0 hits, 1 misses
}

// Cache-aside: the store holds what is expensive to make.
func ExampleGetOrLoad() {
	c := cache.New(memstore.New[string](), cache.Options{})
	defer c.Close()

	ctx := context.Background()
	greet := func(context.Context) (string, error) {
		fmt.Println("(making a greeting)")
		return "hello", nil
	}
	for range 2 {
		greeting, err := cache.GetOrLoad(ctx, c, "greeting", time.Minute, greet)
		fmt.Println(greeting, err)
	}
	// Output:
	// (making a greeting)
	// hello <nil>
	// hello <nil>
}

// The size of values that are no bytes comes from a function.
func ExampleWeigh() {
	type page struct{ title, text string }
	c := cache.New(memstore.New[page](), cache.Options{MaxBytes: 1 << 20},
		cache.Weigh(func(p page) int { return len(p.title) + len(p.text) }))
	defer c.Close()

	ctx := context.Background()
	if err := c.Set(ctx, "p", page{"Onions", "have layers."}, storage.NoExpiry); err != nil {
		fmt.Println(err)
	}
	if _, err := c.Get(ctx, "p"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(c.Stats().Bytes, "bytes")
	// Output: 19 bytes
}

func ExampleOnEvict() {
	c := cache.New(memstore.New[int](), cache.Options{MaxEntries: 1},
		cache.OnEvict(func(key string, value int) { fmt.Println(key, "=", value, "had to go") }))
	defer c.Close()

	ctx := context.Background()
	for i, key := range []string{"a", "b"} {
		if err := c.Set(ctx, key, i, storage.NoExpiry); err != nil {
			fmt.Println(err)
		}
		if _, err := c.Get(ctx, key); err != nil {
			fmt.Println(err)
		}
	}
	// Output: a = 0 had to go
}

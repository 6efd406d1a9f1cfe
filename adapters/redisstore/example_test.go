package redisstore_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/storage"
)

// Open owns the connections, and sets them up for callers who do not like to
// wait for a dead server.
func ExampleOpen() {
	ctx := context.Background()
	store, err := redisstore.Open(ctx, "redis://localhost:6379/0", redisstore.Prefix("shop:"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.Set(ctx, "greeting", []byte("hello"), time.Minute); err != nil {
		log.Fatal(err)
	}
	value, err := store.Get(ctx, "greeting")
	fmt.Printf("%s %v\n", value, err)
}

// New borrows a client that the program has anyway. These are the settings that
// matter.
func ExampleNew() {
	client := redis.NewClient(&redis.Options{
		Addr:                  "localhost:6379",
		ContextTimeoutEnabled: true, // a connection has the deadline of the caller
		DialerRetries:         1,    // a dead server is one dial, not five
		MaxRetries:            -1,   // and one try, not four
		DialTimeout:           2 * time.Second,
		ReadTimeout:           2 * time.Second,
	})
	defer client.Close()

	store := redisstore.New(client, redisstore.Prefix("shop:"), redisstore.MaxValueSize(1<<20))
	defer store.Close() // before the client

	visits, err := storage.Update(context.Background(), store, "visits", func(e storage.Entry[[]byte]) ([]byte, time.Duration, error) {
		return append(e.Value, '.'), e.TTL(), nil
	})
	fmt.Printf("%s %v\n", visits, err)
}

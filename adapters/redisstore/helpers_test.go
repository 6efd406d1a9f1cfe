package redisstore_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// open opens a store on server for the duration of the test.
func open(tb testing.TB, server *redistest.Server, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	store, err := redisstore.Open(tb.Context(), server.URL(), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return store
}

// borrow makes a store on a client of the test's own.
func borrow(tb testing.TB, o *redis.Options, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	return borrowed(tb, connect(tb, o), opts...)
}

// borrowed makes a store on client for the duration of the test.
func borrowed(tb testing.TB, client redis.UniversalClient, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	store := redisstore.New(client, opts...)
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return store
}

// connect makes a client, which sees on the server what a store did.
func connect(tb testing.TB, o *redis.Options) *redis.Client {
	tb.Helper()
	client := redis.NewClient(o)
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// eventually polls until ok.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			tb.Fatalf("not within 20s: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

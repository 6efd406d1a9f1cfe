package redisstore_test

import (
	"io"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// kept makes a server keep what it has acknowledged over a restart. While an fsync
// goes on, Redis puts off by seconds what it writes to its file.
var kept = []redistest.Option{redistest.Config("appendonly", "yes"), redistest.Config("appendfsync", "no")}

// open opens a store on server for the duration of the test.
func open(tb testing.TB, server *redistest.Server, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	return openURL(tb, server.URL(), opts...)
}

// openURL opens a store for the duration of the test.
func openURL(tb testing.TB, url string, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	store, err := redisstore.Open(tb.Context(), url, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return closing(tb, store)
}

// borrow makes a store on a client of the test's own.
func borrow(tb testing.TB, o *redis.Options, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	return borrowed(tb, connect(tb, o), opts...)
}

// borrowed makes a store on client for the duration of the test.
func borrowed(tb testing.TB, client redis.UniversalClient, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	return closing(tb, redisstore.New(client, opts...))
}

// closing closes store when the test is over.
func closing(tb testing.TB, store *redisstore.Store) *redisstore.Store {
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return store
}

// connect makes a client, which sees on the server what a store did.
func connect(tb testing.TB, o *redis.Options) *redis.Client {
	return during(tb, redis.NewClient(o))
}

// during closes client when the test is over.
func during[C io.Closer](tb testing.TB, client C) C {
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

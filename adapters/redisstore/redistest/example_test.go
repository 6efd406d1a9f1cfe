package redistest_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// A test that reads and writes takes the shared server; one that breaks its
// server takes one of its own.
func Example() {
	TestCounter := func(t *testing.T) {
		server := redistest.Shared(t)
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		defer client.Close()
		key := server.Prefix() + "visits"
		if n, err := client.Incr(t.Context(), key).Result(); n != 1 || err != nil {
			t.Errorf("got %d and %v, want 1", n, err)
		}
	}

	TestOutage := func(t *testing.T) {
		server := redistest.Start(t, redistest.Config("maxmemory", "1mb"))
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		defer client.Close()
		server.Kill()
		if err := client.Ping(context.Background()).Err(); err == nil {
			t.Error("a dead server answered")
		}
		server.Restart()
		if err := client.Ping(context.Background()).Err(); err != nil {
			t.Error(err)
		}
	}

	_, _ = TestCounter, TestOutage
}

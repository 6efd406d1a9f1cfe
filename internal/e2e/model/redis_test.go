package model

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// onRedis starts a server, of which each stack has a database of its own: Keys
// takes as long as the database has keys, and one that holds nothing else can
// be emptied at once and looked at from below.
func onRedis(t *testing.T) site {
	t.Helper()
	server := redistest.Start(t)
	clients := make(map[string]*redis.Client)
	for i, st := range redisStacks {
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), DB: i, ReadTimeout: time.Minute})
		t.Cleanup(func() { _ = client.Close() })
		clients[st.name] = client
	}
	return site{stacks: redisStacks, atOnce: true, ground: ground{
		name:    "Redis",
		digests: true,
		slack:   100 * time.Millisecond, // its clock is another one
		grain:   time.Millisecond,
		open: func(ctx context.Context, st stack) (storage.ByteStore, error) {
			client := clients[st.name]
			return redisstore.New(client), client.FlushDB(ctx).Err()
		},
	}}
}

package main

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/storage"
)

// open returns memory, or a store on the Redis server at url, and what closes it.
//
// [redisstore.Open] would be shorter, and wants the server to be there. With a
// client of its own the program starts while Redis is down too, and is ready
// when Redis is.
func open(url string, log *slog.Logger) (storage.ByteStore, func() error, error) {
	if url == "" {
		return memstore.New[[]byte](), func() error { return nil }, nil
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, nil, errors.New("REDIS_URL is not redis://user:password@host:port/db") // err repeats the password
	}
	options.ContextTimeoutEnabled = true
	options.DialerRetries = 1
	options.MaxRetries = cmp.Or(options.MaxRetries, -1) // unless the URL has one
	options.DialTimeout = cmp.Or(options.DialTimeout, 2*time.Second)
	options.ReadTimeout = cmp.Or(options.ReadTimeout, 2*time.Second)
	client := redis.NewClient(options)
	for _, w := range redisstore.Lint(client) {
		log.Warn("redis client", "warning", w)
	}
	store := redisstore.New(client, redisstore.Prefix("readiness:"))
	return store, func() error { return errors.Join(store.Close(), client.Close()) }, nil
}

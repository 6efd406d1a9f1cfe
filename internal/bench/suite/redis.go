package suite

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/internal/bench/contest"
)

var background = context.Background()

// Env is what the contests of one run share.
type Env struct {
	Full bool
	Host *contest.Host // lives as long as the run

	once   sync.Once
	server *redistest.Server
	err    error
}

// redis returns a server that has the world's values under its full keys. It
// is skipped where there is no server program.
func (e *Env) redis(h *contest.Host) *redistest.Server {
	e.once.Do(func() {
		// The Host that starts it may be skipped: that is the others' lot too.
		inner := new(contest.Host)
		e.err = inner.Try(func() {
			e.server = redistest.Start(inner)
			fill(inner, e.server.Addr(), world().full, func(i int) []byte { return world().values[i] })
		})
		e.Host.Cleanup(inner.Close)
	})
	h.Must(e.err)
	return e.server
}

// fill stores values under keys.
func fill(h *contest.Host, addr string, keys []string, value func(i int) []byte) {
	client := redis.NewClient(&redis.Options{Addr: addr})
	defer client.Close()
	for at := 0; at < len(keys); at += 1000 {
		pipe := client.Pipeline()
		for i := at; i < min(at+1000, len(keys)); i++ {
			pipe.Set(background, keys[i], value(i), 0)
		}
		_, err := pipe.Exec(background)
		h.Must(err)
	}
}

// goRedis returns a client with a connection for each caller.
func (e *Env) goRedis(h *contest.Host, callers int, change ...func(*redis.Options)) *redis.Client {
	o := &redis.Options{Addr: e.redis(h).Addr(), PoolSize: max(callers, 2)}
	for _, fn := range change {
		fn(o)
	}
	client := redis.NewClient(o)
	h.Cleanup(func() { _ = client.Close() })
	return client
}

func (e *Env) rueidis(h *contest.Host, change ...func(*rueidis.ClientOption)) rueidis.Client {
	o := rueidis.ClientOption{InitAddress: []string{e.redis(h).Addr()}, ForceSingleClient: true}
	for _, fn := range change {
		fn(&o)
	}
	client, err := rueidis.NewClient(o)
	h.Must(err)
	h.Cleanup(client.Close)
	return client
}

// together calls fn for each number below n, from many goroutines.
func together(n int, fn func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				fn(i)
			}
		})
	}
	all.Wait()
}

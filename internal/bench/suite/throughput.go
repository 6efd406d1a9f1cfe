package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/storage"
)

// levels are the numbers of callers over one client.
var levels = []int{1, 16, 128, 1024}

// client is a way to Redis: its two commands, and what a caller does with them.
type client struct {
	get func(key string) error
	set func(key string, value []byte) error
}

type way struct {
	name string
	open func(h *contest.Host, callers int) client
	full bool // only in the whole matrix
}

// throughputContests compare ways to Redis, at several numbers of callers.
func throughputContests(e *Env) []contest.Contest {
	var contests []contest.Contest
	for _, callers := range levels {
		get := contest.Contest{
			Name: fmt.Sprintf("redis/get/%d", callers), Callers: callers, Latency: true,
			Work: world().uniform, Longer: 2,
		}
		set := get
		set.Name = fmt.Sprintf("redis/set/%d", callers)
		for _, way := range e.ways() {
			if way.full && !e.Full {
				continue
			}
			get.Contenders = append(get.Contenders, contest.Contender{Name: way.name, Enter: func(h *contest.Host) contest.Entrant {
				c := way.open(h, callers)
				return contest.Entrant{Op: func(_, i int) bool { return c.get(world().full[i]) == nil }}
			}})
			set.Contenders = append(set.Contenders, contest.Contender{Name: way.name, Enter: func(h *contest.Host) contest.Entrant {
				c := way.open(h, callers)
				return contest.Entrant{Op: func(_, i int) bool { return c.set(world().full[i], world().values[i]) == nil }}
			}})
		}
		contests = append(contests, get, set)
	}
	return contests
}

func (e *Env) ways() []way {
	return []way{
		{"tunica redisstore", e.store(func(*contest.Host) context.Context { return background }), false},
		{"tunica redisstore, cancellable", e.store(func(h *contest.Host) context.Context {
			ctx, cancel := context.WithCancel(background)
			h.Cleanup(cancel)
			return ctx
		}), false},
		{"go-redis", func(h *contest.Host, callers int) client { return commands(e.goRedis(h, callers)) }, false},
		{"go-redis AutoPipeline", e.autoPipeline(nil), false},
		{"go-redis AutoPipeline, unordered", e.autoPipeline(&redis.AutoPipelineOptions{
			MaxBatchSize: 300, MaxBatchBytes: 128 << 10, MaxConcurrentBatches: 4, Unordered: true,
		}), false},
		{"go-redis AutoPipeline, full duplex", e.autoPipeline(&redis.AutoPipelineOptions{
			MaxBatchSize: 300, MaxBatchBytes: 128 << 10, MaxConcurrentBatches: 1, FullDuplex: true,
		}), true},
		{"raw connection", e.raw, false},
		{"rueidis", e.rueidisWay(0), false},
		{"rueidis, MaxFlushDelay 20µs", e.rueidisWay(20 * time.Microsecond), false},
	}
}

// store is the adapter of this module, over a client as the plain go-redis has.
func (e *Env) store(ctx func(h *contest.Host) context.Context) func(h *contest.Host, callers int) client {
	return func(h *contest.Host, callers int) client {
		s := redisstore.New(e.goRedis(h, callers))
		h.Cleanup(func() { _ = s.Close() })
		ctx := ctx(h)
		return client{
			get: func(key string) error {
				_, err := s.Get(ctx, key)
				return err
			},
			set: func(key string, value []byte) error { return s.Set(ctx, key, value, storage.NoExpiry) },
		}
	}
}

// commands are those of go-redis, plain or in pipelines.
func commands(c redis.Cmdable) client {
	return client{
		get: func(key string) error {
			_, err := c.Get(background, key).Bytes()
			return err
		},
		set: func(key string, value []byte) error { return c.Set(background, key, value, 0).Err() },
	}
}

func (e *Env) autoPipeline(o *redis.AutoPipelineOptions) func(h *contest.Host, callers int) client {
	return func(h *contest.Host, callers int) client {
		pipe, err := e.goRedis(h, callers).AutoPipelineWithOptions(o)
		h.Must(err)
		h.Cleanup(func() { _ = pipe.Close() })
		return commands(pipe)
	}
}

func (e *Env) rueidisWay(delay time.Duration) func(h *contest.Host, callers int) client {
	return func(h *contest.Host, _ int) client {
		c := e.rueidis(h, func(o *rueidis.ClientOption) { o.MaxFlushDelay = delay })
		return client{
			get: func(key string) error {
				_, err := c.Do(background, c.B().Get().Key(key).Build()).AsBytes()
				return err
			},
			set: func(key string, value []byte) error {
				return c.Do(background, c.B().Set().Key(key).Value(rueidis.BinaryString(value)).Build()).Error()
			},
		}
	}
}

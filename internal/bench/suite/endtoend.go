package suite

import (
	"context"
	"fmt"
	"math/bits"
	"runtime"
	"sync/atomic"
	"time"

	gocache "github.com/go-redis/cache/v9"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
	"golang.org/x/sync/singleflight"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
)

// kept is the number of entries that the caches of the contests end to end
// keep: a tenth of the keys.
const kept = manyKeys / 10

// rueidisEntry is what rueidis counts for an entry beyond key and value.
const rueidisEntry = 376

// missed is the part of the reads that went to Redis.
const missed contest.Unit = "miss-%"

// endToEndContests read through a cache that is too small from a real server.
func endToEndContests(e *Env) []contest.Contest {
	var contests []contest.Contest
	for _, callers := range []int{1, 16, 128} {
		c := contest.Contest{
			Name: fmt.Sprintf("endtoend/%d", callers), Callers: callers,
			Work: world().zipf, Warm: 20 * kept, Longer: 2,
		}
		for _, p := range policies {
			c.Contenders = append(c.Contenders, contest.Contender{Name: p.name, Enter: func(h *contest.Host) contest.Entrant {
				o := cache.Options{MaxEntries: kept}
				p.set(&o)
				return e.stack(h, callers, o)
			}})
		}
		for _, peer := range []struct {
			name  string
			enter func(h *contest.Host, callers int) contest.Entrant
		}{
			{"rueidis DoCache", e.rueidisEndToEnd},
			{"otter + go-redis", e.otterEndToEnd},
			{"golang-lru + x/sync + go-redis", e.lruEndToEnd},
			{"go-redis/cache Once", e.onceEndToEnd},
			{"go-redis client-side cache", e.clientSideEndToEnd},
			{perfect, e.perfectEndToEnd},
		} {
			c.Contenders = append(c.Contenders, contest.Contender{Name: peer.name, Enter: func(h *contest.Host) contest.Entrant {
				return peer.enter(h, callers)
			}})
		}
		contests = append(contests, c)
	}
	return contests
}

// stack is Namespace(Cache(Redis)).
func (e *Env) stack(h *contest.Host, callers int, o cache.Options) contest.Entrant {
	s := redisstore.New(e.goRedis(h, callers))
	h.Cleanup(func() { _ = s.Close() })
	c := cache.New(s, o)
	h.Cleanup(func() { _ = c.Close() })
	view := namespace.New(c, "sessions")
	var before uint64
	return contest.Entrant{
		Op: func(_, i int) bool {
			_, err := view.Get(background, world().keys[i])
			return err == nil
		},
		Before: func() { before = c.Stats().Misses },
		Figures: func(ops int64) map[contest.Unit]float64 {
			return map[contest.Unit]float64{missed: 100 * float64(c.Stats().Misses-before) / float64(ops)}
		},
	}
}

// counted is an entrant whose misses are counted by misses, which costs
// nothing on a hit.
func counted(misses *atomic.Int64, op contest.Op) contest.Entrant {
	return contest.Entrant{
		Op:     op,
		Before: func() { misses.Store(0) },
		Figures: func(ops int64) map[contest.Unit]float64 {
			return map[contest.Unit]float64{missed: 100 * float64(misses.Load()) / float64(ops)}
		},
	}
}

// rueidisConnections is how many connections rueidis opens by itself: up to
// four, by the number of processors. The keys are divided between them.
func rueidisConnections() int {
	return 1 << min(2, bits.Len(uint(runtime.GOMAXPROCS(0)))-1)
}

// rueidisEndToEnd has the budget of bytes that a tenth of the entries take. It
// is for each connection, and counts what rueidis counts: the value, twice key
// and command, and the entry itself.
func (e *Env) rueidisEndToEnd(h *contest.Host, _ int) contest.Entrant {
	const entry = valueSize + 2*(len("sessions:k00000000")+len("GET")) + rueidisEntry
	client := e.rueidis(h, func(o *rueidis.ClientOption) { o.CacheSizeEachConn = kept / rueidisConnections() * entry })
	var misses atomic.Int64
	return counted(&misses, func(_, i int) bool {
		r := client.DoCache(background, client.B().Get().Key(world().full[i]).Cache(), time.Minute)
		if !r.IsCacheHit() {
			misses.Add(1)
		}
		_, err := r.AsBytes()
		return err == nil
	})
}

func (e *Env) otterEndToEnd(h *contest.Host, callers int) contest.Entrant {
	client := e.goRedis(h, callers)
	c, err := otter.New(&otter.Options[string, []byte]{
		MaximumSize:      kept,
		ExpiryCalculator: otter.ExpiryWriting[string, []byte](time.Minute),
	})
	h.Must(err)
	h.Cleanup(func() { c.StopAllGoroutines() })
	var misses atomic.Int64
	load := otter.LoaderFunc[string, []byte](func(ctx context.Context, key string) ([]byte, error) {
		misses.Add(1)
		return client.Get(ctx, key).Bytes()
	})
	return counted(&misses, func(_, i int) bool {
		_, err := c.Get(background, world().full[i], load)
		return err == nil
	})
}

// lruEndToEnd is what people write by hand: no deadlines, no fence.
func (e *Env) lruEndToEnd(h *contest.Host, callers int) contest.Entrant {
	client := e.goRedis(h, callers)
	c, err := lru.New[string, []byte](kept)
	h.Must(err)
	var group singleflight.Group
	var misses atomic.Int64
	return counted(&misses, func(_, i int) bool {
		key := world().full[i]
		if _, ok := c.Get(key); ok {
			return true
		}
		_, err, _ := group.Do(key, func() (any, error) {
			misses.Add(1)
			value, err := client.Get(background, key).Bytes()
			if err == nil {
				c.Add(key, value)
			}
			return value, err
		})
		return err == nil
	})
}

// countedCache counts the misses of a local cache of go-redis/cache.
type countedCache struct {
	gocache.LocalCache
	misses *atomic.Int64
}

func (c countedCache) Get(key string) ([]byte, bool) {
	value, ok := c.LocalCache.Get(key)
	if !ok {
		c.misses.Add(1)
	}
	return value, ok
}

func (e *Env) onceEndToEnd(h *contest.Host, callers int) contest.Entrant {
	var misses atomic.Int64
	c := gocache.New(&gocache.Options{
		Redis:      e.goRedis(h, callers),
		LocalCache: countedCache{gocache.NewTinyLFU(kept, time.Minute), &misses},
	})
	return counted(&misses, func(_, i int) bool {
		var value []byte
		return c.Once(&gocache.Item{Ctx: background, Key: world().full[i], Value: &value, TTL: lasting}) == nil
	})
}

// clientSideEndToEnd does not tell its misses.
func (e *Env) clientSideEndToEnd(h *contest.Host, callers int) contest.Entrant {
	client := e.goRedis(h, callers, clientSideCache(kept), func(o *redis.Options) { o.PoolSize = max(callers, 16) })
	return contest.Entrant{Op: func(_, i int) bool {
		_, err := client.Get(background, world().full[i]).Bytes()
		return err == nil
	}}
}

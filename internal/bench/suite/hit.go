package suite

import (
	"context"
	"strings"
	"time"

	"github.com/Yiling-J/theine-go"
	"github.com/dgraph-io/ristretto/v2"
	gocache "github.com/go-redis/cache/v9"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"
	"github.com/viccon/sturdyc"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/storage"
)

// room is the number of entries for which the caches of the hit contests have
// room: more than there are keys, so that none has to go.
const room = 2 * manyKeys

// lasting is a ttl that does not end during a run.
const lasting = 24 * time.Hour

// hitContests compare hits of bytes.
func hitContests(e *Env) []contest.Contest {
	all := func(name string, callers int, work []uint32) contest.Contest {
		c := contest.Contest{Name: "hit/" + name, Callers: callers, Work: work, Contenders: hitOurs()}
		c.Contenders = append(c.Contenders, hitPeers(e)...)
		return c
	}
	w := world()
	return []contest.Contest{
		all("zipf/parallel", 0, w.zipf),
		all("uniform/parallel", 0, w.uniform),
		all("zipf/sequential", 1, w.zipf),
	}
}

// hitOurs are the caches of this module: not namespaced, and with their keys
// spread over so many namespaces.
func hitOurs() []contest.Contender {
	contenders := []contest.Contender{
		{Name: "tunica, namespaced", Enter: ours(cache.Options{}, 1)},
		{Name: "tunica", Enter: ours(cache.Options{}, 0)},
		{Name: "tunica, 100 namespaces", Enter: ours(cache.Options{}, 100)},
		{Name: "tunica, 10000 namespaces", Enter: ours(cache.Options{}, 10_000)},
		{Name: "tunica, namespaced, NoTTL", Enter: ours(cache.Options{TTL: cache.NoTTL}, 1)},
	}
	for _, p := range policies[1:] {
		o := cache.Options{}
		p.set(&o)
		contenders = append(contenders, contest.Contender{Name: p.name + ", namespaced", Enter: ours(o, 1)})
	}
	return contenders
}

// ours makes a cache with room for all, whose keys are in so many namespaces.
func ours(o cache.Options, namespaces int) func(h *contest.Host) contest.Entrant {
	return func(h *contest.Host) contest.Entrant {
		o.MaxEntries = room
		c := cache.New(bytesVault(), o)
		h.Cleanup(func() { _ = c.Close() })
		views := []storage.ByteStore{c}
		for i := range namespaces {
			name := "sessions"
			if i > 0 {
				name = keyName(i)
			}
			views = append(views[:i], namespace.New(c, name))
		}
		return oursEntrant(c, func(key string, i int) bool {
			_, err := views[i%len(views)].Get(background, key)
			return err == nil
		}, world().keys)
	}
}

// oursEntrant is for hits in c, a cache of ours. Entries live for a minute
// there, so they are made anew before a slot in which they could end.
//
// All caches of the hit contests are filled under copies of the keys: a program
// does not ask with the very string that it stored, and two strings that are the
// same memory compare faster than two that are equal.
func oursEntrant[V any](c *cache.Store[V], get func(key string, i int) bool, keys []string) contest.Entrant {
	var filled time.Time
	var misses uint64
	return contest.Entrant{
		Op: func(_, i int) bool { return get(keys[i], i) },
		Before: func() {
			if time.Since(filled) > 40*time.Second {
				filled = time.Now()
				c.Purge()
				for i, key := range keys {
					get(strings.Clone(key), i)
				}
			}
			misses = c.Stats().Misses
		},
		Figures: func(ops int64) map[contest.Unit]float64 {
			return map[contest.Unit]float64{contest.Failed: 100 * float64(c.Stats().Misses-misses) / float64(ops)}
		},
	}
}

// hitPeers are the others. Their keys are the full ones, as a program would
// write that has several kinds of keys in one cache; they need not be joined,
// as they are there.
func hitPeers(e *Env) []contest.Contender {
	return []contest.Contender{
		{Name: "otter", Enter: otterHit(nil, false)},
		{Name: "otter, with loader", Enter: otterHit(nil, true)},
		{Name: "otter, with expiry", Enter: otterHit(otter.ExpiryWriting[string, []byte](lasting), false)},
		{Name: "otter, with loader and expiry", Enter: otterHit(otter.ExpiryWriting[string, []byte](lasting), true)},
		{Name: "theine", Enter: theineHit},
		{Name: "ristretto", Enter: ristrettoHit},
		{Name: "golang-lru", Enter: lruHit},
		{Name: "golang-lru 2Q", Enter: twoQueueHit},
		{Name: "sturdyc", Enter: sturdycHit},
		{Name: "rueidis DoCache", Enter: e.rueidisHit},
		{Name: "go-redis client-side cache", Enter: e.goRedisHit},
		{Name: "go-redis/cache Once", Enter: e.onceHit},
		{Name: bareMap, Enter: mapHit(1)},
		{Name: bareMaps, Enter: mapHit(10_000)},
	}
}

func otterHit(expiry otter.ExpiryCalculator[string, []byte], loading bool) func(h *contest.Host) contest.Entrant {
	return func(h *contest.Host) contest.Entrant {
		w := world()
		c, err := otter.New(&otter.Options[string, []byte]{MaximumSize: room, ExpiryCalculator: expiry})
		h.Must(err)
		h.Cleanup(func() { c.StopAllGoroutines() })
		for i, key := range w.full {
			c.Set(strings.Clone(key), w.values[i])
		}
		if !loading {
			return contest.Entrant{Op: func(_, i int) bool {
				_, ok := c.GetIfPresent(w.full[i])
				return ok
			}}
		}
		loader := otter.LoaderFunc[string, []byte](func(_ context.Context, key string) ([]byte, error) {
			return w.values[keyNumber(key)], nil
		})
		return contest.Entrant{Op: func(_, i int) bool {
			_, err := c.Get(background, w.full[i], loader)
			return err == nil
		}}
	}
}

func theineHit(h *contest.Host) contest.Entrant {
	w := world()
	c, err := theine.NewBuilder[string, []byte](room).Build()
	h.Must(err)
	h.Cleanup(c.Close)
	for i, key := range w.full {
		c.Set(strings.Clone(key), w.values[i], 1)
	}
	c.Wait()
	return getHit(c)
}

// newRistretto counts entries, not bytes: each costs 1. A Set is only a wish
// until Wait has returned, and may be dropped when many are waiting.
func newRistretto[V any](h *contest.Host, entries int) *ristretto.Cache[string, V] {
	c, err := ristretto.NewCache(&ristretto.Config[string, V]{
		NumCounters:        10 * int64(entries),
		MaxCost:            int64(entries),
		BufferItems:        64,
		IgnoreInternalCost: true,
	})
	h.Must(err)
	h.Cleanup(c.Close)
	return c
}

func ristrettoHit(h *contest.Host) contest.Entrant {
	w := world()
	c := newRistretto[[]byte](h, room)
	for i, key := range w.full {
		c.Set(strings.Clone(key), w.values[i], 1)
		if i%100 == 99 {
			c.Wait()
		}
	}
	c.Wait()
	return getHit(c)
}

func lruHit(h *contest.Host) contest.Entrant {
	c, err := lru.New[string, []byte](room)
	h.Must(err)
	for i, key := range world().full {
		c.Add(strings.Clone(key), world().values[i])
	}
	return getHit(c)
}

func twoQueueHit(h *contest.Host) contest.Entrant {
	c, err := lru.New2Q[string, []byte](room)
	h.Must(err)
	for i, key := range world().full {
		c.Add(strings.Clone(key), world().values[i])
	}
	return getHit(c)
}

// getHit is for hits in a cache that is full.
func getHit(c interface{ Get(string) ([]byte, bool) }) contest.Entrant {
	full := world().full
	return contest.Entrant{Op: func(_, i int) bool {
		_, ok := c.Get(full[i])
		return ok
	}}
}

func sturdycHit(*contest.Host) contest.Entrant {
	w := world()
	c := sturdyc.New[[]byte](room, 64, lasting, 10)
	for i, key := range w.full {
		c.Set(strings.Clone(key), w.values[i])
	}
	fetch := func(context.Context) ([]byte, error) { return nil, storage.ErrNotFound }
	return contest.Entrant{Op: func(_, i int) bool {
		_, err := c.GetOrFetch(background, w.full[i], fetch)
		return err == nil
	}}
}

// rueidisHit has a budget of bytes for each connection that is larger than all
// values: the default of 128 MiB would do for these, but not for larger ones.
func (e *Env) rueidisHit(h *contest.Host) contest.Entrant {
	w := world()
	client := e.rueidis(h, func(o *rueidis.ClientOption) { o.CacheSizeEachConn = 1 << 30 })
	get := func(_, i int) bool {
		r := client.DoCache(background, client.B().Get().Key(w.full[i]).Cache(), lasting)
		_, err := r.AsBytes()
		return err == nil && r.IsCacheHit()
	}
	together(len(w.full), func(i int) { get(0, i) })
	return contest.Entrant{Op: get}
}

func (e *Env) goRedisHit(h *contest.Host) contest.Entrant {
	w := world()
	client := e.goRedis(h, 64, clientSideCache(room))
	get := func(_, i int) bool {
		_, err := client.Get(background, w.full[i]).Bytes()
		return err == nil
	}
	together(len(w.full), func(i int) { get(0, i) })
	return contest.Entrant{Op: get}
}

func clientSideCache(entries int) func(*redis.Options) {
	return func(o *redis.Options) {
		o.Protocol = 3
		o.ClientSideCacheConfig = &redis.ClientSideCacheConfig{MaxEntries: entries}
	}
}

func (e *Env) onceHit(h *contest.Host) contest.Entrant {
	w := world()
	c := gocache.New(&gocache.Options{
		Redis:      e.goRedis(h, 64),
		LocalCache: gocache.NewTinyLFU(room, lasting),
	})
	get := func(_, i int) bool {
		var value []byte
		return c.Once(&gocache.Item{Ctx: background, Key: w.full[i], Value: &value, TTL: lasting}) == nil
	}
	together(len(w.full), func(i int) { get(0, i) })
	return contest.Entrant{Op: get}
}

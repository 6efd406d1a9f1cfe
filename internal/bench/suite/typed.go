package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	gocache "github.com/go-redis/cache/v9"
	"github.com/maypok86/otter/v2"
	"github.com/redis/rueidis"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/workload"
	"github.com/tunica-go/tunica/storage"
)

// object is what programs keep: some 1 KiB of JSON.
type object struct {
	ID         int               `json:"id"`
	Name       string            `json:"name"`
	Mail       string            `json:"mail"`
	Roles      []string          `json:"roles"`
	Attributes map[string]string `json:"attributes"`
	Quota      [8]int            `json:"quota"`
	Note       string            `json:"note"`
}

func newObject(i int) *object {
	o := &object{
		ID: i, Name: fmt.Sprintf("User %d", i), Mail: fmt.Sprintf("user-%d@example.org", i),
		Roles:      []string{"reader", "writer", "admin"},
		Attributes: map[string]string{},
		Note:       strings.Repeat("all work and no play ", 30),
	}
	for j := range 6 {
		o.Attributes[fmt.Sprintf("attribute-%d", j)] = fmt.Sprintf("value-%d-%d", i, j)
		o.Quota[j] = i * j
	}
	return o
}

const typedKeys = 10_000

// typedContests compare hits of objects.
func typedContests(e *Env) []contest.Contest {
	work := workload.Zipf(typedKeys, 1<<20, seed)
	keys := make([]string, typedKeys)
	full := make([]string, typedKeys)
	for i := range keys {
		keys[i], full[i] = keyName(i), "objects:"+keyName(i)
	}
	filled := false
	server := func(h *contest.Host) {
		if addr := e.redis(h).Addr(); !filled {
			filled = true
			fill(h, addr, full, func(i int) []byte {
				b, err := json.Marshal(newObject(i))
				h.Must(err)
				return b
			})
		}
	}
	backend := func(h *contest.Host) *redisstore.Store {
		server(h)
		s := redisstore.New(e.goRedis(h, 64))
		h.Cleanup(func() { _ = s.Close() })
		return s
	}
	return []contest.Contest{{Name: "typed", Work: work, Contenders: []contest.Contender{
		{Name: "Namespace(Cache(Codec(Redis)))", Enter: func(h *contest.Host) contest.Entrant {
			c := cache.New(codec.New(backend(h), codec.JSON[*object]()), cache.Options{MaxEntries: 2 * typedKeys})
			return typedOurs(h, c, namespace.New(c, "objects"), keys, func(o *object) int { return o.ID })
		}},
		{Name: "Namespace(Cache(Codec(Redis))), by value", Enter: func(h *contest.Host) contest.Entrant {
			c := cache.New(codec.New(backend(h), codec.JSON[object]()), cache.Options{MaxEntries: 2 * typedKeys})
			return typedOurs(h, c, namespace.New(c, "objects"), keys, func(o object) int { return o.ID })
		}},
		{Name: "Codec(Namespace(Cache(Redis)))", Enter: func(h *contest.Host) contest.Entrant {
			c := cache.New(backend(h), cache.Options{MaxEntries: 2 * typedKeys})
			view := codec.New(namespace.New(c, "objects"), codec.JSON[*object]())
			return typedOurs(h, c, view, keys, func(o *object) int { return o.ID })
		}},
		{Name: "Codec(Namespace(Cache(Redis))), with Memo", Enter: func(h *contest.Host) contest.Entrant {
			c := cache.New(backend(h), cache.Options{MaxEntries: 2 * typedKeys})
			view := codec.New(namespace.New(c, "objects"), codec.JSON[*object](), codec.Memo())
			return typedOurs(h, c, view, keys, func(o *object) int { return o.ID })
		}},
		{Name: "otter, pointers", Enter: otterTyped(full)},
		{Name: "otter, pointers, with loader", Enter: otterTypedLoading(full)},
		{Name: bareMap, Enter: mapTyped(full)},
		{Name: "go-redis/cache Once", Enter: func(h *contest.Host) contest.Entrant {
			server(h)
			c := gocache.New(&gocache.Options{
				Redis:      e.goRedis(h, 64),
				LocalCache: gocache.NewTinyLFU(2*typedKeys, lasting),
				Marshal:    json.Marshal,
				Unmarshal:  json.Unmarshal,
			})
			get := func(_, i int) bool {
				var o object
				err := c.Once(&gocache.Item{Ctx: background, Key: full[i], Value: &o, TTL: lasting})
				return err == nil && o.ID == i
			}
			together(typedKeys, func(i int) { get(0, i) })
			return contest.Entrant{Op: get}
		}},
		{Name: "rueidis DoCache + JSON", Enter: func(h *contest.Host) contest.Entrant {
			server(h)
			client := e.rueidis(h, func(o *rueidis.ClientOption) { o.CacheSizeEachConn = 1 << 30 })
			get := func(_, i int) bool {
				var o object
				r := client.DoCache(background, client.B().Get().Key(full[i]).Cache(), lasting)
				return r.DecodeJSON(&o) == nil && o.ID == i
			}
			together(typedKeys, func(i int) { get(0, i) })
			return contest.Entrant{Op: get}
		}},
		{Name: "go-redis client-side cache + JSON", Enter: func(h *contest.Host) contest.Entrant {
			server(h)
			client := e.goRedis(h, 64, clientSideCache(2*typedKeys))
			get := func(_, i int) bool {
				var o object
				data, err := client.Get(background, full[i]).Bytes()
				return err == nil && json.Unmarshal(data, &o) == nil && o.ID == i
			}
			together(typedKeys, func(i int) { get(0, i) })
			return contest.Entrant{Op: get}
		}},
	}}}
}

// typedOurs is for hits of objects through view, in the cache c.
func typedOurs[C, V any](h *contest.Host, c *cache.Store[C], view storage.Store[V], keys []string, id func(V) int) contest.Entrant {
	h.Cleanup(func() { _ = c.Close() })
	return oursEntrant(c, func(key string, i int) bool {
		o, err := view.Get(background, key)
		return err == nil && id(o) == i
	}, keys)
}

func otterTyped(keys []string) func(h *contest.Host) contest.Entrant {
	return func(h *contest.Host) contest.Entrant {
		c := filledOtter(h, keys)
		return contest.Entrant{Op: func(_, i int) bool {
			o, ok := c.GetIfPresent(keys[i])
			return ok && o.ID == i
		}}
	}
}

func otterTypedLoading(keys []string) func(h *contest.Host) contest.Entrant {
	return func(h *contest.Host) contest.Entrant {
		c := filledOtter(h, keys)
		loader := otter.LoaderFunc[string, *object](func(_ context.Context, key string) (*object, error) {
			return newObject(keyNumber(key)), nil
		})
		return contest.Entrant{Op: func(_, i int) bool {
			o, err := c.Get(background, keys[i], loader)
			return err == nil && o.ID == i
		}}
	}
}

func filledOtter(h *contest.Host, keys []string) *otter.Cache[string, *object] {
	c, err := otter.New(&otter.Options[string, *object]{MaximumSize: 2 * len(keys)})
	h.Must(err)
	h.Cleanup(func() { c.StopAllGoroutines() })
	for i, key := range keys {
		c.Set(strings.Clone(key), newObject(i))
	}
	return c
}

package suite

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/storage"
)

// batch is the number of keys of a batch in the contests of misses.
const batch = 100

// missContests compare what it takes to get what is not in memory: one key, and
// many keys in one batch. Every key is a miss.
func missContests(e *Env) []contest.Contest {
	one := contest.Contest{Name: "miss/one", Callers: 1, Work: world().uniform, Longer: 2, Latency: true}
	many := contest.Contest{Name: fmt.Sprintf("miss/batch=%d", batch), Callers: 1, Work: world().uniform, Longer: 2, Latency: true}
	add := func(name string, open func(h *contest.Host) (one func(i int) error, many func(at int) (int, error))) {
		one.Contenders = append(one.Contenders, contest.Contender{Name: name, Enter: func(h *contest.Host) contest.Entrant {
			get, _ := open(h)
			return contest.Entrant{Op: func(_, i int) bool { return get(i) == nil }}
		}})
		many.Contenders = append(many.Contenders, contest.Contender{Name: name, Enter: func(h *contest.Host) contest.Entrant {
			_, get := open(h)
			return contest.Entrant{Op: func(_, i int) bool {
				n, err := get(min(i, manyKeys-batch))
				return n == batch && err == nil
			}}
		}})
	}
	ours := func(s storage.ByteStore) (func(int) error, func(int) (int, error)) {
		return func(i int) error {
				_, err := s.Get(background, world().keys[i])
				return err
			}, func(at int) (int, error) {
				found, err := storage.GetMany(background, s, world().keys[at:at+batch])
				return len(found), err
			}
	}
	store := func(h *contest.Host) *redisstore.Store {
		s := redisstore.New(e.goRedis(h, 1))
		h.Cleanup(func() { _ = s.Close() })
		return s
	}
	add("tunica, Namespace(Cache(Redis))", func(h *contest.Host) (func(int) error, func(int) (int, error)) {
		// One byte holds nothing, so that everything is loaded and nothing kept.
		c := cache.New(store(h), cache.Options{MaxBytes: 1})
		h.Cleanup(func() { _ = c.Close() })
		return ours(namespace.New(c, "sessions"))
	})
	add("tunica, Namespace(Redis)", func(h *contest.Host) (func(int) error, func(int) (int, error)) {
		return ours(namespace.New[[]byte](store(h), "sessions"))
	})
	add("go-redis", func(h *contest.Host) (func(int) error, func(int) (int, error)) {
		client := e.goRedis(h, 1)
		return func(i int) error {
				_, err := client.Get(background, world().full[i]).Bytes()
				return err
			}, func(at int) (int, error) {
				cmds, err := client.Pipelined(background, func(p redis.Pipeliner) error {
					for _, key := range world().full[at : at+batch] {
						p.Get(background, key)
					}
					return nil
				})
				return len(cmds), err
			}
	})
	add("go-redis, MGET", func(h *contest.Host) (func(int) error, func(int) (int, error)) {
		client := e.goRedis(h, 1)
		get := func(keys ...string) (int, error) {
			values, err := client.MGet(background, keys...).Result()
			return len(values), err
		}
		return func(i int) error {
			_, err := get(world().full[i])
			return err
		}, func(at int) (int, error) { return get(world().full[at : at+batch]...) }
	})
	return []contest.Contest{one, many}
}

package suite

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/internal/bench/contest"
)

// How late callers of a server that says nothing are back.
const (
	lateMedian contest.Unit = "late-p50-ms"
	lateMost   contest.Unit = "late-max-ms"
)

// silentContests pause a server under 128 callers whose contexts end after
// 20 ms, 21 ms and so on.
func silentContests(*Env) []contest.Contest {
	const callers = 128
	c := contest.Contest{
		Name: "silent", Callers: callers,
		Take: func(e contest.Entrant) map[contest.Unit]float64 { return e.Figures(1) },
	}
	for _, way := range []struct {
		name string
		get  func(h *contest.Host, client *redis.Client) func(ctx context.Context) error
	}{
		{"tunica redisstore", func(h *contest.Host, client *redis.Client) func(context.Context) error {
			s := redisstore.New(client)
			h.Cleanup(func() { _ = s.Close() })
			return func(ctx context.Context) error {
				_, err := s.Get(ctx, "key")
				return err
			}
		}},
		{"go-redis, ContextTimeoutEnabled", func(_ *contest.Host, client *redis.Client) func(context.Context) error {
			return func(ctx context.Context) error { return client.Get(ctx, "key").Err() }
		}},
	} {
		c.Contenders = append(c.Contenders, contest.Contender{Name: way.name, Enter: func(h *contest.Host) contest.Entrant {
			server := redistest.Start(h)
			client := redis.NewClient(&redis.Options{
				Addr: server.Addr(), PoolSize: callers, MinIdleConns: callers,
				ContextTimeoutEnabled: true, ReadTimeout: time.Second, MaxRetries: -1,
			})
			h.Cleanup(func() { _ = client.Close() })
			get := way.get(h, client)
			return contest.Entrant{
				Before: func() { together(callers, func(int) { _ = get(background) }) },
				Figures: func(int64) map[contest.Unit]float64 {
					together(callers, func(int) { _ = get(background) })
					server.Pause()
					defer server.Resume()
					var all sync.WaitGroup
					late := make([]float64, callers)
					for i := range late {
						all.Go(func() {
							end := time.Now().Add(20*time.Millisecond + time.Duration(i)*time.Millisecond)
							ctx, cancel := context.WithDeadline(background, end)
							defer cancel()
							_ = get(ctx)
							late[i] = float64(time.Since(end)) / float64(time.Millisecond)
						})
					}
					all.Wait()
					most := late[0]
					for _, l := range late {
						most = max(most, l)
					}
					return map[contest.Unit]float64{lateMedian: contest.Median(late), lateMost: most}
				},
			}
		}})
	}
	return []contest.Contest{c}
}

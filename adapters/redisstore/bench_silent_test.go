package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// BenchmarkSilentServer shows how late callers come back whose contexts end after
// 100 ms, by their deadline or by a cancel, while the server is silent: p99-ms is
// to be 20 at most. Half of them read and half write.
//
// "timer" has no store: its callers only wait for their contexts, and how late they
// are is the machine's.
//
// No caller is turned away for want of room, which would be quick and would flatter
// the figures: each has to get the error of its context. What they leave behind
// is as much as the client's pool has connections, far from the bound of a store.
func BenchmarkSilentServer(b *testing.B) {
	const patience = 100 * time.Millisecond
	stores := []struct {
		name string
		open func(testing.TB, *redistest.Server) storage.ByteStore
	}{
		{"timer", func(testing.TB, *redistest.Server) storage.ByteStore { return timer{} }},
		{"open", func(tb testing.TB, server *redistest.Server) storage.ByteStore { return open(tb, server) }},
		{"borrowed", func(tb testing.TB, server *redistest.Server) storage.ByteStore {
			return borrow(tb, &redis.Options{Addr: server.Addr()})
		}},
	}
	endings := []struct {
		name string
		call func(call func(context.Context) error) (late time.Duration, err error)
	}{
		{"deadline", func(call func(context.Context) error) (time.Duration, error) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			ends, _ := ctx.Deadline()
			err := call(ctx)
			late := time.Since(ends)
			if !errors.Is(err, context.DeadlineExceeded) {
				return late, fmt.Errorf("got %w, want context.DeadlineExceeded", err)
			}
			return late, nil
		}},
		{"cancel", func(call func(context.Context) error) (time.Duration, error) {
			ctx, cancel := context.WithCancel(context.Background())
			ends := make(chan time.Time, 1)
			time.AfterFunc(patience, func() {
				ends <- time.Now()
				cancel()
			})
			err := call(ctx)
			returned := time.Now()
			late := returned.Sub(<-ends)
			if !errors.Is(err, context.Canceled) {
				return late, fmt.Errorf("got %w, want context.Canceled", err)
			}
			return late, nil
		}},
	}
	for _, s := range stores {
		for _, ending := range endings {
			for _, callers := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/%s/callers=%d", s.name, ending.name, callers), func(b *testing.B) {
					server := redistest.Start(b)
					store := s.open(b, server)
					if storage.Supports(store, storage.OpPing) { // then a connection is there
						if err := storage.Ping(b.Context(), store); err != nil {
							b.Fatal(err)
						}
					}
					server.Pause()
					defer server.Resume()

					var mu sync.Mutex
					var lateness []time.Duration
					rounds := 0
					round := func() {
						rounds++
						var wg sync.WaitGroup
						for i := range callers {
							wg.Go(func() {
								late, err := ending.call(func(ctx context.Context) error {
									if (rounds+i)%2 == 0 {
										return store.Set(ctx, "k", []byte("v"), time.Minute)
									}
									_, err := store.Get(ctx, "k")
									return err
								})
								mu.Lock()
								defer mu.Unlock()
								lateness = append(lateness, late)
								if err != nil {
									b.Error(err)
								}
							})
						}
						wg.Wait()
					}
					for b.Loop() {
						round()
					}
					for len(lateness) < 100 && !b.Failed() { // or p99 would say little
						round()
					}
					slices.Sort(lateness)
					quantile := func(percent int) float64 {
						return float64(lateness[(len(lateness)-1)*percent/100]) / float64(time.Millisecond)
					}
					b.ReportMetric(quantile(50), "p50-ms")
					b.ReportMetric(quantile(99), "p99-ms")
					b.ReportMetric(0, "ns/op") // says nothing: it is the patience
				})
			}
		}
	}
}

// timer is as silent as a server can be, and gives nobody any work.
type timer struct{}

func (timer) wait(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func (t timer) Get(ctx context.Context, _ string) ([]byte, error) { return nil, t.wait(ctx) }

func (t timer) Set(ctx context.Context, _ string, _ []byte, _ time.Duration) error {
	return t.wait(ctx)
}

func (t timer) Delete(ctx context.Context, _ string) error { return t.wait(ctx) }

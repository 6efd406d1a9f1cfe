package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Yiling-J/theine-go"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/viccon/sturdyc"
	"golang.org/x/sync/singleflight"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/storage"
)

// The figures of a stampede.
const (
	calls     contest.Unit = "calls"      // of the backend
	timeTaken contest.Unit = "time/load"  // until the last caller is back, by the time of a load
	failures  contest.Unit = "failures"   // callers with an error who did not leave and were not told of a panic
	lateness  contest.Unit = "leaver-ms"  // how long after its context's end the one who leaves is back
	stale     contest.Unit = "old-values" // reads of the value of before the write, after it
)

const (
	herd     = 1000
	loadTime = 10 * time.Millisecond
)

// disaster is what befalls a stampede.
type disaster struct {
	name         string
	cancelFirst  bool // the first caller leaves during the load
	cancelSecond bool // a follower has a deadline that ends during the load
	panics       bool // the load panics
	deletes      bool // the key is written during the load
}

var disasters = []disaster{
	{name: "clean"},
	{name: "leader-cancelled", cancelFirst: true},
	{name: "follower-deadline", cancelSecond: true},
	{name: "panic", panics: true},
	{name: "delete", deletes: true},
}

// loading is a cache that loads what it has not.
type loading struct {
	get    func(ctx context.Context, key string) (int, error)
	delete func(key string)
}

type loader func(ctx context.Context, key string) (int, error)

// stampedeContests have a thousand callers ask for one key that is not there.
// They are measured one stampede at a time.
func stampedeContests(*Env) []contest.Contest {
	var contests []contest.Contest
	for _, d := range disasters {
		c := contest.Contest{
			Name: "stampede/" + d.name, Callers: herd,
			Take: func(e contest.Entrant) map[contest.Unit]float64 { return e.Figures(1) },
		}
		for _, l := range loadings() {
			if d.panics && l.diesOfPanic {
				continue
			}
			c.Contenders = append(c.Contenders, contest.Contender{Name: l.name, Enter: func(*contest.Host) contest.Entrant {
				return contest.Entrant{Figures: func(int64) map[contest.Unit]float64 {
					h := new(contest.Host)
					defer h.Close()
					return stampede(h, d, l.make)
				}}
			}})
		}
		contests = append(contests, c)
	}
	return contests
}

// stampede lets the herd loose on a new cache.
func stampede(h *contest.Host, d disaster, makeCache func(h *contest.Host, load loader) loading) map[contest.Unit]float64 {
	var backendCalls, value, failed, old atomic.Int64
	value.Store(1)
	begun := make(chan struct{}, 1)
	c := makeCache(h, func(ctx context.Context, _ string) (int, error) {
		v := value.Load()
		backendCalls.Add(1)
		select {
		case begun <- struct{}{}:
		default:
		}
		select {
		case <-time.After(loadTime):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if d.panics {
			panic(errLoad)
		}
		return int(v), nil
	})
	const key = "k00000001"
	ask := func(ctx context.Context) (v int, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%w: %v", errLoad, r)
			}
		}()
		return c.get(ctx, key)
	}
	figures := make(map[contest.Unit]float64)
	var all, late sync.WaitGroup // the herd, and who comes after the write
	first, leave := context.WithCancel(background)
	defer leave()
	if !d.cancelFirst {
		first = background
	}
	var left, back time.Time
	herdStarts := make(chan struct{})
	if d.cancelSecond {
		all.Go(func() {
			<-herdStarts
			ctx, cancel := context.WithTimeout(background, loadTime/2)
			defer cancel()
			end, _ := ctx.Deadline()
			_, _ = ask(ctx)
			left, back = end, time.Now()
		})
	}
	for range herd - 2 {
		all.Go(func() {
			<-herdStarts
			_, err := ask(background)
			switch {
			case d.panics && err != nil:
			case err != nil, d.panics:
				failed.Add(1)
			}
		})
	}
	start := time.Now()
	all.Go(func() {
		if _, err := ask(first); err != nil && !d.cancelFirst && !d.panics {
			failed.Add(1)
		}
		if d.cancelFirst {
			back = time.Now()
		}
	})
	<-begun
	close(herdStarts)
	switch {
	case d.cancelFirst:
		time.Sleep(loadTime / 3)
		left = time.Now()
		leave()
	case d.deletes:
		time.Sleep(loadTime / 3)
		value.Store(2)
		c.delete(key)
		late.Go(func() {
			if v, err := ask(background); err != nil || v != 2 {
				old.Add(1)
			}
		})
	}
	if !returned(&all) {
		failed.Store(herd)
	}
	figures[timeTaken] = float64(time.Since(start)) / float64(loadTime)
	if d.deletes && returned(&late) {
		if v, err := ask(background); err != nil || v != 2 {
			old.Add(1)
		}
		figures[stale] = float64(old.Load())
	}
	if d.cancelFirst || d.cancelSecond {
		figures[lateness] = max(0, float64(back.Sub(left))/float64(time.Millisecond))
	}
	figures[calls] = float64(backendCalls.Load())
	figures[failures] = float64(failed.Load())
	return figures
}

// returned waits until all are back, but no longer than callers can be expected
// to.
func returned(all *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(1000 * loadTime):
		return false
	}
}

var errLoad = errors.New("the load failed")

type namedLoading struct {
	name        string
	make        func(h *contest.Host, load loader) loading
	diesOfPanic bool // a panic of a load ends the program, or leaves callers hanging
}

func loadings() []namedLoading {
	return []namedLoading{
		{"tunica, namespaced", func(h *contest.Host, load loader) loading {
			c := cache.New[int](slow{load}, cache.Options{TTL: time.Minute})
			h.Cleanup(func() { _ = c.Close() })
			view := namespace.New(c, "sessions")
			return loading{view.Get, func(key string) { _ = view.Delete(background, key) }}
		}, false},
		{"otter, with loader", func(h *contest.Host, load loader) loading {
			c, err := otter.New(&otter.Options[string, int]{MaximumSize: 1000})
			h.Must(err)
			h.Cleanup(func() { c.StopAllGoroutines() })
			return loading{
				func(ctx context.Context, key string) (int, error) {
					return c.Get(ctx, key, otter.LoaderFunc[string, int](load))
				},
				func(key string) { c.Invalidate(key) },
			}
		}, false},
		{"theine, with loader", func(h *contest.Host, load loader) loading {
			c, err := theine.NewBuilder[string, int](1000).BuildWithLoader(func(ctx context.Context, key string) (theine.Loaded[int], error) {
				v, err := load(ctx, key)
				return theine.Loaded[int]{Value: v, Cost: 1}, err
			})
			h.Must(err)
			h.Cleanup(c.Close)
			return loading{c.Get, c.Delete}
		}, false},
		{"sturdyc GetOrFetch", func(_ *contest.Host, load loader) loading {
			c := sturdyc.New[int](1000, 1, lasting, 10)
			return loading{
				func(ctx context.Context, key string) (int, error) {
					return c.GetOrFetch(ctx, key, func(ctx context.Context) (int, error) { return load(ctx, key) })
				},
				c.Delete,
			}
		}, false},
		{bareChannel, func(_ *contest.Host, load loader) loading {
			var first sync.Once
			var value int
			done := make(chan struct{})
			return loading{
				func(ctx context.Context, key string) (int, error) {
					first.Do(func() {
						go func() {
							value, _ = load(background, key)
							close(done)
						}()
					})
					select {
					case <-done:
						return value, nil
					case <-ctx.Done():
						return 0, ctx.Err()
					}
				},
				func(string) {},
			}
		}, true},
		{"golang-lru + x/sync", func(h *contest.Host, load loader) loading {
			c, err := lru.New[string, int](1000)
			h.Must(err)
			var group singleflight.Group
			return loading{
				func(ctx context.Context, key string) (int, error) {
					if v, ok := c.Get(key); ok {
						return v, nil
					}
					r, err, _ := group.Do(key, func() (any, error) {
						v, err := load(ctx, key)
						if err == nil {
							c.Add(key, v)
						}
						return v, err
					})
					v, _ := r.(int)
					return v, err
				},
				func(key string) { c.Remove(key) },
			}
		}, false},
	}
}

// slow is a store whose reads are loads.
type slow struct{ load loader }

func (s slow) Get(ctx context.Context, key string) (int, error)      { return s.load(ctx, key) }
func (s slow) Set(context.Context, string, int, time.Duration) error { return nil }
func (s slow) Delete(context.Context, string) error                  { return nil }
func (s slow) GetEntry(ctx context.Context, key string) (storage.Entry[int], error) {
	v, err := s.load(ctx, key)
	return storage.Entry[int]{Value: v, Version: "1"}, err
}

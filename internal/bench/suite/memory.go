package suite

import (
	"context"
	"fmt"
	"runtime"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"

	"github.com/Yiling-J/theine-go"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
)

// overhead is the memory of an entry beyond its key and its value.
const overhead contest.Unit = "B/entry"

// memoryContests fill caches that have just the room, and look at the heap. Key
// and value of each entry are made for it, and belong to nobody else. Both have
// sizes that the allocator knows, so that nothing is lost by rounding.
func memoryContests(e *Env) []contest.Contest {
	sizes := []struct{ value, entries int }{{1 << 10, 1000}, {1 << 10, 10_000}, {1 << 10, 100_000}, {16, 100_000}, {64 << 10, 1000}}
	if e.Full {
		for _, value := range []int{16, 256, 1 << 10, 64 << 10, 1 << 20} {
			for entries := 1000; entries <= 1_000_000; entries *= 10 {
				if value*entries <= 1<<30+1<<28 {
					sizes = append(sizes, struct{ value, entries int }{value, entries})
				}
			}
		}
		sizes = sizes[5:]
	}
	var contests []contest.Contest
	for _, size := range sizes {
		c := contest.Contest{
			Name:    fmt.Sprintf("memory/value=%d/entries=%d", size.value, size.entries),
			Callers: 1, Once: true,
			Take: func(e contest.Entrant) map[contest.Unit]float64 { return e.Figures(1) },
		}
		for _, h := range holders() {
			c.Contenders = append(c.Contenders, contest.Contender{Name: h.name, Enter: func(*contest.Host) contest.Entrant {
				return contest.Entrant{Figures: func(int64) map[contest.Unit]float64 {
					return map[contest.Unit]float64{overhead: perEntry(h.fill, size.value, size.entries)}
				}}
			}})
		}
		contests = append(contests, c)
	}
	return contests
}

// holder is a cache that is filled with entries, of which one has the key
// keyName and a new value of size bytes.
type holder struct {
	name string
	fill func(h *contest.Host, size, entries int) (kept int, cache any)
}

// keySize is that of keyName's keys as the allocator rounds it, and of the
// namespaced ones, which have the same size class: 16.
const keySize = 16

func perEntry(fill func(h *contest.Host, size, entries int) (int, any), size, entries int) float64 {
	h := new(contest.Host)
	defer h.Close()
	before := heap()
	kept, c := fill(h, size, entries)
	after := heap()
	runtime.KeepAlive(c)
	return float64(int64(after)-int64(before))/float64(kept) - float64(size) - keySize
}

func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func holders() []holder {
	all := make([]holder, 0, 8)
	for _, p := range policies {
		all = append(all, holder{p.name + ", namespaced", func(h *contest.Host, size, entries int) (int, any) {
			o := cache.Options{MaxEntries: entries}
			p.set(&o)
			c := cache.New[[]byte](newVault(func(int) []byte { return make([]byte, size) }), o)
			h.Cleanup(func() { _ = c.Close() })
			view := namespace.New(c, "s")
			for i := range entries {
				_, _ = view.Get(background, keyName(i))
			}
			return c.Stats().Entries, c
		}})
	}
	return append(all,
		holder{"golang-lru", func(h *contest.Host, size, entries int) (int, any) {
			c, err := lru.New[string, []byte](entries)
			h.Must(err)
			for i := range entries {
				c.Add(keyName(i), make([]byte, size))
			}
			return c.Len(), c
		}},
		holder{"golang-lru 2Q", func(h *contest.Host, size, entries int) (int, any) {
			c, err := lru.New2Q[string, []byte](entries)
			h.Must(err)
			for i := range entries {
				c.Add(keyName(i), make([]byte, size))
			}
			return c.Len(), c
		}},
		holder{"otter", func(h *contest.Host, size, entries int) (int, any) {
			c, err := otter.New(&otter.Options[string, []byte]{MaximumSize: entries})
			h.Must(err)
			h.Cleanup(func() { c.StopAllGoroutines() })
			for i := range entries {
				c.Set(keyName(i), make([]byte, size))
			}
			c.CleanUp()
			return c.EstimatedSize(), c
		}},
		holder{"otter, with loader and expiry", func(h *contest.Host, size, entries int) (int, any) {
			c, err := otter.New(&otter.Options[string, []byte]{
				MaximumSize: entries, ExpiryCalculator: otter.ExpiryWriting[string, []byte](lasting),
			})
			h.Must(err)
			h.Cleanup(func() { c.StopAllGoroutines() })
			load := otter.LoaderFunc[string, []byte](func(context.Context, string) ([]byte, error) { return make([]byte, size), nil })
			for i := range entries {
				_, err := c.Get(background, keyName(i), load)
				h.Must(err)
			}
			c.CleanUp()
			return c.EstimatedSize(), c
		}},
		holder{"theine", func(h *contest.Host, size, entries int) (int, any) {
			c, err := theine.NewBuilder[string, []byte](int64(entries)).Build()
			h.Must(err)
			h.Cleanup(c.Close)
			for i := range entries {
				c.Set(keyName(i), make([]byte, size), 1)
			}
			c.Wait()
			return c.Len(), c
		}},
	)
}

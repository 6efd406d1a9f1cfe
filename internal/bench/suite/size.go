package suite

import (
	"fmt"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/workload"
)

// sizeContests tell what a hit costs when there are few or many entries, and
// small or large values. They are of the whole matrix only.
func sizeContests(e *Env) []contest.Contest {
	if !e.Full {
		return nil
	}
	var contests []contest.Contest
	for entries := 1000; entries <= 10_000_000; entries *= 10 {
		contests = append(contests, sized(fmt.Sprintf("size/entries=%d", entries), entries, 16))
	}
	for _, size := range []int{16, 1 << 10, 64 << 10, 1 << 20} {
		contests = append(contests, sized(fmt.Sprintf("size/value=%d", size), 1000, size))
	}
	return contests
}

// sized is a contest of hits, on a zipf distribution. All entries have the same
// value, which a hit does not look at.
func sized(name string, entries, size int) contest.Contest {
	var keys []string
	v := value(0, size)
	work := make([]uint32, 1<<20)
	prepare := func() {
		if keys == nil {
			keys = names(entries)
			copy(work, workload.Zipf(entries, len(work), seed))
		}
	}
	return contest.Contest{Name: name, Work: work, Contenders: []contest.Contender{
		{Name: "tunica, namespaced", Enter: func(h *contest.Host) contest.Entrant {
			prepare()
			c := cache.New[[]byte](newVault(func(int) []byte { return v }), cache.Options{MaxEntries: 2 * entries, TTL: cache.NoTTL})
			h.Cleanup(func() { _ = c.Close() })
			view := namespace.New(c, "sessions")
			get := func(_, i int) bool {
				_, err := view.Get(background, keys[i])
				return err == nil
			}
			for i := range keys {
				get(0, i)
			}
			return contest.Entrant{Op: get}
		}},
		{Name: "otter", Enter: func(h *contest.Host) contest.Entrant {
			prepare()
			c, err := otter.New(&otter.Options[string, []byte]{MaximumSize: 2 * entries})
			h.Must(err)
			h.Cleanup(func() { c.StopAllGoroutines() })
			for _, key := range keys {
				c.Set(strings.Clone(key), v)
			}
			return contest.Entrant{Op: func(_, i int) bool {
				_, ok := c.GetIfPresent(keys[i])
				return ok
			}}
		}},
		{Name: "golang-lru", Enter: func(h *contest.Host) contest.Entrant {
			prepare()
			c, err := lru.New[string, []byte](2 * entries)
			h.Must(err)
			for _, key := range keys {
				c.Add(strings.Clone(key), v)
			}
			return contest.Entrant{Op: func(_, i int) bool {
				_, ok := c.Get(keys[i])
				return ok
			}}
		}},
	}}
}

package suite

import (
	"fmt"
	"time"

	gocache "github.com/go-redis/cache/v9"
	"github.com/hashicorp/golang-lru/arc/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/maypok86/otter/v2"
	"github.com/viccon/sturdyc"

	"github.com/Yiling-J/theine-go"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/workload"
)

// hitRatio is the part of the requests that were hits.
const hitRatio contest.Unit = "hit-%"

const requests = 1_000_000

// traces are the sequences of keys on which hit ratios are compared.
var traces = []struct {
	name string
	make func(keys, n int, seed uint64) []uint32
}{
	{"zipf", workload.Zipf},
	{"scan", workload.Scan},
	{"onehit", workload.OneHit},
	{"drift", workload.Drift},
}

// simulated is a cache in a simulation. Access asks for a key and, if it is not
// there, puts it in; it tells whether it was there.
type simulated struct {
	name string
	make func(h *contest.Host, entries int) (access func(key string) bool)
}

// hitRatioContests compare what caches keep. One goroutine asks, and waits for
// whatever a cache does in the background, so that the ratio does not depend on
// time.
func hitRatioContests(*Env) []contest.Contest {
	var contests []contest.Contest
	for _, trace := range traces {
		for _, percent := range []int{1, 10} {
			var keys []string
			var sequence []uint32
			c := contest.Contest{Name: fmt.Sprintf("hitratio/%s/%d%%", trace.name, percent), Callers: 1, Once: true}
			for _, s := range simulations() {
				c.Contenders = append(c.Contenders, contest.Contender{Name: s.name, Enter: func(h *contest.Host) contest.Entrant {
					if keys == nil {
						sequence = trace.make(manyKeys, requests, seed)
						keys = names(workload.Distinct(sequence))
					}
					return contest.Entrant{Op: func(_, _ int) bool { return true }, Figures: func(int64) map[contest.Unit]float64 {
						return map[contest.Unit]float64{hitRatio: simulate(h, s, manyKeys*percent/100, keys, sequence)}
					}}
				}})
			}
			c.Take = func(e contest.Entrant) map[contest.Unit]float64 { return e.Figures(1) }
			contests = append(contests, c)
		}
	}
	return contests
}

func names(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = keyName(i)
	}
	return keys
}

// simulate returns the hit ratio in percent.
func simulate(h *contest.Host, s simulated, entries int, keys []string, sequence []uint32) float64 {
	inner := new(contest.Host)
	defer inner.Close()
	hits := 0
	h.Must(inner.Try(func() {
		access := s.make(inner, entries)
		for _, i := range sequence {
			if access(keys[i]) {
				hits++
			}
		}
	}))
	return 100 * float64(hits) / float64(len(sequence))
}

func simulations() []simulated {
	var all []simulated
	for _, p := range policies {
		all = append(all, simulated{p.name, func(h *contest.Host, entries int) func(string) bool {
			vault := newVault(func(int) int { return 0 })
			o := cache.Options{MaxEntries: entries, TTL: cache.NoTTL}
			p.set(&o)
			c := cache.New(vault, o)
			h.Cleanup(func() { _ = c.Close() })
			return func(key string) bool {
				before := vault.reads.Load()
				_, err := c.Get(background, key)
				return err == nil && vault.reads.Load() == before
			}
		}})
	}
	return append(all,
		simulated{"golang-lru LRU", func(h *contest.Host, entries int) func(string) bool {
			c, err := lru.New[string, int](entries)
			h.Must(err)
			return aside(c.Get, func(key string, v int) { c.Add(key, v) })
		}},
		simulated{"golang-lru 2Q", func(h *contest.Host, entries int) func(string) bool {
			c, err := lru.New2Q[string, int](entries)
			h.Must(err)
			return aside(c.Get, c.Add)
		}},
		simulated{"golang-lru ARC", func(h *contest.Host, entries int) func(string) bool {
			c, err := arc.NewARC[string, int](entries)
			h.Must(err)
			return aside(c.Get, c.Add)
		}},
		simulated{"otter", otterSimulated},
		simulated{"theine", theineSimulated},
		simulated{"ristretto", func(h *contest.Host, entries int) func(string) bool {
			c := newRistretto[int](h, entries)
			return aside(c.Get, func(key string, v int) {
				c.Set(key, v, 1)
				c.Wait()
			})
		}},
		simulated{"sturdyc", func(_ *contest.Host, entries int) func(string) bool {
			c := sturdyc.New[int](entries, 10, lasting, 10)
			return aside(c.Get, func(key string, v int) { c.Set(key, v) })
		}},
		simulated{"go-redis/cache TinyLFU", func(_ *contest.Host, entries int) func(string) bool {
			c := gocache.NewTinyLFU(entries, lasting)
			return aside(c.Get, func(key string, _ int) { c.Set(key, one) })
		}},
	)
}

// one is a value of no interest.
var one = []byte{0}

// aside asks get and, if the key is not there, sets it.
func aside[V any](get func(string) (V, bool), set func(string, int)) func(string) bool {
	return func(key string) bool {
		if _, ok := get(key); ok {
			return true
		}
		set(key, 0)
		return false
	}
}

// otterSimulated does otter's work in the background on the goroutine that
// asks.
func otterSimulated(h *contest.Host, entries int) func(string) bool {
	c, err := otter.New(&otter.Options[string, int]{
		MaximumSize: entries,
		Executor:    func(fn func()) { fn() },
	})
	h.Must(err)
	h.Cleanup(func() { c.StopAllGoroutines() })
	return aside(c.GetIfPresent, func(key string, v int) { c.Set(key, v) })
}

func theineSimulated(h *contest.Host, entries int) func(string) bool {
	c, err := theine.NewBuilder[string, int](int64(entries)).Build()
	h.Must(err)
	h.Cleanup(c.Close)
	return aside(c.Get, func(key string, v int) {
		c.SetWithTTL(key, v, 1, time.Duration(0))
		c.Wait()
	})
}

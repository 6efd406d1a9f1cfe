package suite

import (
	"fmt"

	"github.com/tunica-go/tunica/internal/bench/contest"
)

// Judge says of each bar whether the results meet it. Bars of contests that
// were not run are left out.
func Judge(results []*contest.Result) []contest.Verdict {
	run := make(map[string]bool)
	for _, r := range results {
		run[r.Contest] = true
	}
	var verdicts []contest.Verdict
	for _, bar := range bars() {
		if run[bar.Contest] {
			verdicts = append(verdicts, bar.Judge(results))
		}
	}
	return verdicts
}

// bars are what this module wants to reach. The default policy is the one that
// counts: the first of policies.
func bars() []contest.Bar {
	all := hitBars()
	all = append(all, typedBars()...)
	all = append(all, redisBars()...)
	all = append(all, ratioBars()...)
	return append(all, missBars()...)
}

func hitBars() []contest.Bar {
	const ours = "tunica, namespaced"
	var all []contest.Bar
	for _, name := range []string{"hit/zipf/parallel", "hit/uniform/parallel", "hit/zipf/sequential"} {
		all = append(all,
			contest.Bar{Text: name, Contest: name, Ours: ours, Peers: []string{"otter"}, Unit: contest.NsPerOp, Limit: 0.9, Bound: bareMap},
			contest.Bar{Text: name, Contest: name, Ours: ours, Peers: []string{"golang-lru"}, Unit: contest.NsPerOp, Limit: 0.5, Bound: bareMap},
			contest.Bar{Text: name, Contest: name, Ours: ours, Peers: []string{"rueidis DoCache"}, Unit: contest.NsPerOp, Limit: 0.25, Bound: bareMap},
			contest.Bar{Text: name, Contest: name, Ours: ours, Unit: contest.AllocsPerOp, Kind: contest.AtMost, Limit: 0},
			contest.Bar{Text: name, Contest: name, Ours: ours, Peers: []string{"tunica"}, Unit: contest.NsPerOp, Limit: 1.15},
			contest.Bar{Text: name, Contest: name, Ours: "tunica, 10000 namespaces", Peers: []string{ours}, Unit: contest.NsPerOp, Limit: 1.1, Bound: bareMaps},
		)
	}
	const layers = "layers/hit"
	for _, observed := range []string{"Trace(Cache), no parent", "Trace(Cache), unsampled", "Cache, with metrics"} {
		all = append(all,
			contest.Bar{Text: layers, Contest: layers, Ours: observed, Peers: []string{"Cache"}, Unit: contest.NsPerOp, Limit: 1.5},
			contest.Bar{Text: layers, Contest: layers, Ours: observed, Unit: contest.AllocsPerOp, Kind: contest.AtMost, Limit: 0},
		)
	}
	return all
}

func typedBars() []contest.Bar {
	var all []contest.Bar
	for _, ours := range []string{"Namespace(Cache(Codec(Redis)))", "Codec(Namespace(Cache(Redis))), with Memo"} {
		all = append(all, contest.Bar{
			Text: "typed", Contest: "typed", Ours: ours, Peers: []string{"otter, pointers"}, Unit: contest.NsPerOp, Limit: 1.2, Bound: bareMap,
		})
		for _, peer := range []string{"go-redis/cache Once", "rueidis DoCache + JSON", "go-redis client-side cache + JSON"} {
			all = append(all, contest.Bar{
				Text: "typed", Contest: "typed", Ours: ours, Peers: []string{peer}, Unit: contest.NsPerOp, Limit: 1.0 / 50,
			})
		}
		all = append(all, contest.Bar{
			Text: "typed", Contest: "typed", Ours: ours, Unit: contest.AllocsPerOp, Kind: contest.AtMost, Limit: 0,
		})
	}
	return all
}

func redisBars() []contest.Bar {
	const (
		ours = "tunica redisstore"
		pipe = "go-redis AutoPipeline"
	)
	speed := func(name, peer string, limit float64) contest.Bar {
		return contest.Bar{
			Text: name, Contest: name, Ours: ours, Peers: []string{peer},
			Unit: contest.NsPerOp, Kind: contest.SpeedAtLeast, Limit: limit, Bound: "raw connection",
		}
	}
	all := []contest.Bar{
		speed("redis/get/128", "go-redis", 5),
		speed("redis/get/128", pipe, 1.2),
		speed("redis/set/128", pipe, 1.2),
		speed("redis/get/1", "go-redis", 0.95),
		speed("redis/set/1", "go-redis", 0.95),
	}
	for _, op := range []string{"get", "set"} {
		for _, callers := range levels {
			name := fmt.Sprintf("redis/%s/%d", op, callers)
			all = append(all, contest.Bar{
				Text: name + ", p99", Contest: name, Ours: ours, Peers: []string{"go-redis"}, Unit: contest.P99, Limit: 1, Bound: "raw connection",
			})
		}
	}
	all = append(all, contest.Bar{
		Text: "paused server, a caller's return", Contest: "silent", Ours: ours, Unit: lateMost, Kind: contest.AtMost, Limit: 2,
	})
	for _, e := range []struct {
		callers int
		limit   float64
	}{{128, 3}, {16, 1.4}, {1, 0.9}} {
		name := fmt.Sprintf("endtoend/%d", e.callers)
		bar := speed(name, "", e.limit)
		bar.Ours, bar.Bound = policies[0].name, perfect
		bar.Peers = []string{
			"rueidis DoCache", "otter + go-redis", "golang-lru + x/sync + go-redis", "go-redis/cache Once", "go-redis client-side cache",
		}
		all = append(all, bar)
	}
	return all
}

func ratioBars() []contest.Bar {
	ours := policies[0].name
	peers := []string{
		"golang-lru LRU", "golang-lru 2Q", "golang-lru ARC", "otter", "theine", "ristretto", "sturdyc", "go-redis/cache TinyLFU",
	}
	all := []contest.Bar{
		{Text: "hit ratio, zipf, 1 %", Contest: "hitratio/zipf/1%", Ours: ours, Unit: hitRatio, Kind: contest.AtLeast, Limit: 60.5},
		{Text: "hit ratio, zipf, 10 %", Contest: "hitratio/zipf/10%", Ours: ours, Unit: hitRatio, Kind: contest.AtLeast, Limit: 78.5},
	}
	for _, size := range []string{"1%", "10%"} {
		all = append(all,
			contest.Bar{
				Text: "hit ratio, scans, " + size, Contest: "hitratio/scan/" + size, Ours: ours, Peers: peers,
				Unit: hitRatio, Kind: contest.DifferenceAtLeast, Limit: -1,
			},
			contest.Bar{
				Text: "hit ratio, drift, " + size, Contest: "hitratio/drift/" + size, Ours: ours, Peers: []string{"golang-lru LRU"},
				Unit: hitRatio, Kind: contest.DifferenceAtLeast, Limit: -0.5,
			},
		)
		for _, p := range policies {
			if !p.lru {
				continue
			}
			for _, trace := range traces {
				name := "hitratio/" + trace.name + "/" + size
				all = append(all, contest.Bar{
					Text: "LRU as golang-lru's, " + trace.name + ", " + size, Contest: name, Ours: p.name, Peers: []string{"golang-lru LRU"},
					Unit: hitRatio, Kind: contest.DifferenceAtMost, Limit: 0.5,
				})
			}
		}
	}
	return all
}

func missBars() []contest.Bar {
	all := []contest.Bar{
		{
			Text: "deduplication alone", Contest: "flight/alone", Ours: "tunica singleflight", Peers: []string{"x/sync Do"},
			Unit: contest.NsPerOp, Limit: 0.5, Bound: lockedMap,
		},
		{
			Text: "deduplication alone", Contest: "flight/alone", Ours: "tunica singleflight",
			Unit: contest.AllocsPerOp, Kind: contest.AtMost, Limit: 0,
		},
	}
	for _, d := range disasters {
		name := "stampede/" + d.name
		wanted := 1.0
		if d.deletes {
			wanted = 2 // the second is for who comes after the write
		}
		all = append(all,
			contest.Bar{Text: name, Contest: name, Ours: "tunica, namespaced", Unit: calls, Kind: contest.AtMost, Limit: wanted},
			contest.Bar{Text: name, Contest: name, Ours: "tunica, namespaced", Unit: timeTaken, Kind: contest.AtMost, Limit: 1.05, Bound: bareChannel},
			contest.Bar{Text: name, Contest: name, Ours: "tunica, namespaced", Unit: failures, Kind: contest.AtMost, Limit: 0},
		)
	}
	for _, entries := range []int{1000, 10_000, 100_000} {
		name := fmt.Sprintf("memory/value=%d/entries=%d", 1<<10, entries)
		all = append(all, contest.Bar{
			Text: name, Contest: name, Ours: policies[0].name + ", namespaced", Peers: []string{"golang-lru"}, Unit: overhead, Limit: 1.4,
		})
	}
	return all
}

package explore

import (
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/storage"
)

type stackFunc = func(storage.Store[string]) storage.Store[string]

func cached(options cache.Options) stackFunc {
	if options.MaxEntries == 0 {
		options.MaxEntries = 100
	}
	return func(next storage.Store[string]) storage.Store[string] { return cache.New(next, options) }
}

func shared(next storage.Store[string]) storage.Store[string] { return singleflight.New(next) }

// do is the program of one client.
func do(steps ...Step) []Step { return steps }

var one = map[string]string{"k": "0"}

// Scenarios are those that the tests explore.
func Scenarios() []*Scenario {
	plain := cached(cache.Options{})
	return []*Scenario{
		{
			Name: "own-write", Stack: plain, Before: one,
			Clients: [][]Step{do(Get("k").MayPause(), Get("k")), do(Set("k", "1")), do(Get("k"))},
		},
		{
			Name: "own-write-held", Stack: plain, Before: one, Held: []string{"k"},
			Clients: [][]Step{do(Set("k", "1"), Get("k")), do(Get("k").MayPause(), Get("k"))},
		},
		{
			Name: "two-writers", Stack: plain, Before: one,
			Clients: [][]Step{do(Set("k", "1")), do(Delete("k")), do(Get("k"), Get("k"))},
		},
		{
			Name: "views", Stack: plain, Before: map[string]string{"n:k": "0"},
			Clients: [][]Step{do(Set("n:k", "1")), do(Get("k").In("n"), Get("k").In("n")), do(Get("n:k"))},
		},
		{
			Name: "delete-prefix", Stack: plain, Before: map[string]string{"n:k": "0", "m:k": "0"}, Held: []string{"m:k"},
			Clients: [][]Step{do(DeletePrefix("", "k").In("n")), do(Get("k").In("n"), Get("k").In("n")), do(Set("n:k", "1"))},
		},
		{
			Name: "touch", Stack: plain, Before: one, Held: []string{"k"},
			Clients:  [][]Step{do(Touch("k", time.Second), Get("k")), do(Get("k"), Get("k"))},
			Advances: []time.Duration{time.Second, time.Second},
		},
		{
			Name: "touch-loading", Stack: plain, Before: one,
			Clients:  [][]Step{do(Touch("k", time.Second)), do(Get("k"), Get("k")), do(Get("k"))},
			Advances: []time.Duration{time.Second},
		},
		{
			Name: "touch-absent", Stack: cached(cache.Options{NegativeTTL: time.Hour}),
			Clients: [][]Step{do(Get("k"), Get("k")), do(Theirs("k", "1"), Touch("k", time.Hour), Get("k"))},
		},
		{
			Name: "expiry-batch", Stack: plain, Before: one, Expires: map[string]time.Duration{"k": 100 * time.Millisecond},
			Clients:  [][]Step{do(GetMany("k"), GetMany("k")), do(GetMany("k"))},
			Advances: []time.Duration{100 * time.Millisecond},
		},
		{
			Name: "expiry", Stack: plain, Before: one, Expires: map[string]time.Duration{"k": 100 * time.Millisecond},
			Clients:  [][]Step{do(Get("k"), Get("k")), do(Get("k"))},
			Advances: []time.Duration{100 * time.Millisecond, 100 * time.Millisecond},
		},
		{
			Name: "batch-and-single", Stack: plain, Before: map[string]string{"a": "0", "b": "0"},
			Clients: [][]Step{do(GetMany("a", "b")), do(Set("a", "1"), Get("a")), do(Get("b"))},
		},
		{
			Name: "batch-writes", Stack: plain, Before: map[string]string{"a": "0", "b": "0"}, Held: []string{"a"},
			Clients: [][]Step{do(SetMany("1", "a", "b")), do(GetMany("a", "b"), Get("b")), do(DeleteMany("a"))},
		},
		{
			Name: "cancelled-leader", Stack: plain, Before: one,
			Clients: [][]Step{do(Get("k").MayCancel()), do(Get("k")), do(Set("k", "1"))},
		},
		{
			Name: "cancelled-batch", Stack: plain, Before: map[string]string{"a": "0", "b": "0"},
			Clients: [][]Step{do(GetMany("a", "b").MayCancel()), do(Get("a")), do(Get("b").MayCancel())},
		},
		{
			Name: "leavers", Stack: plain, Before: one,
			Clients: [][]Step{do(Get("k").MayCancel(), Get("k").MayCancel(), Get("k").MayCancel(), Get("k"))},
		},
		{
			Name: "last-waiter-leaves", Stack: plain, Before: one,
			Clients: [][]Step{do(Get("k").MayCancel()), do(Get("k").MayCancel()), do(Get("k"))},
		},
		{
			Name: "zombie", Stack: plain, Before: one,
			Clients:  [][]Step{do(Get("k")), do(Set("k", "1")), do(Get("k"))},
			Advances: []time.Duration{flight.SlowAfter},
		},
		{
			Name: "zombie-endless", Stack: plain, Before: one,
			Clients:  [][]Step{do(Set("k", "1")), do(Get("k")), do(Get("k"))},
			Advances: []time.Duration{flight.SlowAfter},
		},
		{
			Name: "zombie-moved", Stack: plain, Before: one,
			Clients:  [][]Step{do(Get("k")), do(Set("k", "1")), do(Get("k").MayCancel())},
			Advances: []time.Duration{flight.SlowAfter},
		},
		{
			Name: "zombie-cancelled", Stack: plain, Before: one,
			Clients:  [][]Step{do(Get("k").MayCancel()), do(Delete("k"), Get("k").MayCancel())},
			Advances: []time.Duration{flight.SlowAfter},
		},
		{
			Name: "panic", Stack: plain, Before: one, Faults: []Fault{Panicked}, MaxFaults: 1,
			Clients: [][]Step{do(Get("k")), do(Set("k", "1")), do(Get("k"))},
		},
		{
			Name: "failed-writes", Stack: plain, Before: one, Held: []string{"k"}, Faults: []Fault{Refused, Lost, Late}, MaxFaults: 1,
			Clients: [][]Step{do(Set("k", "1").MayCancel()), do(Get("k"), Get("k"))},
		},
		{
			Name: "failed-deletes", Stack: plain, Before: one, Held: []string{"k"}, Faults: []Fault{Refused, Lost, Late, Panicked}, MaxFaults: 1,
			Clients: [][]Step{do(DeletePrefix("k", "k")), do(Get("k"), Get("k"))},
		},
		{
			Name: "negative", Stack: cached(cache.Options{NegativeTTL: time.Minute}),
			Clients: [][]Step{do(Get("k")), do(Set("k", "1"), Get("k")), do(Get("k"))},
		},
		{
			Name: "negative-seen", Stack: cached(cache.Options{NegativeTTL: time.Minute}),
			Clients: [][]Step{do(Theirs("k", "1")), do(Keys("k", "k"), Get("k")), do(Get("k"), Has("k"))},
		},
		{
			Name: "purge", Stack: plain, Before: one, Held: []string{"k"},
			Clients: [][]Step{do(Purge()), do(Get("k"), Get("k")), do(Set("k", "1"))},
		},
		{
			Name: "eviction", Stack: cached(cache.Options{MaxEntries: 1}), Before: map[string]string{"k": "0", "l": "0"},
			Clients: [][]Step{do(Get("k"), Get("k")), do(Get("l")), do(Set("k", "1"))},
		},
		{
			Name: "swap", Stack: plain, Before: one,
			Clients: [][]Step{do(Swap("k", "0", "1")), do(Swap("k", "0", "2")), do(Get("k"), Get("k"))},
		},
		{
			Name: "take", Stack: plain, Before: one, Held: []string{"k"},
			Clients: [][]Step{do(Take("k"), Get("k")), do(Take("k")), do(Get("k"))},
		},
		{
			Name: "others-write", Stack: plain, Before: one,
			Clients: [][]Step{do(Theirs("k", "1")), do(GetEntry("k"), Get("k")), do(Get("k"), Get("k"))},
		},
		{
			Name: "others-write-batch", Stack: plain, Before: map[string]string{"a": "0", "b": "0"},
			Clients: [][]Step{do(Theirs("a", "1")), do(GetEntries("a", "b"), GetMany("a", "b")), do(Has("a"), Get("a"))},
		},
		{
			Name: "cache-aside", Stack: plain, Last: GetOrLoad, Before: one,
			Clients: [][]Step{do(Change("k", "1")), do(GetOrLoad("k")), do(GetOrLoad("k"))},
		},
		{
			Name: "cache-aside-twice", Stack: plain, Last: GetOrLoad, Before: one,
			Clients: [][]Step{do(Forget("k"), Change("k", "1")), do(GetOrLoad("k").MayCancel())},
		},
		{
			Name: "cache-aside-left", Stack: plain, Last: GetOrLoad, Source: one,
			Clients: [][]Step{do(Change("k", "1")), do(GetOrLoad("k").MayCancel()), do(GetOrLoad("k"))},
		},
		{
			Name: "cache-aside-slow", Stack: plain, Last: GetOrLoad, Source: one, Advances: []time.Duration{flight.SlowAfter},
			Clients: [][]Step{do(Change("k", "1")), do(GetOrLoad("k")), do(GetOrLoad("k"))},
		},
		{
			Name: "cache-aside-panic", Stack: plain, Last: GetOrLoad, Source: one, Faults: []Fault{Panicked}, MaxFaults: 1, Spared: "delete",
			Clients: [][]Step{do(Change("k", "1")), do(GetOrLoad("k"))},
		},
		{
			Name: "shards", Stack: cached(cache.Options{MaxEntries: 10_000}), Before: map[string]string{"n:a": "0", "n:b": "0"},
			Clients: [][]Step{do(DeletePrefix("", "a", "b").In("n")), do(GetMany("a", "b").In("n"), Get("a").In("n")), do(Get("n:b"))},
		},
		{
			Name: "flight-own-write", Stack: shared, Before: one,
			Clients: [][]Step{do(Get("k"), Get("k")), do(Set("k", "1")), do(Get("k"))},
		},
		{
			Name: "flight-views", Stack: shared, Before: map[string]string{"n:k": "0"},
			Clients: [][]Step{do(Take("n:k")), do(Get("k").In("n"), Get("k").In("n")), do(Get("n:k"))},
		},
		{
			Name: "flight-others-write", Stack: shared, Before: one,
			Clients: [][]Step{do(Theirs("k", "1")), do(GetEntry("k"), Get("k")), do(Get("k"), Get("k"))},
		},
		{
			Name: "flight-delete-prefix", Stack: shared, Before: map[string]string{"n:k": "0"},
			Clients: [][]Step{do(DeletePrefix("", "k").In("n")), do(Get("k").In("n"), Has("n:k")), do(Get("n:k"))},
		},
		{
			Name: "flight-cancelled", Stack: shared, Before: one,
			Clients: [][]Step{do(Get("k").MayCancel()), do(Get("k").MayCancel()), do(Set("k", "1"))},
		},
		{
			Name: "flight-zombie", Stack: shared, Before: one,
			Clients:  [][]Step{do(Get("k")), do(Swap("k", "0", "1")), do(Get("k"))},
			Advances: []time.Duration{flight.SlowAfter},
		},
		{
			Name: "flight-panic", Stack: shared, Before: one, Faults: []Fault{Panicked}, MaxFaults: 1,
			Clients: [][]Step{do(Get("k")), do(Set("k", "1")), do(Get("k"))},
		},
	}
}

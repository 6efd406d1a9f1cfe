// Package laws runs every law over every adapter through every decorator.
package laws

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// An adapter starts a backend for one stack, which opens an empty store for
// each case.
type adapter struct {
	name      string
	ownPrefix bool // its DeletePrefix("") is safe
	start     func(testing.TB) (open func(testing.TB) storage.ByteStore)
}

var adapters = []adapter{
	{"memstore", false, func(testing.TB) func(testing.TB) storage.ByteStore {
		return func(testing.TB) storage.ByteStore { return memstore.New[[]byte]() }
	}},
	// A server for each stack: Keys takes as long as the server has keys.
	{"redisstore", true, func(t testing.TB) func(testing.TB) storage.ByteStore {
		server := redistest.Start(t)
		var cases atomic.Int64
		return func(t testing.TB) storage.ByteStore {
			prefix := redisstore.Prefix(fmt.Sprintf("case%d:", cases.Add(1)))
			store, err := redisstore.Open(t.Context(), server.URL(), prefix)
			if err != nil {
				t.Fatal(err)
			}
			return closing(t, store)
		}
	}},
}

// A stack puts decorators over a store.
type stack struct {
	name    string
	options storagetest.Options
	over    func(t testing.TB, next storage.ByteStore) storage.ByteStore
}

var (
	full    = storagetest.Options{Native: storagetest.AllOps}
	shared  = storagetest.Options{Native: storagetest.AllOps, SharesReads: true}
	minimal = storagetest.Options{}
	viewed  = storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
)

func closing[S interface{ Close() error }](t testing.TB, s S) S {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func overCache(t testing.TB, next storage.ByteStore) storage.ByteStore {
	return closing(t, cache.New(next, cache.Options{}))
}

func overFlight(t testing.TB, next storage.ByteStore) storage.ByteStore {
	return closing(t, singleflight.New(next))
}

// patient does not time a slow machine out.
var patient = timeout.Options{Read: time.Minute, Write: time.Minute, Batch: time.Minute}

// guarded is what docs/ordering.md puts around a backend that may fail.
func guarded[V any](next storage.Store[V]) storage.Store[V] {
	return storage.Intercept(
		next,
		retry.Interceptor(retry.Options{}),
		limit.Interceptor(limit.Options{}),
		breaker.Interceptor(breaker.Options{}),
		timeout.Interceptor(patient),
	)
}

func pass(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	return next(ctx)
}

var stacks = []stack{
	{"bare", full, func(_ testing.TB, next storage.ByteStore) storage.ByteStore { return next }},
	{"Namespace", viewed, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return namespace.New(next, "ns")
	}},
	{"Cache", shared, overCache},
	{"Singleflight", shared, overFlight},
	{"Intercept", full, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return storage.Intercept(next, storage.InterceptorFunc(pass), storage.InterceptorFunc(pass))
	}},
	{"Metrics", full, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return metrics.New(next, metrics.Options{})
	}},
	{"Trace", full, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return trace.New(next, trace.Options{})
	}},
	{"Retry(Limit(Breaker(Timeout)))", full, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return guarded(next)
	}},
	{
		"Namespace(Retry(Cache(Retry(Limit(Breaker(Timeout))))))",
		storagetest.Options{Native: storagetest.AllOps, SharesReads: true, OwnPrefix: true},
		func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(retry.New(overCache(t, guarded(next)), retry.Options{Writes: true}), "ns")
		},
	},
	{
		"Namespace(Cache)",
		storagetest.Options{Native: storagetest.AllOps, SharesReads: true, OwnPrefix: true},
		func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(overCache(t, next), "ns")
		},
	},
	{
		"Cache(Namespace)",
		storagetest.Options{Native: storagetest.AllOps, SharesReads: true, OwnPrefix: true},
		func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return overCache(t, namespace.New(next, "ns"))
		},
	},
	{"Cache(Singleflight)", shared, func(t testing.TB, next storage.ByteStore) storage.ByteStore {
		return overCache(t, overFlight(t, next))
	}},
	{"third party store", minimal, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return storagetest.Minimal(next)
	}},
	{
		"Namespace(Cache(third party store))",
		storagetest.Options{SharesReads: true},
		func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(overCache(t, storagetest.Minimal(next)), "ns")
		},
	},
	{
		"Namespace(third party decorator(Cache))",
		storagetest.Options{SharesReads: true},
		func(t testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(storagetest.Minimal(overCache(t, next)), "ns")
		},
	},
}

// Every law holds for every adapter through every stack of decorators.
func TestLaws(t *testing.T) {
	for _, a := range adapters {
		for _, s := range stacks {
			t.Run(a.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				options := s.options
				options.OwnPrefix = options.OwnPrefix || a.ownPrefix
				open := a.start(t)
				storagetest.TestStore(t, func(t testing.TB) storage.ByteStore { return s.over(t, open(t)) }, options)
			})
		}
	}
}

// record is a value that no adapter holds as it is.
type record struct {
	N    int
	Tags []string
}

func newRecord(i int) record { return record{N: i, Tags: []string{fmt.Sprint("tag", i)}} }

// The same for values that a codec makes, below a cache and above it.
func TestLawsOfCodec(t *testing.T) {
	typed := map[string]func(t testing.TB, next storage.ByteStore) storage.Store[record]{
		"Codec": func(_ testing.TB, next storage.ByteStore) storage.Store[record] {
			return codec.New(next, codec.JSON[record]())
		},
		"Codec(Namespace(Cache))": func(t testing.TB, next storage.ByteStore) storage.Store[record] {
			return codec.New(namespace.New(overCache(t, next), "ns"), codec.JSON[record]())
		},
		"Cache(Codec)": func(t testing.TB, next storage.ByteStore) storage.Store[record] {
			return closing(t, cache.New(codec.New(next, codec.JSON[record]()), cache.Options{}))
		},
	}
	for _, a := range adapters {
		for name, over := range typed {
			t.Run(a.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				options := shared
				options.OwnPrefix = a.ownPrefix || name == "Codec(Namespace(Cache))"
				open := a.start(t)
				storagetest.TestStoreOf(t, func(t testing.TB) storage.Store[record] { return over(t, open(t)) }, newRecord, options)
			})
		}
	}
}

package model

import (
	"bytes"
	"context"
	"slices"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

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

// A stack is what the streams are played on.
type stack struct {
	name string
	traits
	timeless bool // may keep an entry beyond its ttl, because nobody tells it
	begin    func(traits, storage.ByteStore) player
}

// over makes a stack of values of type V.
func over[V any](name string, t traits, c converter[V], wrap func(*parts, storage.ByteStore) storage.Store[V]) stack {
	return stack{name: name, traits: t, begin: func(t traits, raw storage.ByteStore) player {
		parts := new(parts)
		return &playerOf[V]{
			traits: t, converter: c, views: openViews(wrap(parts, raw)), parts: parts, raw: raw,
			model: newPlain(t.grain), versions: make(map[int]storage.Version),
		}
	}}
}

// bytesOver makes a stack of bytes.
func bytesOver(name string, t traits, wrap func(*parts, storage.ByteStore) storage.ByteStore) stack {
	return over(name, t, raw, wrap)
}

// parts are the pieces of a stack that can be purged or have to be closed.
type parts struct {
	purges []func()
	closes []func() error
}

func (p *parts) purge() {
	for _, purge := range p.purges {
		purge()
	}
}

func (p *parts) close() error {
	for _, end := range slices.Backward(p.closes) {
		if err := end(); err != nil {
			return err
		}
	}
	return nil
}

func cached[V any](p *parts, next storage.Store[V], o cache.Options, hooks ...cache.Option[V]) storage.Store[V] {
	c := cache.New(next, o, hooks...)
	p.purges, p.closes = append(p.purges, c.Purge), append(p.closes, c.Close)
	return c
}

func flown[V any](p *parts, next storage.Store[V]) storage.Store[V] {
	s := singleflight.New(next)
	p.closes = append(p.closes, s.Close)
	return s
}

var provider = sdktrace.NewTracerProvider() // its spans are recorded and go nowhere

func traced[V any](next storage.Store[V]) storage.Store[V] {
	return trace.New(next, trace.Options{TracerProvider: provider, Roots: true})
}

var meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()))

func metered[V any](next storage.Store[V]) storage.Store[V] {
	return metrics.New(next, metrics.Options{MeterProvider: meters})
}

func intercepted[V any](next storage.Store[V]) storage.Store[V] {
	pass := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		return next(ctx)
	})
	return storage.Intercept(next, pass, pass)
}

// guarded is what docs/ordering.md puts around a backend that may fail.
func guarded[V any](next storage.Store[V]) storage.Store[V] {
	patient := timeout.Options{Read: time.Minute, Write: time.Minute, Batch: time.Minute} // with a slow machine
	return retry.New(limit.New(breaker.New(timeout.New(next, patient), breaker.Options{}), limit.Options{}), retry.Options{Writes: true})
}

type store = storage.ByteStore

var (
	plainly   = traits{}
	shared    = traits{shares: true}
	inNS      = traits{prefix: "ns:", shares: true}
	allPowers = storagetest.AllPowers
)

// stacks are made over a memstore, and those of the second list over Redis too.
var stacks = append([]stack{
	bytesOver("Cache(Namespace)", inNS, func(p *parts, s store) store {
		return cached(p, namespace.New(s, "ns"), cache.Options{})
	}),
	bytesOver("Cache of 2 entries, NegativeTTL", shared, func(p *parts, s store) store {
		return cached(p, s, cache.Options{MaxEntries: 2, NegativeTTL: time.Hour})
	}),
	bytesOver("Namespace(Cache with NegativeTTL, Clone)", traits{prefix: "ns:"}, func(p *parts, s store) store {
		return namespace.New(cached(p, s, cache.Options{NegativeTTL: time.Minute}, cache.Clone(bytes.Clone)), "ns")
	}),
	bytesOver("Cache with NoTTL, Share", shared, func(p *parts, s store) store {
		return cached(p, s, cache.Options{TTL: cache.NoTTL, MaxEntries: 40, Share: 0.25})
	}),
	bytesOver("Cache of 2 entries(Cache)", shared, func(p *parts, s store) store {
		return cached(p, cached(p, s, cache.Options{}), cache.Options{MaxEntries: 2})
	}),
	bytesOver("Singleflight", plainly, func(p *parts, s store) store { return flown(p, s) }),
	bytesOver("Cache(Singleflight)", shared, func(p *parts, s store) store { return cached(p, flown(p, s), cache.Options{}) }),
	bytesOver("Intercept(Namespace)", traits{prefix: "ns:"}, func(_ *parts, s store) store {
		return intercepted(namespace.New(s, "ns"))
	}),
	bytesOver("Trace(Cache)", shared, func(p *parts, s store) store { return traced(cached(p, s, cache.Options{})) }),
	bytesOver("Metrics(Cache(Metrics))", shared, func(p *parts, s store) store { return metered(cached(p, metered(s), cache.Options{})) }),
	bytesOver("Retry", plainly, func(_ *parts, s store) store { return retry.New(s, retry.Options{Writes: true}) }),
	bytesOver("Timeout", plainly, func(_ *parts, s store) store { return timeout.New(s, timeout.Options{}) }),
	bytesOver("Breaker", plainly, func(_ *parts, s store) store { return breaker.New(s, breaker.Options{MinCalls: 1}) }),
	bytesOver("Limit", plainly, func(_ *parts, s store) store {
		return limit.New(s, limit.Options{Concurrent: 1, Rate: 1e9}) // whose waits would be time that passes
	}),
	over("Cache(Codec JSON)", shared, records, func(p *parts, s store) storage.Store[*record] {
		return cached(p, codec.New(s, codec.JSON[*record]()), cache.Options{NegativeTTL: time.Minute})
	}),
	over("Codec text(Namespace)", traits{prefix: "ns:"}, texts, func(_ *parts, s store) storage.Store[hexText] {
		return codec.New(namespace.New(s, "ns"), codec.Text[hexText]())
	}),
	over("Namespace(Cache(Codec string))", inNS, strs, func(p *parts, s store) storage.Store[string] {
		return namespace.New(cached(p, codec.New(s, codec.String()), cache.Options{}), "ns")
	}),
	bytesOver("three methods", traits{lacks: allPowers}, func(_ *parts, s store) store { return storagetest.Minimal(s) }),
	bytesOver("Namespace(Cache(three methods))", traits{prefix: "ns:", lacks: allPowers, shares: true}, func(p *parts, s store) store {
		return namespace.New(cached(p, storagetest.Minimal(s), cache.Options{}), "ns")
	}),
	timeless(bytesOver("Cache with TTL(three methods)", traits{lacks: allPowers, shares: true}, func(p *parts, s store) store {
		return cached(p, storagetest.Minimal(s), cache.Options{TTL: time.Hour, NegativeTTL: time.Hour})
	})),
	bytesOver("Cache(a store with sessions)", traits{lacks: slidingLacks, shares: true}, func(p *parts, s store) store {
		return cached(p, store(sliding{s}), cache.Options{NegativeTTL: time.Minute})
	}),
	bytesOver("Cache(a store with versions)", traits{lacks: swappingLacks, shares: true}, func(p *parts, s store) store {
		return cached(p, store(swapping{s}), cache.Options{})
	}),
	bytesOver("Namespace(Intercept(a store that lists))", traits{prefix: "ns:", lacks: listingLacks, glued: true}, func(_ *parts, s store) store {
		return namespace.New(intercepted(store(listing{s})), "ns")
	}),
	bytesOver("Cache(third party)", traits{shares: true, glued: true}, func(p *parts, s store) store {
		return cached(p, store(foreign[[]byte]{s}), cache.Options{})
	}),
	bytesOver("Namespace(Dynamic(Cache(Namespace)))", traits{prefix: "app:tenants:a%3Ab*%25:ns:", shares: true}, func(p *parts, s store) store {
		return namespace.New(namespace.Dynamic(cached(p, namespace.New(s, "app"), cache.Options{}), "tenants", "a:b*%"), "ns")
	}),
}, redisStacks...)

// redisStacks are made over Redis too.
var redisStacks = []stack{
	bytesOver("the adapter", plainly, func(_ *parts, s store) store { return s }),
	bytesOver("Cache", shared, func(p *parts, s store) store { return cached(p, s, cache.Options{}) }),
	bytesOver("Namespace(Cache)", inNS, func(p *parts, s store) store {
		return namespace.New(cached(p, s, cache.Options{}), "ns")
	}),
	bytesOver("Namespace(Cache(Retry(Limit(Breaker(Timeout)))))", inNS, func(p *parts, s store) store {
		return namespace.New(cached(p, guarded(s), cache.Options{}), "ns")
	}),
	over("Codec JSON(Trace(Cache of 2 entries(Namespace with a pattern)))", traits{prefix: `n[s]*?\:`}, records, func(p *parts, s store) storage.Store[*record] {
		return codec.New(traced(cached(p, namespace.New(s, `n[s]*?\`), cache.Options{MaxEntries: 2, NegativeTTL: time.Hour})), codec.JSON[*record]())
	}),
	bytesOver("Namespace(three methods(Cache))", traits{prefix: "ns:", lacks: allPowers, shares: true}, func(p *parts, s store) store {
		return namespace.New(storagetest.Minimal(cached(p, s, cache.Options{})), "ns")
	}),
	bytesOver("Dynamic(third party(Intercept(Singleflight)))", traits{prefix: "tenants:x%3Ay:", glued: true}, func(p *parts, s store) store {
		return namespace.Dynamic(store(foreign[[]byte]{intercepted(flown(p, s))}), "tenants", "x:y")
	}),
}

func timeless(s stack) stack {
	s.timeless = true
	return s
}

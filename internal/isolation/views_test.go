package isolation

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
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

// interceptor is one of a host's, with much to tell.
type interceptor struct{ Host storage.ByteStore }

func (*interceptor) Intercept(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	return next(ctx)
}

func (i *interceptor) Store() storage.ByteStore { return i.Host }

func (*interceptor) Close() error { return nil }

// withoutIn is a store with every power and without In: its views are the
// generic ones of package storage.
type withoutIn struct{ powers }

type powers interface {
	storage.ByteStore
	storage.Haser
	storage.ManyGetter[[]byte]
	storage.ManySetter[[]byte]
	storage.ManyDeleter
	storage.EntryGetter[[]byte]
	storage.EntriesGetter[[]byte]
	storage.Swapper[[]byte]
	storage.Taker[[]byte]
	storage.Toucher
	storage.KeyLister
	storage.PrefixDeleter
}

// layers are the stores that a host may have over an adapter.
var layers = map[string]func(storage.ByteStore) storage.ByteStore{
	"the adapter":  func(s storage.ByteStore) storage.ByteStore { return s },
	"a minimal":    func(s storage.ByteStore) storage.ByteStore { return storagetest.Minimal(s) },
	"without In":   func(s storage.ByteStore) storage.ByteStore { return withoutIn{s.(powers)} },
	"cache":        func(s storage.ByteStore) storage.ByteStore { return cache.New(s, cache.Options{}) },
	"singleflight": func(s storage.ByteStore) storage.ByteStore { return singleflight.New(s) },
	"metrics":      func(s storage.ByteStore) storage.ByteStore { return metrics.New(s, metrics.Options{}) },
	"trace":        func(s storage.ByteStore) storage.ByteStore { return trace.New(s, trace.Options{}) },
	"guarded": func(s storage.ByteStore) storage.ByteStore {
		patient := timeout.Options{Read: time.Minute, Write: time.Minute, Batch: time.Minute} // with a slow machine
		return retry.New(limit.New(breaker.New(timeout.New(s, patient), breaker.Options{}), limit.Options{}), retry.Options{})
	},
	"Intercept": func(s storage.ByteStore) storage.ByteStore {
		return storage.Intercept(s, &interceptor{s}, new(storagetest.Faults))
	},
	"a namespace": func(s storage.ByteStore) storage.ByteStore { return namespace.New(s, "host") },
	"a tower": func(s storage.ByteStore) storage.ByteStore {
		return trace.New(cache.New(singleflight.New(storage.Intercept(s, &interceptor{s})), cache.Options{}), trace.Options{})
	},
}

// parts are the views that a host makes for a plugin, under "mine:".
var parts = map[string]func(storage.ByteStore) storage.ByteStore{
	"New":     func(s storage.ByteStore) storage.ByteStore { return namespace.New(s, "mine") },
	"Dynamic": func(s storage.ByteStore) storage.ByteStore { return namespace.Dynamic(s, "mine", "a:b") },
	"New in New": func(s storage.ByteStore) storage.ByteStore {
		return namespace.New(namespace.New(s, "mine"), "inner")
	},
	"In": func(s storage.ByteStore) storage.ByteStore { return storage.In(s, storage.Scope{Prefix: "mine:"}) },
	"the whole of New": func(s storage.ByteStore) storage.ByteStore {
		return storage.In(namespace.New(s, "mine"), storage.Scope{})
	},
	"layers over New": func(s storage.ByteStore) storage.ByteStore {
		return storage.In(cache.New(trace.New(namespace.New(s, "mine"), trace.Options{}), cache.Options{}), storage.Scope{})
	},
}

func TestWalk(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "localhost:1"}) // never dialled
	t.Cleanup(func() { _ = client.Close() })
	adapters := map[string]func() storage.ByteStore{
		"memstore":   func() storage.ByteStore { return memstore.New[[]byte]() },
		"redisstore": func() storage.ByteStore { return redisstore.New(client) },
	}
	for adapter, open := range adapters {
		for layer, over := range layers {
			for part, in := range parts {
				t.Run(part+" over "+layer+" over "+adapter, func(t *testing.T) {
					view := in(over(open()))
					for _, leak := range leaks(view) {
						t.Error(leak)
					}
					for _, leak := range leaks(codec.New(view, codec.JSON[map[string]any]())) {
						t.Error("through a codec: ", leak)
					}
				})
			}
			t.Run("the whole of "+layer+" over "+adapter, func(t *testing.T) {
				for _, leak := range leaks(storage.In(over(open()), storage.Scope{})) {
					t.Error(leak)
				}
			})
		}
	}
}

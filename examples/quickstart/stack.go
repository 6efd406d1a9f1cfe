package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
)

// layer is the attribute that tells the spans of one trace from another's.
const layer = attribute.Key("layer")

// picture is what compose and newHost make.
const picture = `
  plugin sessions          plugin visits
  codec JSON               codec JSON
  namespace "sessions"     namespace "visits"
         └───────────┬───────────┘
              trace: the stack        one span for each operation of a plugin
              cache                   1000 entries
              trace: the backend      one span for each operation that gets here
              backend                 memory or Redis

`

// compose puts the layers around the backend. The lowest comes first.
func compose(b backend, provider oteltrace.TracerProvider) (storage.ByteStore, *cache.Store[[]byte]) {
	below := trace.New(b.store, trace.Options{
		TracerProvider: provider,
		System:         b.system,
		Attributes:     []attribute.KeyValue{layer.String("backend")},
	})
	c := cache.New(below, cache.Options{MaxEntries: 1000})
	return trace.New(c, trace.Options{
		TracerProvider: provider,
		Attributes:     []attribute.KeyValue{layer.String("stack")},
	}), c
}

// backend is where the values are.
type backend struct {
	store  storage.ByteStore
	system string // for spans; "" in this process
	close  func(context.Context) error
}

// open returns memory, or the Redis server at url.
func open(ctx context.Context, url string) (backend, error) {
	if url == "" {
		return backend{
			store: memstore.New[[]byte](),
			close: func(context.Context) error { return nil },
		}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	prefix := "quickstart-" + rand.Text() + ":" // of this run alone
	store, err := redisstore.Open(ctx, url, redisstore.Prefix(prefix))
	if err != nil {
		return backend{}, err
	}
	return backend{store: store, system: "redis", close: func(ctx context.Context) error {
		return errors.Join(storage.DeletePrefix(ctx, store, ""), store.Close())
	}}, nil
}

// printStats prints what the cache did for each plugin.
func printStats(w io.Writer, stats cache.Stats) {
	fmt.Fprintf(w, "\n%-10s %5s %7s %6s %8s\n", "plugin", "hits", "misses", "loads", "entries")
	for _, name := range slices.Sorted(maps.Keys(stats.Names)) {
		if n := stats.Names[name]; name != "" { // "" is the host
			fmt.Fprintf(w, "%-10s %5d %7d %6d %8d\n", name, n.Hits, n.Misses, n.Loads, n.Entries)
		}
	}
}

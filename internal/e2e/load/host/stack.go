package main

import (
	"context"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
)

// A stack is every layer that there is, in the order of docs/ordering.md.
type stack struct {
	store  *redisstore.Store
	cache  *cache.Store[[]byte]
	traced storage.ByteStore // the cache, traced
	shared storage.ByteStore // the backend without the cache
	spans  *spans
	tracer oteltrace.Tracer
}

// compose bounds the cache to less than there are keys, and to a second, so that
// entries are evicted and expire all the time.
func compose(store *redisstore.Store) *stack {
	spans := new(spans)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	backend := storage.Intercept[[]byte](store,
		retry.Interceptor(retry.Options{}),
		limit.Interceptor(limit.Options{Concurrent: 16, Queue: 1000, MaxWait: patience}),
		breaker.Interceptor(breaker.Options{Ratio: 0.9}), // deadlines are missed on purpose
		timeout.Interceptor(timeout.Options{Read: patience, Write: patience, Batch: patience}),
		trace.Interceptor(trace.Options{TracerProvider: provider, System: "redis"}),
	)
	c := cache.New(backend, cache.Options{MaxEntries: 256, Share: 0.5, TTL: time.Second, NegativeTTL: 100 * time.Millisecond})
	return &stack{
		store:  store,
		cache:  c,
		traced: trace.New(c, trace.Options{TracerProvider: provider}),
		shared: singleflight.New(backend),
		spans:  spans,
		tracer: provider.Tracer("host"),
	}
}

// spans counts those that have begun and not ended.
type spans struct{ open atomic.Int64 }

func (s *spans) OnStart(context.Context, sdktrace.ReadWriteSpan) { s.open.Add(1) }
func (s *spans) OnEnd(sdktrace.ReadOnlySpan)                     { s.open.Add(-1) }
func (s *spans) Shutdown(context.Context) error                  { return nil }
func (s *spans) ForceFlush(context.Context) error                { return nil }

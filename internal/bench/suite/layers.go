package suite

import (
	"context"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	xsync "golang.org/x/sync/singleflight"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	tunicametrics "github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/singleflight"
	tunicatrace "github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/storage"
)

// layerContests tell what each layer of this module costs over a hit, and what
// it costs to share loads that nobody shares.
func layerContests(*Env) []contest.Contest {
	return []contest.Contest{
		{Name: "layers/hit", Work: world().zipf, Contenders: layers()},
		{Name: "flight/alone", Callers: 1, Work: world().uniform, Contenders: flights()},
		{Name: "flight/parallel", Work: world().uniform, Contenders: flights()},
	}
}

func layers() []contest.Contender {
	type layer = func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore
	overIn := func(name string, in func(h *contest.Host) context.Context, layer layer) contest.Contender {
		return contest.Contender{Name: name, Enter: func(h *contest.Host) contest.Entrant {
			ctx := in(h)
			c := cache.New(bytesVault(), cache.Options{MaxEntries: room})
			h.Cleanup(func() { _ = c.Close() })
			s := layer(h, c)
			return oursEntrant(c, func(key string, _ int) bool {
				_, err := s.Get(ctx, key)
				return err == nil
			}, world().keys)
		}}
	}
	over := func(name string, layer layer) contest.Contender {
		return overIn(name, func(*contest.Host) context.Context { return background }, layer)
	}
	return []contest.Contender{
		over("Cache", func(_ *contest.Host, c *cache.Store[[]byte]) storage.ByteStore { return c }),
		over("Namespace(Cache)", func(_ *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return namespace.New(c, "sessions")
		}),
		over("Namespace(Namespace(Cache))", func(_ *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return namespace.New(namespace.New(c, "sessions"), "admins")
		}),
		over("Singleflight(Cache)", func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			s := singleflight.New[[]byte](c)
			h.Cleanup(func() { _ = s.Close() })
			return s
		}),
		over("Intercept(Cache)", func(_ *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return storage.Intercept[[]byte](c, storage.InterceptorFunc(
				func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error { return next(ctx) }))
		}),
		over("Trace(Cache), no parent", func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return tunicatrace.New[[]byte](c, tunicatrace.Options{TracerProvider: unsampled(h)})
		}),
		overIn("Trace(Cache), unsampled", unrecorded, func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return tunicatrace.New[[]byte](c, tunicatrace.Options{TracerProvider: unsampled(h)})
		}),
		over("Trace(Cache), a sampler asked each time", func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return tunicatrace.New[[]byte](c, tunicatrace.Options{TracerProvider: unsampled(h), Roots: true})
		}),
		over("Cache, with metrics", func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			registration, err := tunicametrics.Cache(c, tunicametrics.CacheOptions{MeterProvider: collected(h)})
			h.Must(err)
			h.Cleanup(func() { _ = registration.Unregister() })
			return c
		}),
		over("Metrics(Cache)", func(h *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return tunicametrics.New[[]byte](c, tunicametrics.Options{MeterProvider: collected(h)})
		}),
		over("Codec(Cache), bytes as they are", func(_ *contest.Host, c *cache.Store[[]byte]) storage.ByteStore {
			return codec.New(c, same{})
		}),
	}
}

// unsampled is a provider of spans that are not recorded.
func unsampled(h *contest.Host) *trace.TracerProvider {
	p := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))
	h.Cleanup(func() { _ = p.Shutdown(background) })
	return p
}

// collected is a provider of figures that a reader may collect.
func collected(h *contest.Host) *metric.MeterProvider {
	p := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	h.Cleanup(func() { _ = p.Shutdown(background) })
	return p
}

// unrecorded is the context of a request that is not sampled.
func unrecorded(h *contest.Host) context.Context {
	ctx, _ := unsampled(h).Tracer("").Start(background, "request")
	return ctx
}

// same is a codec that has nothing to do.
type same struct{}

func (same) Encode(v []byte) ([]byte, error)    { return v, nil }
func (same) Decode(data []byte) ([]byte, error) { return data, nil }

// flights share loads of a store that answers at once.
func flights() []contest.Contender {
	keys := func() []string { return world().keys }
	return []contest.Contender{
		{Name: "tunica singleflight", Enter: func(h *contest.Host) contest.Entrant {
			s := singleflight.New[[]byte](bytesVault())
			h.Cleanup(func() { _ = s.Close() })
			return contest.Entrant{Op: func(_, i int) bool {
				_, err := s.Get(background, keys()[i])
				return err == nil
			}}
		}},
		{Name: "tunica cache, miss that is kept", Enter: func(h *contest.Host) contest.Entrant {
			c := cache.New(bytesVault(), cache.Options{MaxEntries: 1000})
			h.Cleanup(func() { _ = c.Close() })
			return contest.Entrant{Op: func(_, i int) bool {
				_, err := c.Get(background, keys()[i])
				return err == nil
			}}
		}},
		{Name: "no sharing", Enter: func(*contest.Host) contest.Entrant {
			v := bytesVault()
			return contest.Entrant{Op: func(_, i int) bool {
				_, err := v.Get(background, keys()[i])
				return err == nil
			}}
		}},
		{Name: lockedMap, Enter: lockedFlight},
		{Name: "x/sync Do", Enter: func(*contest.Host) contest.Entrant {
			v := bytesVault()
			var group xsync.Group
			return contest.Entrant{Op: func(_, i int) bool {
				key := keys()[i]
				value, err, _ := group.Do(key, func() (any, error) { return v.Get(background, key) })
				_, ok := value.([]byte)
				return ok && err == nil
			}}
		}},
		{Name: "x/sync DoChan, as a caller may leave", Enter: func(*contest.Host) contest.Entrant {
			v := bytesVault()
			var group xsync.Group
			return contest.Entrant{Op: func(_, i int) bool {
				key, ctx := keys()[i], background
				results := group.DoChan(key, func() (any, error) { return v.Get(context.WithoutCancel(ctx), key) })
				select {
				case r := <-results:
					_, ok := r.Val.([]byte)
					return ok && r.Err == nil
				case <-ctx.Done():
					return false
				}
			}}
		}},
	}
}

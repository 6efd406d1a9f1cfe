package resilience

import (
	"context"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	fstimeout "github.com/failsafe-go/failsafe-go/timeout"

	"github.com/tunica-go/tunica/decorators/limit"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/storage"
)

// still is a store that does nothing.
type still struct{}

func (still) Get(context.Context, string) (string, error)              { return "", nil }
func (still) Set(context.Context, string, string, time.Duration) error { return nil }
func (still) Delete(context.Context, string) error                     { return nil }

func ofFailsafe(policy failsafe.Policy[any]) storage.Interceptor {
	executor := failsafe.With[any](policy)
	return storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
		return executor.WithContext(ctx).Run(func() error { return next(ctx) })
	})
}

// BenchmarkGet is a Get that works, through each.
func BenchmarkGet(b *testing.B) {
	run := func(name string, interceptor storage.Interceptor) {
		b.Run(name, func(b *testing.B) {
			store := storage.Intercept[string](still{}, interceptor)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				_, _ = store.Get(ctx, "k")
			}
		})
	}
	run("nothing", storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error { return next(ctx) }))
	for _, name := range []string{"ours", "gobreaker", "failsafe"} {
		run("breaker/"+name, breakers[name](func() {}))
	}
	for _, name := range []string{"ours", "backoff", "failsafe"} {
		run("retry/"+name, retries[name]())
	}
	run("rate/ours", limit.Interceptor(limit.Options{Rate: 1e9, Concurrent: limit.Unlimited}))
	run("rate/failsafe", ofFailsafe(ratelimiter.NewBurstyBuilder[any](1_000_000_000, time.Second).Build()))
	run("concurrency/ours", limit.Interceptor(limit.Options{}))
	run("concurrency/failsafe", ofFailsafe(bulkhead.New[any](256)))
	run("timeout/ours", timeout.Interceptor(timeout.Options{}))
	run("timeout/failsafe", storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
		return failsafe.With[any](fstimeout.New[any](time.Second)).WithContext(ctx).
			RunWithExecution(func(e failsafe.Execution[any]) error { return next(e.Context()) })
	}))
}

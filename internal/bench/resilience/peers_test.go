package resilience

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/sony/gobreaker/v2"

	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/storage"
)

type nextFunc = func(context.Context) error

// Each breaker opens when of 4 results within 10 s a half are failures, stays
// open for 5 s, and lets one probe through then. changed is told of changes.
var breakers = map[string]func(changed func()) storage.Interceptor{
	"ours": func(changed func()) storage.Interceptor {
		return breaker.Interceptor(breaker.Options{
			MinCalls: 4, Probes: 1,
			OnStateChange: func(_, _ breaker.State) { changed() },
		})
	},
	"gobreaker": func(changed func()) storage.Interceptor {
		cb := gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			MaxRequests: 1, Interval: 10 * time.Second, BucketPeriod: time.Second, Timeout: 5 * time.Second,
			ReadyToTrip: func(c gobreaker.Counts) bool {
				total := c.TotalSuccesses + c.TotalFailures
				return total >= 4 && 2*c.TotalFailures >= total
			},
			OnStateChange: func(string, gobreaker.State, gobreaker.State) { changed() },
			IsSuccessful:  func(err error) bool { return !storage.Failed(err) },
			IsExcluded:    func(err error) bool { return errors.Is(err, context.Canceled) },
		})
		return storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			_, err := cb.Execute(func() (struct{}, error) { return struct{}{}, next(ctx) })
			return err
		})
	},
	"failsafe": func(changed func()) storage.Interceptor {
		cb := circuitbreaker.NewBuilder[any]().
			HandleIf(func(_ any, err error) bool { return storage.Failed(err) }).
			WithFailureRateThreshold(0.5, 4, 10*time.Second).
			WithSuccessThreshold(1).
			WithDelay(5 * time.Second).
			OnStateChanged(func(circuitbreaker.StateChangedEvent) { changed() }).
			Build()
		executor := failsafe.With[any](cb)
		return storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			return executor.WithContext(ctx).Run(func() error { return next(ctx) })
		})
	},
}

// Each retry has three tries and waits of a second, at least.
var retries = map[string]func() storage.Interceptor{
	"ours": func() storage.Interceptor {
		return retry.Interceptor(retry.Options{Base: time.Second, Writes: true})
	},
	"backoff": func() storage.Interceptor {
		return storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			_, err := backoff.Retry(ctx, func() (struct{}, error) {
				err := next(ctx)
				if !storage.Failed(err) && err != nil {
					return struct{}{}, backoff.Permanent(err)
				}
				return struct{}{}, err
			}, backoff.WithMaxTries(3), backoff.WithBackOff(&backoff.ExponentialBackOff{
				InitialInterval: 2 * time.Second, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: time.Minute,
			}))
			return err
		})
	},
	"failsafe": func() storage.Interceptor {
		policy := retrypolicy.NewBuilder[any]().
			HandleIf(func(_ any, err error) bool { return storage.Failed(err) }).
			WithMaxAttempts(3).WithBackoff(2*time.Second, time.Minute).WithJitterFactor(0.5).ReturnLastFailure().Build()
		executor := failsafe.With[any](policy)
		return storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			return executor.WithContext(ctx).Run(func() error { return next(ctx) })
		})
	},
}

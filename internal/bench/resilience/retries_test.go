package resilience

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// script is a store whose calls end as it says, and then with the last of it.
func script(make func() storage.Interceptor, calls *int, ends ...error) storage.Store[string] {
	return storage.Intercept(memstore.New[string](), make(), storage.InterceptorFunc(
		func(context.Context, *storage.Call, nextFunc) error {
			*calls++
			return ends[min(*calls, len(ends))-1]
		}))
}

func TestRetries(t *testing.T) {
	for _, law := range []struct {
		name   string
		broken func(*testing.T, func() storage.Interceptor) bool
		by     []string
	}{
		{"a wait that the deadline leaves no time for is not begun", hopelessWait, []string{"backoff", "failsafe"}},
		{"who leaves during a wait is told of the failure too", cancelledWait, []string{"backoff", "failsafe"}},
		{"a lost reply is told although the last try fails definitely", lostReply, []string{"backoff", "failsafe"}},
		{"an outage is not multiplied", outage, []string{"backoff", "failsafe"}},
	} {
		for name, peer := range retries {
			t.Run(law.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if got, want := law.broken(t, peer), slices.Contains(law.by, name); got != want {
						t.Errorf("broken: %t, want %t", got, want)
					}
				})
			})
		}
	}
}

func hopelessWait(t *testing.T, peer func() storage.Interceptor) bool {
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	start, calls := time.Now(), 0
	_, err := script(peer, &calls, errDown).Get(ctx, "k")
	return time.Since(start) > 0 || !errors.Is(err, errDown)
}

func cancelledWait(t *testing.T, peer func() storage.Interceptor) bool {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, cancel)
	calls := 0
	_, err := script(peer, &calls, errDown).Get(ctx, "k")
	return !errors.Is(err, context.Canceled) || !errors.Is(err, errDown)
}

// lostReply: package storage panics rather than let that pass.
func lostReply(t *testing.T, peer func() storage.Interceptor) (broken bool) {
	defer func() { broken = recover() != nil }()
	calls := 0
	_ = script(peer, &calls, storage.ErrUnknownOutcome, errDown).Set(t.Context(), "k", "v", 0)
	return false
}

// outage: each of 1000 callers, one after the other, may have three tries.
func outage(t *testing.T, peer func() storage.Interceptor) bool {
	calls := 0
	store := script(peer, &calls, errDown)
	for range 1000 {
		_, _ = store.Get(t.Context(), "k")
	}
	return calls > 1500
}

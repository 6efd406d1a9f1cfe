package storage_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

// A next that is called when its call is over panics, unless a later call has
// got the frame: then it does that call's work early, and what follows is the
// truth or a panic. With the race detector it always panics.
func TestKeptNext(t *testing.T) {
	const late = "called next after Intercept had returned"
	for _, test := range []struct {
		name string
		ends error // of the operation that the kept next does
		then func(ctx context.Context, next nextFunc) error
		want string // the panic
	}{
		{
			"refused after it was done", nil,
			func(context.Context, nextFunc) error { return storage.ErrReadOnly },
			"returned a definite error although the write was done",
		},
		{
			"refused after it may have been done", storage.ErrUnknownOutcome,
			func(context.Context, nextFunc) error { return storage.ErrReadOnly },
			"returned a definite error although the write may have been done",
		},
		{
			"done after it was done", nil,
			func(ctx context.Context, next nextFunc) error { return next(ctx) },
			"called next again after it had succeeded",
		},
		{
			"done, in truth, without a next of its own", nil,
			func(context.Context, nextFunc) error { return nil },
			"",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			early := 0
			for range 100 {
				inner := newThree()
				var kept nextFunc
				var did any // how the kept next ended
				s := storage.Intercept[string](inner, storage.InterceptorFunc(
					func(ctx context.Context, _ *storage.Call, next nextFunc) error {
						if kept == nil {
							kept = next
							return errBoom
						}
						inner.err = test.ends
						if did = recovered(func() { _ = kept(ctx) }); did != nil {
							return errBoom
						}
						return test.then(ctx, next)
					}))
				if err := s.Set(t.Context(), "first", "v", 0); !errors.Is(err, errBoom) {
					t.Fatal(err)
				}
				got := recovered(func() { _ = s.Set(t.Context(), "k", "v", 0) })
				calls := inner.calls()
				switch {
				case did != nil:
					if !strings.Contains(fmt.Sprint(did), late) || calls != "" || got != nil {
						t.Fatalf("the kept next: panic %v, the call: panic %v, and the store was asked %q", did, got, calls)
					}
				case race.Enabled:
					t.Fatal("a kept next did the work of another call")
				case test.want == "" && got != nil, !strings.Contains(fmt.Sprint(got), test.want), calls != "set k=v 0s":
					t.Fatalf("the call: panic %v, want %q, and the store was asked %q", got, test.want, calls)
				default:
					early++
				}
			}
			t.Logf("it did the work of a later call %d times of 100", early)
		})
	}
}

package trace_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel/codes"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
)

func TestErrors(t *testing.T) {
	wrap := func(errs ...error) error { return fmt.Errorf("adapter: get secret-key: %w", errors.Join(errs...)) }
	for name, row := range map[string]struct {
		err              error
		failure, outcome string
		hits             any
	}{
		"none":               {err: nil, hits: int64(1)},
		"miss":               {err: storage.ErrNotFound, outcome: "not_found", hits: int64(0)},
		"wrapped miss":       {err: wrap(storage.ErrNotFound), outcome: "not_found", hits: int64(0)},
		"conflict":           {err: wrap(storage.ErrConflict), outcome: "conflict"},
		"invalid key":        {err: wrap(storage.ErrInvalidKey), outcome: "invalid_key"},
		"invalid ttl":        {err: wrap(storage.ErrInvalidTTL), outcome: "invalid_ttl"},
		"invalid value":      {err: wrap(storage.ErrInvalidValue), outcome: "invalid_value"},
		"too large":          {err: wrap(storage.ErrTooLarge), outcome: "too_large"},
		"unsupported":        {err: wrap(errors.ErrUnsupported), outcome: "unsupported"},
		"caller's cancel":    {err: wrap(context.Canceled), outcome: "canceled"},
		"unknown outcome":    {err: wrap(storage.ErrUnavailable, context.DeadlineExceeded, storage.ErrUnknownOutcome), failure: "unknown_outcome"},
		"cancel of a write":  {err: wrap(context.Canceled, storage.ErrUnknownOutcome), failure: "unknown_outcome"},
		"closed":             {err: wrap(storage.ErrClosed), failure: "closed"},
		"corrupt":            {err: wrap(storage.ErrCorrupt), failure: "corrupt"},
		"unauthorized":       {err: wrap(storage.ErrUnavailable, storage.ErrUnauthorized), failure: "unauthorized"},
		"read-only":          {err: wrap(storage.ErrUnavailable, storage.ErrReadOnly), failure: "read_only"},
		"overloaded":         {err: wrap(storage.ErrUnavailable, storage.ErrOverloaded), failure: "overloaded"},
		"deadline":           {err: wrap(context.DeadlineExceeded), failure: "timeout"},
		"unavailable late":   {err: wrap(storage.ErrUnavailable, context.DeadlineExceeded), failure: "timeout"},
		"unavailable":        {err: wrap(storage.ErrUnavailable), failure: "unavailable"},
		"failure not a miss": {err: wrap(storage.ErrNotFound, storage.ErrUnavailable), failure: "unavailable"},
		"foreign":            {err: errors.New("secret-key"), failure: "_OTHER"},
	} {
		t.Run(name, func(t *testing.T) {
			provider := new(recorder)
			_, err := trace.New(fixed{row.err}, trace.Options{TracerProvider: provider}).Get(provider.request(t.Context()), "secret-key")
			if !errors.Is(err, row.err) {
				t.Fatalf("the error became %v", err)
			}
			got := provider.taken()[0]
			want := map[string]any{"db.operation.name": "get"}
			status := codes.Unset
			if row.failure != "" {
				want["error.type"], status = row.failure, codes.Error
			}
			if row.outcome != "" {
				want["tunica.outcome"] = row.outcome
			}
			if row.hits != nil {
				want["tunica.hits"] = row.hits
			}
			if fmt.Sprint(got.attributes) != fmt.Sprint(want) {
				t.Errorf("attributes %v, want %v", got.attributes, want)
			}
			if got.status != status || got.text != row.failure {
				t.Errorf("status %v %q, want %v %q", got.status, got.text, status, row.failure)
			}
			if got.noted != 0 {
				t.Error("the error itself was recorded")
			}
		})
	}
}

func TestPartialBatchIsAFailure(t *testing.T) {
	provider := new(recorder)
	store := trace.New(fixed{storage.ErrUnavailable}, trace.Options{TracerProvider: provider})
	_, _ = storage.GetMany(provider.request(t.Context()), store, []string{"a", "b"})
	if got := provider.taken()[0]; got.status != codes.Error || got.attributes["tunica.hits"] != nil {
		t.Errorf("status %v, attributes %v", got.status, got.attributes)
	}
}

// bursting panics or ends its goroutine in Get.
type bursting struct {
	fixed
	burst func()
}

func (b bursting) Get(context.Context, string) (string, error) {
	b.burst()
	return "", nil
}

func TestSpanEndsWithAPanic(t *testing.T) {
	for name, burst := range map[string]func(){
		"panic":  func() { panic("secret-key") },
		"goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			provider := new(recorder)
			store := trace.New[string](bursting{burst: burst}, trace.Options{TracerProvider: provider})
			recovered := make(chan any)
			go func() {
				defer func() { recovered <- recover() }()
				_, _ = store.Get(provider.request(t.Context()), "k")
			}()
			if got := <-recovered; name == "panic" && got != "secret-key" {
				t.Errorf("the panic became %v", got)
			}
			got := provider.taken()[0]
			if got.ended != 1 || got.status != codes.Error || got.attributes["error.type"] != "panic" || got.text != "panic" {
				t.Errorf("ended %d times, status %v %q, attributes %v", got.ended, got.status, got.text, got.attributes)
			}
		})
	}
}

func TestKeysIsOneSpanAroundTheLoop(t *testing.T) {
	provider := new(recorder)
	store := trace.New(memstore.New[string](), trace.Options{TracerProvider: provider})
	for _, key := range []string{"a", "b", "c"} {
		_ = store.Set(t.Context(), key, "", 0)
	}
	ctx := provider.request(t.Context())
	seq := storage.Keys(ctx, store, "")
	if n := len(provider.taken()); n != 0 {
		t.Errorf("%d spans before the loop", n)
	}
	var during []*span
	for range seq {
		if during == nil {
			during = provider.taken()
			_, _ = store.Get(ctx, "a")
			continue
		}
		break
	}
	if len(during) != 1 || during[0].ended != 1 || during[0].attributes["tunica.hits"] != int64(2) || during[0].status != codes.Unset {
		t.Fatalf("span of a loop left after two keys: %+v", during)
	}
	if inLoop := provider.taken(); len(inLoop) != 1 || inLoop[0].parent == during[0] {
		t.Errorf("in the loop: %+v", inLoop)
	}
}

package resilience

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

var errDown = storage.ErrUnavailable

// scene is a store whose calls end when the test says so, behind a breaker.
type scene struct {
	t     *testing.T
	store storage.Store[string]
	calls []chan func() error
}

func newScene(t *testing.T, make func(func()) storage.Interceptor, changed func()) *scene {
	s := &scene{t: t}
	s.store = storage.Intercept(memstore.New[string](), make(changed), storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next nextFunc) error {
			call := newCall()
			s.calls = append(s.calls, call)
			if err := (<-call)(); err != nil {
				return err
			}
			return next(ctx)
		}))
	return s
}

func newCall() chan func() error { return make(chan func() error) }

// begin begins a Get and reports whether it has reached the store.
func (s *scene) begin(ctx context.Context) bool {
	before := len(s.calls)
	go func() {
		defer func() { _ = recover() }()
		_, _ = s.store.Get(ctx, "k")
	}()
	synctest.Wait()
	return len(s.calls) > before
}

// end ends call i.
func (s *scene) end(i int, how func() error) {
	s.calls[i] <- how
	synctest.Wait()
}

// asks reports whether the store is asked, and lets the call succeed.
func (s *scene) asks() bool {
	if !s.begin(s.t.Context()) {
		return false
	}
	s.end(len(s.calls)-1, succeeds)
	return true
}

func succeeds() error { return nil }
func fails() error    { return errDown }

// open lets four calls fail.
func (s *scene) open() {
	s.t.Helper()
	for range 4 {
		s.begin(s.t.Context())
		s.end(len(s.calls)-1, fails)
	}
	if s.begin(s.t.Context()) {
		s.t.Fatal("the breaker is not open")
	}
}

// finish ends what hangs.
func (s *scene) finish() {
	for _, call := range s.calls {
		select {
		case call <- succeeds:
		default:
		}
	}
	synctest.Wait()
}

func TestBreakers(t *testing.T) {
	for _, law := range []struct {
		name   string
		broken func(*scene) bool
		by     []string
	}{
		{"calls that take longer than the window count", longCalls, []string{"gobreaker"}},
		{"a caller's cancel counts neither way", cancelledProbe, []string{"failsafe"}},
		{"a result counts for the state in which its call began", lateResult, []string{"failsafe"}},
		{"Goexit in a probe makes room for another", goexitProbe, []string{"gobreaker", "failsafe"}},
		{"probes that do not come back make room for others", hungProbe, []string{"gobreaker", "failsafe"}},
	} {
		for name, peer := range breakers {
			t.Run(law.name+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScene(t, peer, func() {})
					defer s.finish()
					if got, want := law.broken(s), slices.Contains(law.by, name); got != want {
						t.Errorf("broken: %t, want %t", got, want)
					}
				})
			})
		}
	}
}

// longCalls: every call fails after a minute, as on a server that is silent.
func longCalls(s *scene) bool {
	for range 8 {
		s.begin(s.t.Context())
	}
	time.Sleep(time.Minute)
	for i := range 8 {
		s.end(i, fails)
	}
	return s.begin(s.t.Context())
}

// cancelledProbe: the caller of the one probe leaves. The breaker neither opens
// nor closes, and another probe may go.
func cancelledProbe(s *scene) bool {
	s.open()
	time.Sleep(6 * time.Second)
	ctx, cancel := context.WithCancel(s.t.Context())
	s.begin(ctx)
	cancel()
	s.end(len(s.calls)-1, func() error { return ctx.Err() })
	first, second := s.begin(s.t.Context()), s.begin(s.t.Context())
	return !first || second
}

// lateResult: a call from before the outage ends well while the breaker is
// half-open. That says nothing of the store as it is now.
func lateResult(s *scene) bool {
	s.begin(s.t.Context())
	s.open()
	time.Sleep(6 * time.Second)
	s.begin(s.t.Context())
	s.end(0, succeeds)
	return s.begin(s.t.Context())
}

// goexitProbe: the goroutine of the probe ends, as by t.FailNow in a callback.
func goexitProbe(s *scene) bool {
	s.open()
	time.Sleep(6 * time.Second)
	s.begin(s.t.Context())
	s.end(len(s.calls)-1, func() error {
		runtime.Goexit()
		return nil
	})
	time.Sleep(time.Hour)
	return !s.asks()
}

// hungProbe: the probe hangs in a store that does not heed contexts.
func hungProbe(s *scene) bool {
	s.open()
	time.Sleep(6 * time.Second)
	s.begin(s.t.Context())
	time.Sleep(time.Hour)
	return !s.asks()
}

// TestHookUsesTheStore: a hook that asks the store for something, such as where
// to report the change.
func TestHookUsesTheStore(t *testing.T) {
	for name, peer := range breakers {
		var store storage.Store[string]
		hangs := false
		store = storage.Intercept(memstore.New[string](), peer(func() {
			returned := make(chan struct{})
			go func() {
				defer close(returned)
				_, _ = store.Get(context.Background(), "k")
			}()
			select {
			case <-returned:
			case <-time.After(time.Second):
				hangs = true
			}
		}), storage.InterceptorFunc(func(context.Context, *storage.Call, nextFunc) error { return errDown }))
		for range 4 {
			if _, err := store.Get(t.Context(), "k"); !errors.Is(err, errDown) {
				t.Fatal(err)
			}
		}
		if want := name == "gobreaker"; hangs != want {
			t.Errorf("%s: a hook that uses the store hangs: %t, want %t", name, hangs, want)
		}
	}
}

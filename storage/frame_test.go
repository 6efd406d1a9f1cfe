package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tunica-go/tunica/storage"
)

// gate is a store whose calls wait until it is opened.
type gate struct {
	*three
	entered, open chan struct{}
}

func newGate() gate { return gate{newThree(), make(chan struct{}, 10), make(chan struct{})} }

func (g gate) Get(context.Context, string) (string, error) {
	g.entered <- struct{}{}
	<-g.open
	return "v", g.err
}

func TestPanicBelowComesOut(t *testing.T) {
	s := storage.Intercept[string](panicking{}, pass, pass)
	if got := recovered(func() { _, _ = s.Get(t.Context(), "k") }); got != "a panic below" {
		t.Errorf("recovered %v", got)
	}
}

func TestNextTwiceAtOnce(t *testing.T) {
	inner := newGate()
	s := storage.Intercept[string](inner, storage.InterceptorFunc(
		func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			first := make(chan error)
			go func() { first <- next(ctx) }()
			<-inner.entered
			got := recovered(func() { _ = next(ctx) })
			if !strings.Contains(fmt.Sprint(got), "called next while next was running") {
				t.Errorf("panic %v", got)
			}
			close(inner.open)
			return <-first
		}))
	if value, err := s.Get(t.Context(), "k"); value != "v" || err != nil {
		t.Errorf("got %q, %v: the call itself is in order", value, err)
	}
}

// A call does not end before its next has: until then the store below holds
// what belongs to the caller. Then it panics, and next is closed for good.
func TestReturnWhileNextIsRunning(t *testing.T) {
	for how, leave := range map[string]func() error{
		"returns an error": func() error { return errBoom },
		"returns nil":      func() error { return nil },
		"panics":           func() error { panic(errBoom) },
	} {
		for _, ends := range []error{nil, errBoom} {
			t.Run(fmt.Sprint(how, ", next ends with ", ends), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var kept func(context.Context) error
					inner := newGate()
					inner.err = ends
					s := storage.Intercept[string](inner, storage.InterceptorFunc(
						func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
							kept = next
							go func() { _ = next(ctx) }()
							<-inner.entered
							return leave()
						}))
					var got any
					ended := false
					go func() {
						got = recovered(func() { _, _ = s.Get(t.Context(), "k") })
						ended = true
					}()
					synctest.Wait()
					if ended {
						t.Errorf("the call has ended while next was running: %v", got)
					}
					if got := recovered(func() { _ = kept(t.Context()) }); !strings.Contains(fmt.Sprint(got), "called next while next was running") {
						t.Errorf("next again, meanwhile: panic %v", got)
					}
					close(inner.open)
					synctest.Wait()
					if !ended || how != "panics" && !strings.Contains(fmt.Sprint(got), "returned while next was running") || how == "panics" && got != errBoom {
						t.Errorf("ended is %v, panic %v", ended, got)
					}
					if got := recovered(func() { _ = kept(t.Context()) }); !strings.Contains(fmt.Sprint(got), "called next after Intercept had returned") {
						t.Errorf("next afterwards: panic %v", got)
					}
				})
			})
		}
	}
}

// A next that was kept is refused, in the panic of its own call too.
func TestNextAfterReturn(t *testing.T) {
	for _, how := range []string{"returns", "panics"} {
		var kept func(context.Context) error
		inner := newThree()
		s := storage.Intercept[string](inner, storage.InterceptorFunc(
			func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
				kept = next
				if how == "panics" {
					panic(errBoom)
				}
				return errBoom
			}))
		_ = recovered(func() { _ = s.Delete(t.Context(), "k") })
		got := recovered(func() { _ = kept(t.Context()) })
		if !strings.Contains(fmt.Sprint(got), "called next after Intercept had returned") {
			t.Errorf("an interceptor that %s: panic %v", how, got)
		}
		if calls := inner.calls(); calls != "" {
			t.Errorf("an interceptor that %s: the store was asked %q", how, calls)
		}
	}
}

type panicking struct{ storage.Store[string] }

func (panicking) Get(context.Context, string) (string, error) { panic("a panic below") }

package singleflight_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

func TestPanicReachesAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		errBad := errors.New("something bad")
		outer := singleflight.New(s) // a second level
		b.hold()
		answers := []*answer{later(ctx, outer, "key"), later(ctx, s, "key"), later(ctx, outer, "key")}
		b.only(t).do(func() { panic(errBad) })
		for _, a := range answers {
			if !a.returned() {
				t.Fatal("a caller hangs")
			}
			err, ok := a.panicked.(error)
			if !ok || !errors.Is(err, errBad) {
				t.Fatalf("a caller got %q, %v (panic: %v), want a panic with %q", a.value, a.err, a.panicked, errBad)
			}
			if text := err.Error(); strings.Count(text, "panic in a shared load") != 1 || !strings.Contains(text, "abnormal_test.go") {
				t.Errorf("want the panic and its stack once in %s", text)
			}
		}
		b.release()
		later(ctx, s, "key").want(t, "value")
		must(t, outer.Close())
	})
}

func TestGoexitReachesAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		b.hold()
		one, two := later(ctx, s, "key"), later(ctx, s, "key")
		b.only(t).do(runtime.Goexit)
		one.wantErr(t, storage.ErrUnavailable)
		two.wantErr(t, storage.ErrUnavailable)
		b.release()
		later(ctx, s, "key").want(t, "value")
	})
}

func TestPanicOfClone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newStore(t, singleflight.Clone(func([]byte) []byte { panic("clone") }))
		set(t, s, "key", "value")
		for range 2 {
			if a := later(ctx, s, "key"); !a.returned() || fmt.Sprint(a.panicked) != "clone" {
				t.Errorf("the panic of Clone became %v", a.panicked)
			}
		}
	})
}

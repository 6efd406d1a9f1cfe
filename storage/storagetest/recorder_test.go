package storagetest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tunica-go/tunica/storage"
)

// recorder is a testing.TB that notes failures and does not fail.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	messages []string
}

func (r *recorder) note(message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, message)
}

func (r *recorder) Errorf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.note(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (r *recorder) Skip(...any) { runtime.Goexit() }

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.messages) > 0
}

// A finding is what a broken law said; zero if none was broken.
type finding struct {
	law      string
	messages []string
}

// find runs laws up to the first that is broken, and returns that, if any.
func find[V any](t *testing.T, laws []law[V], opts Options, begin func(testing.TB) *check[V]) (first finding) {
	t.Helper()
	for _, l := range laws {
		one := func(t *testing.T) {
			r := &recorder{TB: t}
			c := begin(r)
			c.law = l
			if !c.worksAll(l.needs) {
				return
			}
			done := make(chan struct{})
			go func() {
				defer close(done) // also when Fatalf ends the goroutine
				l.run(c)
			}()
			<-done
			if r.Failed() {
				first = finding{l.path(), r.messages}
			}
		}
		if l.bubble(opts) {
			synctest.Test(t, one)
		} else {
			one(t)
		}
		if first.law != "" {
			break
		}
	}
	return first
}

func findInStore(t *testing.T, open func() storage.ByteStore, opts Options) finding {
	t.Helper()
	return find(t, laws[[]byte](), opts, func(tb testing.TB) *check[[]byte] {
		return &check[[]byte]{
			TB: tb, open: func(testing.TB) storage.ByteStore { return open() },
			value: Bytes, opts: opts,
		}
	})
}

func findInOutage(t *testing.T, open func() (storage.ByteStore, Outage), opts Options) finding {
	t.Helper()
	return find(t, outageLaws[[]byte](), opts, func(tb testing.TB) *check[[]byte] {
		return &check[[]byte]{
			TB: tb, openOutage: func(testing.TB) (storage.ByteStore, Outage) { return open() },
			value: Bytes, opts: opts,
		}
	})
}

func findInDecorator(t *testing.T, wrap func(testing.TB, storage.ByteStore) storage.ByteStore, opts Options) finding {
	t.Helper()
	return find(t, decoratorLaws(wrap), opts, func(tb testing.TB) *check[[]byte] {
		return &check[[]byte]{TB: tb, value: Bytes, opts: opts}
	})
}

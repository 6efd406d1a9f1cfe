package cache_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// ctx ends never: most tests do not care.
var ctx = context.Background()

// backend is a store in memory whose calls are counted, faulted and stopped.
type backend struct {
	storage.ByteStore
	*storagetest.Faults
	stops stops
}

func newBackend() *backend {
	b := &backend{Faults: new(storagetest.Faults)}
	b.ByteStore = storage.Intercept(storage.Store[[]byte](memstore.New[[]byte]()), b.Faults, &b.stops)
	return b
}

// stops holds calls back on their way out of the backend, when they have done
// their work and nobody above knows it yet, or on their way in.
type stops struct {
	mu    sync.Mutex
	armed []*stop
}

type stop struct {
	op     storage.Op
	in     bool
	held   chan struct{} // closed when the call is there
	letGo  chan struct{}
	lifted sync.Once
}

// holdOut holds back the next call of op after its work.
func (b *backend) holdOut(op storage.Op) *stop { return b.stops.add(op, false) }

// holdIn holds back the next call of op before its work.
func (b *backend) holdIn(op storage.Op) *stop { return b.stops.add(op, true) }

func (s *stops) add(op storage.Op, in bool) *stop {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := &stop{op: op, in: in, held: make(chan struct{}), letGo: make(chan struct{})}
	s.armed = append(s.armed, st)
	return st
}

func (s *stops) take(op storage.Op) *stop {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, st := range s.armed {
		if st.op == op {
			s.armed = append(s.armed[:i:i], s.armed[i+1:]...)
			return st
		}
	}
	return nil
}

func (s *stops) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	st := s.take(call.Op)
	if st != nil && st.in {
		close(st.held)
		<-st.letGo
	}
	err := next(ctx)
	if st != nil && !st.in {
		close(st.held)
		<-st.letGo
	}
	return err
}

// await returns when the call is held.
func (st *stop) await(t testing.TB) {
	t.Helper()
	receive(t, st.held)
}

func (st *stop) release() { st.lifted.Do(func() { close(st.letGo) }) }

func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("waited for 10 s in vain")
		panic("unreachable")
	}
}

// newCache returns a cache over a new backend.
func newCache(t testing.TB, o cache.Options, hooks ...cache.Option[[]byte]) (*cache.Store[[]byte], *backend) {
	t.Helper()
	b := newBackend()
	c := cache.New(b.ByteStore, o, hooks...)
	t.Cleanup(func() { c.Close() })
	return c, b
}

// must is for calls whose failure is not what is tested.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func set(t testing.TB, s storage.ByteStore, key, value string) {
	t.Helper()
	must(t, s.Set(ctx, key, []byte(value), storage.NoExpiry))
}

// get returns the value of key as a string, or the error in brackets.
func get(s storage.ByteStore, key string) string {
	value, err := s.Get(ctx, key)
	if err != nil {
		return "[" + err.Error() + "]"
	}
	return string(value)
}

const miss = "[storage: not found]"

func want(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func wantCalls(t testing.TB, b *backend, op storage.Op, n int) {
	t.Helper()
	if got := b.Calls(op); got != n {
		t.Fatalf("%d calls of %v reached the backend, want %d", got, op, n)
	}
}

// later runs fn and returns where its result will be.
func later[T any](fn func() T) <-chan T {
	c := make(chan T, 1)
	go func() { c <- fn() }()
	return c
}

func sessions(s storage.ByteStore) storage.ByteStore { return namespace.New(s, "sessions") }

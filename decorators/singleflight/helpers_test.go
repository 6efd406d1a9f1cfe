package singleflight_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

// ctx never ends: most tests do not care.
var ctx = context.Background()

type ctxKey struct{}

// backend is a store in memory whose Gets, when they have read, wait until the
// test lets them go. It is made for bubbles of synctest.
type backend struct {
	storage.ByteStore // with the interceptor
	raw               storage.ByteStore

	mu     sync.Mutex
	holds  bool
	held   []*held
	calls  map[storage.Op]int
	before func() // called when a write is about to be done
	after  func() // called when a write has been done
}

// held is a Get that has read and not returned.
type held struct {
	ctx   context.Context
	scope storage.Scope
	letGo chan func()
}

func newBackend() *backend {
	b := &backend{raw: memstore.New[[]byte](), calls: make(map[storage.Op]int)}
	b.ByteStore = storage.Intercept(b.raw, storage.InterceptorFunc(b.intercept))
	return b
}

// newStore returns a store over a new backend.
func newStore(t testing.TB, options ...singleflight.Option[[]byte]) (*singleflight.Store[[]byte], *backend) {
	t.Helper()
	b := newBackend()
	s := singleflight.New(b.ByteStore, options...)
	t.Cleanup(func() {
		b.release()
		must(t, s.Close())
	})
	return s, b
}

func (b *backend) intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	b.mu.Lock()
	b.calls[call.Op]++
	before, after := b.before, b.after
	b.mu.Unlock()
	if before != nil && !call.Op.ReadOnly() {
		before()
	}
	err := next(ctx)
	if after != nil && !call.Op.ReadOnly() {
		after()
	}
	b.mu.Lock()
	if call.Op != storage.OpGet || !b.holds {
		b.mu.Unlock()
		return err
	}
	h := &held{ctx, call.Scope, make(chan func(), 1)}
	b.held = append(b.held, h)
	b.mu.Unlock()
	if fn := <-h.letGo; fn != nil {
		fn()
	}
	return err
}

// hold makes Gets wait from now on.
func (b *backend) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.holds = true
}

// beforeWrites makes fn be called when a write has begun, before it is done.
func (b *backend) beforeWrites(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = fn
}

// afterWrites makes fn be called before a write returns.
func (b *backend) afterWrites(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.after = fn
}

// release lets go all Gets that wait, and those to come.
func (b *backend) release() {
	b.mu.Lock()
	held := b.held
	b.held, b.holds = nil, false
	b.mu.Unlock()
	for _, h := range held {
		h.letGo <- nil
	}
}

// only returns the one Get that waits.
func (b *backend) only(t testing.TB) *held {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) != 1 {
		t.Fatalf("%d Gets wait in the backend, want 1", len(b.held))
	}
	h := b.held[0]
	b.held = nil
	return h
}

func (h *held) do(fn func()) {
	h.letGo <- fn
	synctest.Wait()
}

func (b *backend) wantCalls(t testing.TB, op storage.Op, want int) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.calls[op]; n != want {
		t.Fatalf("%d calls of %v reached the backend, want %d", n, op, want)
	}
}

// answer is where the result of a Get in the background will be.
type answer struct {
	c chan struct{}

	value    []byte
	err      error
	panicked any
}

// later begins a Get and returns when it waits. Its context can end.
func later(ctx context.Context, s storage.ByteStore, key string) *answer {
	ctx, cancel := context.WithCancel(ctx)
	a := &answer{c: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(a.c)
		defer func() { a.panicked = recover() }()
		a.value, a.err = s.Get(ctx, key)
	}()
	synctest.Wait()
	return a
}

func (a *answer) returned() bool {
	synctest.Wait()
	select {
	case <-a.c:
		return true
	default:
		return false
	}
}

func (a *answer) wantWaiting(t testing.TB) {
	t.Helper()
	if a.returned() {
		t.Fatalf("Get returned %q, %v, want it to wait", a.value, a.err)
	}
}

func (a *answer) want(t testing.TB, value string) {
	t.Helper()
	if !a.returned() {
		t.Fatalf("Get waits, want %q", value)
	}
	if string(a.value) != value || a.err != nil || a.panicked != nil {
		t.Fatalf("Get returned %q, %v (panic: %v), want %q", a.value, a.err, a.panicked, value)
	}
}

func (a *answer) wantErr(t testing.TB, want error) {
	t.Helper()
	if !a.returned() {
		t.Fatalf("Get waits, want the error %v", want)
	}
	if a.value != nil || !errors.Is(a.err, want) {
		t.Fatalf("Get returned %q, %v, want the error %v", a.value, a.err, want)
	}
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

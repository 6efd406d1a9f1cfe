package storagetest

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// within calls the store below with another context.
type within struct {
	through
	ctx func(context.Context) (context.Context, context.CancelFunc)
}

func (s within) Delete(ctx context.Context, key string) error {
	below, cancel := s.ctx(ctx)
	defer cancel()
	return s.next.Delete(below, key)
}

func background(context.Context) (context.Context, context.CancelFunc) {
	return context.Background(), func() {}
}

func valueless(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(context.Background())
	}
	return context.WithDeadline(context.Background(), deadline)
}

func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithoutCancel(ctx), func() {}
}

func uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithoutCancel(ctx), func() {}
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// impatient has a deadline of its own instead of the caller's.
func impatient(ctx context.Context) (context.Context, context.CancelFunc) {
	below, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	context.AfterFunc(ctx, cancel)
	return below, cancel
}

// abandons lets its caller leave and does not tell the store below.
type abandons struct {
	through
	ctx func(context.Context) (context.Context, context.CancelFunc)
}

func (s abandons) In(scope storage.Scope) storage.ByteStore {
	return abandons{newThrough(storage.In(s.next, scope)), s.ctx}
}

func (s abandons) Get(ctx context.Context, key string) (bytesOf, error) {
	below, cancel := s.ctx(ctx)
	type result struct {
		v   bytesOf
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer cancel()
		defer func() {
			if recover() != nil { // let the caller panic
				close(done)
			}
		}()
		v, err := s.next.Get(below, key)
		done <- result{v, err}
	}()
	select {
	case r, ok := <-done:
		if !ok {
			panic(errDriver)
		}
		return r.v, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lingers is abandons on a slow machine.
type lingers struct{ abandons }

func (s lingers) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.abandons.Get(ctx, key)
	if ctx.Err() != nil {
		time.Sleep(4 * glance)
	}
	return v, err
}

// finishes is correct: its reads are detached, with a deadline of their own, and
// Close waits for them.
type finishes struct {
	abandons
	running *sync.WaitGroup
}

func newFinishes(next storage.ByteStore) finishes {
	running := new(sync.WaitGroup)
	return finishes{abandons{newThrough(next), func(ctx context.Context) (context.Context, context.CancelFunc) {
		below, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		running.Add(1)
		return below, func() {
			cancel()
			running.Done()
		}
	}}, running}
}

func (s finishes) Close() error {
	s.running.Wait()
	return nil
}

// remembers answers Get from memory until something is written.
type remembers struct {
	through
	held *sync.Map
}

func (s remembers) Get(ctx context.Context, key string) (bytesOf, error) {
	if v, ok := s.held.Load(key); ok {
		return v.(bytesOf), nil
	}
	v, err := s.next.Get(ctx, key)
	if err == nil {
		s.held.Store(key, v)
	}
	return v, err
}

func (s remembers) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	defer s.held.Clear()
	return s.next.Set(ctx, key, v, ttl)
}

func (s remembers) SetMany(ctx context.Context, values map[string]bytesOf, ttl time.Duration) error {
	defer s.held.Clear()
	return storage.SetMany(ctx, s.next, maps.Clone(values), ttl)
}

func (s remembers) Delete(ctx context.Context, key string) error {
	defer s.held.Clear()
	return s.next.Delete(ctx, key)
}

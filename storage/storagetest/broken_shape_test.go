package storagetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// says answers Supports by itself.
type says struct {
	through
	supports func(storage.Op) bool
}

func (s says) Supports(op storage.Op) bool { return s.supports(op) }

// In keeps what it says.
func (s says) In(scope storage.Scope) storage.ByteStore {
	return says{newThrough(storage.In(s.next, scope)), s.supports}
}

// refusesTake refuses Take, with an error, perhaps after it has done it.
type refusesTake struct {
	says
	err  error
	late bool
}

func newRefusesTake(next storage.ByteStore, promises bool, late bool, err error) refusesTake {
	return refusesTake{says{newThrough(next), func(op storage.Op) bool { return promises || op != storage.OpTake }}, err, late}
}

func (s refusesTake) Take(ctx context.Context, key string) (bytesOf, error) {
	if s.late {
		_ = s.Delete(ctx, key)
	}
	return nil, s.err
}

func (s refusesTake) In(scope storage.Scope) storage.ByteStore {
	return refusesTake{s.says.In(scope).(says), s.err, s.late}
}

// singles does a batch one by one.
type singles struct{ through }

func (s singles) SetMany(ctx context.Context, values map[string]bytesOf, ttl time.Duration) error {
	return storage.SetMany(ctx, Minimal[bytesOf](s), values, ttl)
}

// hasByGet moves the value to know that it is there.
type hasByGet struct{ through }

func (s hasByGet) Has(ctx context.Context, key string) (bool, error) {
	return storage.Has(ctx, Minimal[bytesOf](s), key)
}

// writesTwice sends every Delete twice.
type writesTwice struct{ through }

func (s writesTwice) Delete(ctx context.Context, key string) error {
	if err := s.next.Delete(ctx, key); err != nil {
		return err
	}
	return s.next.Delete(ctx, key)
}

// forEver drops the ttl.
type forEver struct{ through }

func (s forEver) Set(ctx context.Context, key string, v bytesOf, _ time.Duration) error {
	return s.next.Set(ctx, key, v, storage.NoExpiry)
}

// entriesForGet reads entries although nobody declared it.
type entriesForGet struct{ through }

func (s entriesForGet) Get(ctx context.Context, key string) (bytesOf, error) {
	entry, err := storage.GetEntry(ctx, s.next, key)
	if errors.Is(err, errors.ErrUnsupported) {
		return s.next.Get(ctx, key)
	}
	return entry.Value, err
}

// bypass puts a prefix before the keys, and has forgotten DeleteMany, which
// what it embeds serves without.
type bypass struct {
	full.Store[bytesOf]
	next storage.ByteStore
}

func (s bypass) DeleteMany(ctx context.Context, keys []string) error {
	return storage.DeleteMany(ctx, s.next, keys)
}

// takesInSteps does a power with the three methods, where only says so.
type takesInSteps struct {
	through
	only func(next storage.ByteStore) bool
}

func (s takesInSteps) Take(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.through.Take(ctx, key)
	if !errors.Is(err, errors.ErrUnsupported) || !s.only(s.next) {
		return v, err
	}
	if v, err = s.next.Get(ctx, key); err != nil {
		return nil, err
	}
	return v, s.next.Delete(ctx, key)
}

// asserts looks for a method by a type assertion.
type asserts struct{ through }

func (s asserts) Has(ctx context.Context, key string) (bool, error) {
	if next, ok := s.next.(storage.Haser); ok {
		return next.Has(ctx, key)
	}
	return false, storage.Unsupported(storage.OpHas, s)
}

// asksFirst is correct: what the store below lacks it refuses itself.
type asksFirst struct{ through }

func (s asksFirst) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if !storage.Supports(s.next, storage.OpTouch) {
		return storage.Unsupported(storage.OpTouch, s)
	}
	return s.through.Touch(ctx, key, ttl)
}

// wantsAll refuses a power where another one is missing.
type wantsAll struct{ through }

func (s wantsAll) CompareAndSwap(ctx context.Context, key string, old storage.Version, v bytesOf, ttl time.Duration) (storage.Version, error) {
	if !s.Supports(storage.OpCompareAndSwap) {
		return "", storage.Unsupported(storage.OpCompareAndSwap, s)
	}
	return s.through.CompareAndSwap(ctx, key, old, v, ttl)
}

func (s wantsAll) Supports(op storage.Op) bool {
	if op == storage.OpCompareAndSwap && !storage.Supports(s.next, storage.OpGetEntry) {
		return false
	}
	return s.through.Supports(op)
}

// ownName puts its own name to what the store below has refused.
type ownName struct{ through }

func (s ownName) Touch(ctx context.Context, key string, ttl time.Duration) error {
	err := s.through.Touch(ctx, key, ttl)
	if errors.Is(err, errors.ErrUnsupported) {
		return storage.Unsupported(storage.OpTouch, s)
	}
	return err
}

// flushesLater has something left to do after Close.
type flushesLater struct {
	through
	running *sync.WaitGroup
}

func newFlushesLater(tb testing.TB, next storage.ByteStore) storage.ByteStore {
	s := flushesLater{newThrough(next), new(sync.WaitGroup)}
	tb.Cleanup(s.running.Wait)
	return s
}

func (s flushesLater) Close() error {
	s.running.Go(func() {
		time.Sleep(time.Millisecond)
		_ = storage.Ping(context.Background(), s.next)
	})
	return nil
}

// closesNext closes what it was given.
type closesNext struct{ through }

func (s closesNext) Close() error { return storage.Close(s.next) }

// closesOneTime fails when it is closed again.
type closesOneTime struct {
	through
	closed *bool
}

func (s closesOneTime) Close() error {
	if *s.closed {
		return storage.ErrClosed
	}
	*s.closed = true
	return nil
}

// closesBelow is a decorator whose views close what is below it.
type closesBelow struct{ through }

func (s closesBelow) In(scope storage.Scope) storage.ByteStore {
	return closesBelowView{s.through.In(scope).(full.Store[bytesOf]), s.next}
}

type closesBelowView struct {
	full.Store[bytesOf]
	base storage.ByteStore
}

func (s closesBelowView) Close() error { return storage.Close(s.base) }

func (s closesBelowView) In(scope storage.Scope) storage.ByteStore {
	return closesBelowView{s.Store.In(scope).(full.Store[bytesOf]), s.base}
}

package storage_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// fault is what ledger, hostile and the loops of a hammer panic with.
type fault struct{}

// dice is a source of chance that goroutines share.
type dice struct {
	mu  sync.Mutex
	rnd *rand.Rand
}

func newDice(seed, stream uint64) *dice { return &dice{rnd: rand.New(rand.NewPCG(seed, stream))} }

func (d *dice) roll(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rnd.IntN(n)
}

// ledger is a store that keeps the books of its writes. It has faults: some
// writes are refused, some lose their replies, some panic. Each name of a
// write, its operation and its keys, is of one call only.
type ledger struct {
	t    *testing.T
	next *memstore.Store[string]
	dice *dice

	mu    sync.Mutex
	live  map[string]bool // the calls in progress
	done  map[string]int  // how often a write was done
	acked map[string]int  // how often it was done and said so
}

func newLedger(t *testing.T, seed uint64) *ledger {
	return &ledger{
		t: t, next: memstore.New[string](), dice: newDice(seed, 0),
		live: make(map[string]bool), done: make(map[string]int), acked: make(map[string]int),
	}
}

func name(op storage.Op, keys ...string) string {
	return op.String() + " " + strings.Join(slices.Sorted(slices.Values(keys)), ",")
}

// enter and exit are the begin and the end of a call, above all layers.
func (l *ledger) enter(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live[name] = true
}

func (l *ledger) exit(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.live, name)
}

func (l *ledger) counts(name string) (done, acked int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done[name], l.acked[name]
}

func (l *ledger) checkLive(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.live[name] {
		l.t.Errorf("%q is at work in the store, and nobody calls it, or no longer", name)
	}
}

// read does a read, while its caller waits for it.
func (l *ledger) read(name string, do func() error) error {
	l.checkLive(name)
	if l.dice.roll(16) == 0 {
		return fmt.Errorf("ledger: %w", storage.ErrUnavailable)
	}
	runtime.Gosched()
	err := do()
	l.checkLive(name)
	return err
}

// write does a write and notes it, while its caller waits for it.
func (l *ledger) write(name string, do func() error) error {
	l.checkLive(name)
	defer l.checkLive(name)
	chance := l.dice.roll(24)
	switch chance {
	case 0:
		return fmt.Errorf("ledger: %w", storage.ErrUnavailable)
	case 1:
		return fmt.Errorf("ledger: never sent: %w", storage.ErrUnknownOutcome)
	case 2:
		panic(fault{})
	}
	runtime.Gosched()
	if err := do(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[name]++
	switch chance {
	case 3:
		return fmt.Errorf("ledger: reply lost: %w", storage.ErrUnknownOutcome)
	case 4:
		panic(fault{})
	}
	l.acked[name]++
	return nil
}

func (l *ledger) Get(ctx context.Context, key string) (v string, err error) {
	err = l.read(name(storage.OpGet, key), func() error { v, err = l.next.Get(ctx, key); return err })
	return v, err
}

func (l *ledger) Has(ctx context.Context, key string) (has bool, err error) {
	err = l.read(name(storage.OpHas, key), func() error { has, err = l.next.Has(ctx, key); return err })
	return has, err
}

func (l *ledger) GetMany(ctx context.Context, keys []string) (vs map[string]string, err error) {
	err = l.read(name(storage.OpGetMany, keys...), func() error { vs, err = l.next.GetMany(ctx, keys); return err })
	return vs, err
}

func (l *ledger) GetEntry(ctx context.Context, key string) (e storage.Entry[string], err error) {
	err = l.read(name(storage.OpGetEntry, key), func() error { e, err = l.next.GetEntry(ctx, key); return err })
	return e, err
}

func (l *ledger) GetEntries(ctx context.Context, keys []string) (es map[string]storage.Entry[string], err error) {
	err = l.read(name(storage.OpGetEntries, keys...), func() error { es, err = l.next.GetEntries(ctx, keys); return err })
	return es, err
}

func (l *ledger) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		name := name(storage.OpKeys, prefix)
		for key, err := range l.next.Keys(ctx, prefix) {
			l.checkLive(name)
			if err == nil && l.dice.roll(16) == 0 {
				key, err = "", storage.ErrUnavailable
			}
			if !yield(key, err) || err != nil {
				return
			}
			runtime.Gosched()
		}
	}
}

func (l *ledger) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	return l.write(name(storage.OpSet, key), func() error { return l.next.Set(ctx, key, value, ttl) })
}

func (l *ledger) Delete(ctx context.Context, key string) error {
	return l.write(name(storage.OpDelete, key), func() error { return l.next.Delete(ctx, key) })
}

func (l *ledger) SetMany(ctx context.Context, values map[string]string, ttl time.Duration) error {
	var keys []string
	for key := range values {
		keys = append(keys, key)
	}
	return l.write(name(storage.OpSetMany, keys...), func() error { return l.next.SetMany(ctx, values, ttl) })
}

func (l *ledger) DeleteMany(ctx context.Context, keys []string) error {
	return l.write(name(storage.OpDeleteMany, keys...), func() error { return l.next.DeleteMany(ctx, keys) })
}

func (l *ledger) CompareAndSwap(ctx context.Context, key string, old storage.Version, value string, ttl time.Duration) (version storage.Version, err error) {
	err = l.write(name(storage.OpCompareAndSwap, key), func() error {
		version, err = l.next.CompareAndSwap(ctx, key, old, value, ttl)
		return err
	})
	return version, err
}

func (l *ledger) Take(ctx context.Context, key string) (v string, err error) {
	err = l.write(name(storage.OpTake, key), func() error { v, err = l.next.Take(ctx, key); return err })
	return v, err
}

func (l *ledger) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return l.write(name(storage.OpTouch, key), func() error { return l.next.Touch(ctx, key, ttl) })
}

func (l *ledger) DeletePrefix(ctx context.Context, prefix string) error {
	return l.write(name(storage.OpDeletePrefix, prefix), func() error { return l.next.DeletePrefix(ctx, prefix) })
}

package memstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// Whatever runs at the same time, the bounds hold at every moment and what
// was counted is there.
func TestBoundsUnderConcurrency(t *testing.T) {
	for name, opts := range map[string][]memstore.Option{
		"unbounded":              nil,
		"refusing":               {memstore.MaxEntries(50), memstore.MaxBytes(1000)},
		"evicting, one shard":    {memstore.MaxEntries(50), memstore.MaxBytes(1000), memstore.Evict()},
		"evicting, many shards":  {memstore.MaxEntries(4096), memstore.Evict()},
		"evicting large by size": {memstore.MaxBytes(256 << 10), memstore.Evict()},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			s := memstore.New[[]byte](opts...)
			var writers, watcher sync.WaitGroup
			done := make(chan struct{})
			watcher.Go(func() {
				for {
					s.Verify(t)
					select {
					case <-done:
						return
					default:
					}
				}
			})
			for range 8 {
				writers.Go(func() {
					for range 3000 {
						if err := anything(ctx, s, 10_000); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			writers.Wait()
			close(done)
			watcher.Wait()
			s.Verify(t)
		})
	}
}

// anything does some operation on some key and returns what must not happen.
func anything(ctx context.Context, s *memstore.Store[[]byte], keys int) error {
	key := func() string { return fmt.Sprint(rand.IntN(keys)) }
	value := func() []byte { return make([]byte, rand.IntN(150)) }
	ttl := time.Duration(rand.IntN(3)) * time.Duration(rand.IntN(int(time.Millisecond)))
	var err error
	switch rand.IntN(12) {
	default:
		err = s.Set(ctx, key(), value(), ttl)
	case 0:
		err = s.SetMany(ctx, map[string][]byte{key(): value(), key(): value()}, ttl)
	case 1:
		_, err = s.CompareAndSwap(ctx, key(), "", value(), ttl)
	case 2:
		_, err = storage.Update(ctx, s, key(), func(e storage.Entry[[]byte]) ([]byte, time.Duration, error) {
			return value(), e.TTL(), nil
		})
	case 3:
		_, err = s.Take(ctx, key())
	case 4:
		err = s.Touch(ctx, key(), ttl)
	case 5:
		err = s.Delete(ctx, key())
	case 6:
		_, err = s.GetMany(ctx, []string{key(), key(), key()})
	case 7:
		if rand.IntN(100) == 0 {
			err = s.DeletePrefix(ctx, key())
		}
	}
	if err == nil || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict) || errors.Is(err, storage.ErrOverloaded) {
		return nil
	}
	return err
}

// Of many writers for the last place one gets it, and none is turned away
// while there is one.
func TestLastPlace(t *testing.T) {
	ctx := t.Context()
	for range 200 {
		s := memstore.New[int](memstore.MaxEntries(3))
		ok(t, s.Set(ctx, "a", 0, 0))
		var stored, refused int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := s.Set(ctx, fmt.Sprint(i), i, 0)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					stored++
				case errors.Is(err, storage.ErrOverloaded):
					refused++
				}
			})
		}
		wg.Wait()
		if stored != 2 || refused != 6 {
			t.Fatalf("%d stored and %d refused, want 2 and 6", stored, refused)
		}
	}
}

func TestLoopOverKeysMayUseTheStore(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[int]()
	for i := range 1000 {
		ok(t, s.Set(ctx, fmt.Sprint(i), i, 0))
	}
	seen := 0
	for key, err := range s.Keys(ctx, "") {
		ok(t, err)
		ok(t, s.Delete(ctx, key))
		ok(t, s.DeletePrefix(ctx, "new "))
		ok(t, s.Set(ctx, "new "+key, 0, 0))
		seen++
	}
	if seen < 1000 || s.Verify(t).Entries > 1 {
		t.Errorf("saw %d keys, want the 1000; %d are left, want 1", seen, s.Verify(t).Entries)
	}
}

func TestContextThatEndsInALoop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := memstore.New[int]()
	for i := range 1000 {
		ok(t, s.Set(ctx, fmt.Sprint(i), i, 0))
	}
	var keys []string
	var last error
	for key, err := range s.Keys(ctx, "") {
		keys, last = append(keys, key), err
		cancel()
	}
	if len(keys) != 2 || keys[1] != "" || !errors.Is(last, context.Canceled) {
		t.Errorf("Keys yielded %q, %v, want one key and the error", keys, last)
	}
}

package breaker_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var errDown = fmt.Errorf("driver: %w", storage.ErrUnavailable)

// states notes the changes of a breaker.
type states struct {
	mu   sync.Mutex
	seen []breaker.State
}

func (s *states) change(from, to breaker.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last(); from != last {
		panic(fmt.Sprintf("a change from %v to %v, after one to %v", from, to, last))
	}
	s.seen = append(s.seen, to)
}

func (s *states) last() breaker.State {
	if len(s.seen) == 0 {
		return breaker.Closed
	}
	return s.seen[len(s.seen)-1]
}

func (s *states) now() breaker.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last()
}

func (s *states) all() []breaker.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// guarded is a store behind a breaker, over faults.
type guarded struct {
	store storage.Store[string]
	*storagetest.Faults
	*states
}

func guard(opts breaker.Options) guarded {
	next, faults := storagetest.Faulty(memstore.New[string]())
	seen := new(states)
	opts.OnStateChange = seen.change
	return guarded{breaker.New(next, opts), faults, seen}
}

// get calls Get, with the failure that err is, or none.
func (g guarded) get(ctx context.Context, err error) error {
	g.Heal()
	if err != nil {
		g.Fail(err, storage.OpGet)
		defer g.Heal()
	}
	_, err = g.store.Get(ctx, "k")
	return err
}

// open opens the breaker of g, whose options are the default ones.
func (g guarded) open(t *testing.T) {
	t.Helper()
	for range 20 {
		if g.now() == breaker.Open {
			t.Fatal("open too early")
		}
		_ = g.get(t.Context(), errDown)
	}
	if g.now() != breaker.Open {
		t.Fatalf("after 20 failures the breaker is %v", g.now())
	}
}

// halfOpen opens the breaker of g and waits.
func (g guarded) halfOpen(t *testing.T) {
	t.Helper()
	g.open(t)
	time.Sleep(5 * time.Second)
}

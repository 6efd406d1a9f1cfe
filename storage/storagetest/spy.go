package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// spy is the store below a decorator under test: a correct store in memory
// with every operation, which notes each call that reaches it. Its views share
// what it notes.
type spy[V any] struct {
	*spied[V]
	scope storage.Scope
}

// spied is what the views of a spy share.
type spied[V any] struct {
	lacks storage.Op // what it does not support; 0 for nothing

	mu       sync.Mutex
	items    map[string]kept[V]
	writes   int
	received []received
	inside   int // calls that have begun and not ended
	yielded  int // keys that were handed to loops over Keys
	closed   int

	// meet, if set, meets every call before anything happens: it fails it by
	// an error, holds it up, or panics.
	meet func(ctx context.Context, call received) error

	// broken is a key, as it is on the wire, whose reads fail with failure.
	broken  string
	failure error
}

// kept is a value in a spy.
type kept[V any] struct {
	value   V
	version storage.Version
	expires time.Time
}

// received is a call that has reached a spy.
type received struct {
	op   storage.Op
	keys []string // as they are on the wire, sorted; or the prefix
	name string   // of the scope
	ttl  time.Duration
	old  storage.Version
	ctx  context.Context
}

// String tells everything but the context: equal calls have equal texts.
func (r received) String() string {
	var b strings.Builder
	b.WriteString(r.op.String())
	for _, key := range r.keys {
		fmt.Fprintf(&b, " %q", key)
	}
	if r.name != "" {
		fmt.Fprintf(&b, " in the scope named %q", r.name)
	}
	if r.ttl != 0 {
		fmt.Fprintf(&b, " with a ttl of %v", r.ttl)
	}
	if r.op == storage.OpCompareAndSwap {
		fmt.Fprintf(&b, " if its version is %q", string(r.old))
	}
	return b.String()
}

// newSpy returns a spy that does not support lacks, if that is not 0.
func newSpy[V any](lacks storage.Op) *spy[V] {
	return &spy[V]{spied: &spied[V]{lacks: lacks, items: make(map[string]kept[V])}}
}

// call notes c, whose keys are relative to s, and performs it by do, with the
// lock held.
func (s *spy[V]) call(ctx context.Context, c received, do func() error) error {
	empty := slices.Contains(c.keys, "")
	c.ctx, c.name, c.keys = ctx, s.scope.Name, wired(s.scope.Prefix, c.keys)
	meet := s.note(c)
	defer s.leave()
	if meet != nil {
		if err := meet(ctx, c); err != nil {
			return err
		}
	}
	switch {
	case c.op == s.lacks && slices.Contains(AllPowers, c.op):
		return storage.Unsupported(c.op, s)
	case c.op == storage.OpKeys || c.op == storage.OpPing:
	case c.op == storage.OpDeletePrefix && s.scope.Prefix != "":
	case empty:
		return storage.ErrInvalidKey
	case c.ttl < 0:
		return storage.ErrInvalidTTL
	}
	if ctx.Err() != nil {
		return fmt.Errorf("spy: %v: %w", c.op, ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return do()
}

// wired returns keys as they are under prefix, sorted.
func wired(prefix string, keys []string) []string {
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = prefix + key
	}
	slices.Sort(full)
	return full
}

func (s *spied[V]) note(c received) (meet func(context.Context, received) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, c)
	s.inside++
	return s.meet
}

func (s *spied[V]) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside--
}

// look returns what key has. The lock is held.
func (s *spy[V]) look(key string) (kept[V], error) {
	wire := s.scope.Prefix + key
	if wire == s.broken && s.failure != nil {
		return kept[V]{}, s.failure
	}
	item, ok := s.items[wire]
	if !ok || !item.expires.IsZero() && !time.Now().Before(item.expires) {
		return kept[V]{}, storage.ErrNotFound
	}
	item.value = clone(item.value)
	return item, nil
}

// put stores a value. The lock is held.
func (s *spy[V]) put(key string, value V, ttl time.Duration) storage.Version {
	s.writes++
	version := storage.Version(fmt.Sprint("version ", s.writes))
	s.items[s.scope.Prefix+key] = kept[V]{clone(value), version, expiry(ttl)}
	return version
}

// expiry is when a value with the ttl expires: zero for never.
func expiry(ttl time.Duration) time.Time {
	if ttl == storage.NoExpiry {
		return time.Time{}
	}
	return time.Now().Add(ttl)
}

// remove deletes a value. The lock is held.
func (s *spy[V]) remove(key string) { delete(s.items, s.scope.Prefix+key) }

// clone returns a copy of value if it is a slice of bytes.
func clone[V any](value V) V {
	if b, ok := any(value).([]byte); ok {
		return any(slices.Clone(b)).(V)
	}
	return value
}

// forget makes s forget what it has received.
func (s *spied[V]) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received, s.yielded = nil, 0
}

// seen returns what s has received since the last forget.
func (s *spied[V]) seen() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

// busy returns how many calls are in s now.
func (s *spied[V]) busy() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inside
}

// when makes every call meet f, or nothing.
func (s *spied[V]) when(f func(context.Context, received) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meet = f
}

// spoil makes the key wire unreadable, with err.
func (s *spied[V]) spoil(wire string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken, s.failure = wire, err
}

// version returns the version of the key wire.
func (s *spied[V]) version(wire string) storage.Version {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.items[wire].version
}

// handed returns how many keys loops over Keys have got since the last forget.
func (s *spied[V]) handed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.yielded
}

// closings returns how often s was closed.
func (s *spied[V]) closings() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

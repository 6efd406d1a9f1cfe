package retry_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

var (
	errDown    = fmt.Errorf("driver: %w", storage.ErrUnavailable)
	errUnknown = fmt.Errorf("driver: reply lost: %w", storage.ErrUnknownOutcome)
)

// script is a store in memory whose next calls fail with ends; a nil among
// them is a call that works. Afterwards all calls work.
type script struct {
	mu    sync.Mutex
	ends  []error
	calls []time.Time
}

// over returns a store that plays s.
func over(s *script) storage.Store[string] {
	return storage.Intercept(memstore.New[string](), storage.Interceptor(s))
}

func plays(ends ...error) *script { return &script{ends: ends} }

// always returns err n times.
func always(n int, err error) []error {
	ends := make([]error, n)
	for i := range ends {
		ends[i] = err
	}
	return ends
}

func (s *script) Intercept(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	if err := s.end(); err != nil {
		return err
	}
	return next(ctx)
}

func (s *script) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, time.Now())
	if len(s.ends) == 0 {
		return nil
	}
	err := s.ends[0]
	s.ends = s.ends[1:]
	return err
}

// tries returns how many calls there were.
func (s *script) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// waits returns what was between the calls.
func (s *script) waits() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var waits []time.Duration
	for i := 1; i < len(s.calls); i++ {
		waits = append(waits, s.calls[i].Sub(s.calls[i-1]))
	}
	return waits
}

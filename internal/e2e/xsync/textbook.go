// Package xsync is the proof behind docs/decisions/002-flight-engine.md: it
// builds the decorator that decorators/singleflight would be on
// golang.org/x/sync/singleflight, and its tests show which promises that
// breaks.
package xsync

import (
	"context"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tunica-go/tunica/storage"
)

// textbook shares Gets as the examples of x/sync do: by Do, with a Forget
// after every write.
type textbook struct {
	next  storage.ByteStore
	calls singleflight.Group
}

func (s *textbook) Get(ctx context.Context, key string) ([]byte, error) {
	value, err, _ := s.calls.Do(key, func() (any, error) { return s.next.Get(ctx, key) })
	if err != nil {
		return nil, err
	}
	return value.([]byte), nil
}

func (s *textbook) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	defer s.calls.Forget(key)
	return s.next.Set(ctx, key, value, ttl)
}

func (s *textbook) Delete(ctx context.Context, key string) error {
	defer s.calls.Forget(key)
	return s.next.Delete(ctx, key)
}

// repaired is textbook with the usual repairs of Get: DoChan, so that a caller
// can leave, and a context that outlives the caller who came first.
type repaired struct{ textbook }

func (s *repaired) Get(ctx context.Context, key string) ([]byte, error) {
	result := s.calls.DoChan(key, func() (any, error) {
		return s.next.Get(context.WithoutCancel(ctx), key)
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]byte), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// missOnOutage calls a failure a miss.
type missOnOutage struct{ storage.ByteStore }

func (s missOnOutage) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.ByteStore.Get(ctx, key)
	if storage.Failed(err) {
		return nil, storage.ErrNotFound
	}
	return v, err
}

// falseOnOutage has nothing while the backend fails.
type falseOnOutage struct{ storage.ByteStore }

func (s falseOnOutage) Has(ctx context.Context, key string) (bool, error) {
	has, _ := storage.Has(ctx, s.ByteStore, key)
	return has, nil
}

// swallows hides the error of a write.
type swallows struct{ storage.ByteStore }

func (s swallows) Delete(ctx context.Context, key string) error {
	if err := s.ByteStore.Delete(ctx, key); !storage.Failed(err) {
		return err
	}
	return nil
}

// raw replaces every error by one that nobody knows.
type raw struct{ storage.ByteStore }

func (s raw) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	if err := s.ByteStore.Set(ctx, key, v, ttl); err != nil {
		return errors.New("EOF")
	}
	return nil
}

// endless does not tell the backend when its caller leaves.
type endless struct{ storage.ByteStore }

func (s endless) Get(ctx context.Context, key string) (bytesOf, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return s.ByteStore.Get(ctx, key)
}

// deadlinesOnly tells the backend when its caller has to be answered, and not
// when it leaves before.
type deadlinesOnly struct{ storage.ByteStore }

func (s deadlinesOnly) Get(ctx context.Context, key string) (bytesOf, error) {
	below := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		below, cancel = context.WithDeadline(below, deadline.Add(time.Millisecond))
		defer cancel()
	}
	return s.ByteStore.Get(below, key)
}

// definite takes an unknown outcome for a definite failure, and writes later.
type definite struct{ storage.ByteStore }

func (s definite) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	err := s.ByteStore.Set(ctx, key, v, ttl)
	if errors.Is(err, storage.ErrUnknownOutcome) {
		go s.ByteStore.Set(context.WithoutCancel(ctx), key, v, ttl)
		return ctx.Err()
	}
	return err
}

// shared lets concurrent readers of a key share the first one's call, and its
// context.
type shared struct {
	storage.ByteStore
	mu    *sync.Mutex
	calls map[string]*sharedCall
}

type sharedCall struct {
	done  chan struct{}
	value bytesOf
	err   error
}

func (s shared) Get(ctx context.Context, key string) (bytesOf, error) {
	s.mu.Lock()
	if call, ok := s.calls[key]; ok {
		s.mu.Unlock()
		<-call.done
		return call.value, call.err
	}
	call := &sharedCall{done: make(chan struct{})}
	s.calls[key] = call
	s.mu.Unlock()
	call.value, call.err = s.ByteStore.Get(ctx, key)
	s.mu.Lock()
	delete(s.calls, key)
	s.mu.Unlock()
	close(call.done)
	return call.value, call.err
}

// chatty puts the key into the error of a failing backend.
type chatty struct{ storage.ByteStore }

func (s chatty) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.ByteStore.Get(ctx, key)
	if storage.Failed(err) {
		err = fmt.Errorf("%s: %w", key, err)
	}
	return v, err
}

package storagetest

import (
	"context"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// keepsBatch changes the argument of its caller.
type keepsBatch struct{ mighty }

func (s keepsBatch) DeleteMany(ctx context.Context, keys []string) error {
	err := s.mighty.DeleteMany(ctx, keys)
	for i := range keys {
		keys[i] = strings.ToUpper(keys[i])
	}
	return err
}

// lateCheck writes and then looks at the context.
type lateCheck struct{ *tiny[bytesOf] }

func (s lateCheck) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	if err := s.tiny.Set(context.WithoutCancel(ctx), key, v, ttl); err != nil {
		return err
	}
	return ctx.Err()
}

// deaf writes whatever the context says.
type deaf struct{ *tiny[bytesOf] }

func (s deaf) Delete(ctx context.Context, key string) error {
	return s.tiny.Delete(context.WithoutCancel(ctx), key)
}

// missOnCancel calls an ended context a miss.
type missOnCancel struct{ *tiny[bytesOf] }

func (s missOnCancel) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.tiny.Get(ctx, key)
	if ctx.Err() != nil {
		return nil, storage.ErrNotFound
	}
	return v, err
}

// lost hides Take from Supports, and nothing else.
type lost struct{ mighty }

func (s lost) Supports(op storage.Op) bool { return op != storage.OpTake }

// boasts says that it has every power and refuses one.
type boasts struct{ mighty }

func (s boasts) Take(context.Context, string) (bytesOf, error) {
	return nil, storage.Unsupported(storage.OpTake, s)
}

// halfTouch refuses a power after it has done something.
type halfTouch struct{ mighty }

func (s halfTouch) Supports(op storage.Op) bool { return op != storage.OpTouch }

func (s halfTouch) Touch(ctx context.Context, key string, _ time.Duration) error {
	_ = s.Delete(ctx, key)
	return storage.Unsupported(storage.OpTouch, s)
}

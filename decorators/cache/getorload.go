package cache

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/storage"
)

// GetOrLoad returns the value of key, or else what fn returns, which it
// stores with ttl, as in Set. It is the idiom called cache-aside: the store
// holds what fn takes from elsewhere, and whoever changes that deletes the
// key.
//
// If s is a cache or a view of one, fn is under its fence: concurrent callers
// share one call of fn, and what fn made from something that was replaced
// meanwhile, as a write or a Delete of the key through this cache tells, goes
// to those who waited for it and is not stored. (If such a write ends while the
// value is being stored, the key is left without a value.) A value that another client
// stored meanwhile is returned instead of fn's, where the store below has
// CompareAndSwap. Fn gets a context that ends when nobody waits any more. It
// may use s, but not GetOrLoad for the same key, which would wait for itself.
// While a value is being stored, a GetOrLoad that may not share it waits.
//
// For any other store GetOrLoad is Get, fn and Set.
//
// An error of fn is returned and nothing is stored. If fn succeeds and its
// value cannot be stored, GetOrLoad returns both the value and the error of
// the store.
func GetOrLoad[V any](ctx context.Context, s storage.Store[V], key string, ttl time.Duration, fn func(context.Context) (V, error)) (V, error) {
	if ttl < 0 {
		var zero V
		return zero, fmt.Errorf("cache: get or load: %w", storage.ErrInvalidTTL)
	}
	switch s := s.(type) {
	case *Store[V]:
		return s.getOrLoad(ctx, key, ttl, fn)
	case *view[V]:
		return s.getOrLoad(ctx, key, ttl, fn)
	}
	value, err := s.Get(ctx, key)
	if !isAbsent(err) {
		return value, err
	}
	if value, err = fn(ctx); err != nil {
		return value, err
	}
	return value, s.Set(ctx, key, value, ttl)
}

// filled is what a fill came to: a value that fn made, or the news that the
// store below has one.
type filled[V any] struct {
	value V
	made  bool
}

func (v *view[V]) getOrLoad(ctx context.Context, key string, ttl time.Duration, fn func(context.Context) (V, error)) (V, error) {
	var zero V
	if key == "" {
		return zero, storage.ErrInvalidKey
	}
	for {
		if e := v.lookup(key); e != nil && !e.absent {
			return v.core.handOut(e.value), nil
		}
		if ctx.Err() != nil {
			return zero, fmt.Errorf("cache: get or load: %w", ctx.Err())
		}
		sh, wire, _ := v.lock(key)
		p, err := sh.fills.Join(ctx, wire, flight.Func[filled[V]](func(ctx context.Context, l *flight.Load[filled[V]]) (filled[V], error) {
			return v.fill(ctx, l, key, ttl, fn)
		}))
		sh.Unlock()
		if err != nil {
			return zero, err
		}
		f, err := await(ctx, p, "get or load")
		flight.Rethrow(err)
		if f.made {
			return v.core.handOut(f.value), err
		}
		if err != nil {
			return zero, err
		}
		if value, err := v.Get(ctx, key); !isAbsent(err) {
			return value, err
		}
	}
}

// fill looks for key below, and makes and stores a value if it is absent.
func (v *view[V]) fill(ctx context.Context, l *flight.Load[filled[V]], key string, ttl time.Duration, fn func(context.Context) (V, error)) (f filled[V], err error) {
	if _, err := v.Get(ctx, key); !isAbsent(err) {
		return f, err
	}
	value, err := fn(ctx)
	if err != nil {
		return f, err
	}
	f = filled[V]{value: flight.Clip(value), made: true}
	if !v.mayPut(l) {
		return f, nil
	}
	stored := true // unless put says that it is not, which a panic does not
	defer func() {
		if stored && v.overtaken(l) {
			// A write began before put had ended: which one was last?
			err = errors.Join(err, v.unput(ctx, key))
		}
	}()
	err = v.put(ctx, key, value, ttl)
	if errors.Is(err, storage.ErrConflict) && !storage.Failed(err) {
		stored = false
		return filled[V]{}, nil
	}
	stored = err == nil || errors.Is(err, storage.ErrUnknownOutcome)
	return f, err
}

// mayPut reports whether l may store what it made: no write of the key began
// since l did, and no other fill. None begins then until l has ended, for it
// would find what put stores, also if that comes too late and goes again.
func (v *view[V]) mayPut(l *flight.Load[filled[V]]) bool {
	sh, _ := v.core.shard(l.Key)
	sh.Lock()
	defer sh.Unlock()
	return !l.Detached() && l.Pin()
}

// overtaken reports whether a write of the key began since l did.
func (v *view[V]) overtaken(l *flight.Load[filled[V]]) bool {
	sh, _ := v.core.shard(l.Key)
	sh.Lock()
	defer sh.Unlock()
	return l.Detached()
}

// put stores what a fill made, where nothing is. It is a write of the fill
// itself and does not overtake it.
func (v *view[V]) put(ctx context.Context, key string, value V, ttl time.Duration) error {
	return v.own(key, func() error {
		if !storage.Supports(v.next, storage.OpCompareAndSwap) {
			return v.next.Set(ctx, key, value, ttl)
		}
		_, err := storage.CompareAndSwap(ctx, v.next, key, "", value, ttl)
		return err
	})
}

// unput removes what put may have stored over a newer value. It does so also
// when nobody waits for the fill any more.
func (v *view[V]) unput(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Duration(holdFor))
	defer cancel()
	return v.own(key, func() error { return v.next.Delete(ctx, key) })
}

// own performs a write of a fill: it drops and detaches as every write does,
// but for the fill.
func (v *view[V]) own(key string, op func() error) error {
	return attempt(op, func(maybe bool) { v.forget(maybe, key) })
}

// isAbsent reports whether err says that there is no value, and nothing else.
func isAbsent(err error) bool {
	return errors.Is(err, storage.ErrNotFound) && !storage.Failed(err)
}

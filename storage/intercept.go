package storage

import (
	"context"
	"io"
	"iter"
	"sync"
	"time"
)

// Intercept returns next with interceptors around every operation. The first
// is the outermost: it sees a call first and its result last.
//
//	Intercept(next, a, b) // a around b around next
//
// A call of the returned store allocates nothing of its own. In and Close are
// not calls: a view made by [In] has the same interceptors, which see its
// scope in [Call].Scope. Close closes the interceptors that are io.Closers.
func Intercept[V any](next Store[V], interceptors ...Interceptor) Store[V] {
	if next == nil {
		panic("storage: Intercept of a nil store")
	}
	var closers []io.Closer
	for i := len(interceptors) - 1; i >= 0; i-- {
		if interceptors[i] == nil {
			panic("storage: Intercept with a nil interceptor")
		}
		if c, ok := interceptors[i].(io.Closer); ok {
			closers = append([]io.Closer{c}, closers...)
		}
		next = &intercepted[V]{
			next:        next,
			interceptor: interceptors[i],
			frames:      &sync.Pool{New: newFrame[V]},
			closers:     closers,
		}
	}
	return next
}

// intercepted is one interceptor around a store.
type intercepted[V any] struct {
	next        Store[V]
	interceptor Interceptor
	scope       Scope
	frames      *sync.Pool  // of *frame[V], shared by the views
	closers     []io.Closer // of this layer and those made with it below; none in a view
}

func (s *intercepted[V]) Get(ctx context.Context, key string) (V, error) {
	return s.read(ctx, Call{Op: OpGet, Key: key})
}

func (s *intercepted[V]) GetMemo(ctx context.Context, key string) (V, *Memo, error) {
	f := s.frame(Call{Op: OpGet, Key: key})
	f.wantsMemo = true
	err := f.run(ctx)
	value, memo := f.value, f.memo
	s.release(f)
	if err != nil {
		var zero V
		return zero, nil, err
	}
	return value, memo, nil
}

func (s *intercepted[V]) Set(ctx context.Context, key string, value V, ttl time.Duration) error {
	f := s.frame(Call{Op: OpSet, Key: key, TTL: ttl, Size: size(value)})
	f.value = value
	err := f.run(ctx)
	s.release(f)
	return err
}

func (s *intercepted[V]) Delete(ctx context.Context, key string) error {
	return s.do(ctx, Call{Op: OpDelete, Key: key})
}

func (s *intercepted[V]) Has(ctx context.Context, key string) (bool, error) {
	f := s.frame(Call{Op: OpHas, Key: key})
	err := f.run(ctx)
	has := f.has && err == nil
	s.release(f)
	return has, err
}

func (s *intercepted[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	f := s.frame(Call{Op: OpGetMany, Keys: keys})
	err := f.run(ctx)
	values := f.values
	if err != nil && f.err == nil {
		values = nil
	}
	s.release(f)
	return values, err
}

func (s *intercepted[V]) SetMany(ctx context.Context, values map[string]V, ttl time.Duration) error {
	f := s.frame(Call{Op: OpSetMany, TTL: ttl})
	names := f.names
	for key, value := range values {
		names = append(names, key)
		f.call.Size += size(value)
	}
	f.values = values
	f.show(names)
	err := f.run(ctx)
	s.release(f)
	return err
}

func (s *intercepted[V]) DeleteMany(ctx context.Context, keys []string) error {
	return s.do(ctx, Call{Op: OpDeleteMany, Keys: keys})
}

func (s *intercepted[V]) GetEntry(ctx context.Context, key string) (Entry[V], error) {
	f := s.frame(Call{Op: OpGetEntry, Key: key})
	err := f.run(ctx)
	entry := f.entry
	s.release(f)
	if err != nil {
		return Entry[V]{}, err
	}
	return entry, nil
}

func (s *intercepted[V]) GetEntries(ctx context.Context, keys []string) (map[string]Entry[V], error) {
	f := s.frame(Call{Op: OpGetEntries, Keys: keys})
	err := f.run(ctx)
	entries := f.entries
	if err != nil && f.err == nil {
		entries = nil
	}
	s.release(f)
	return entries, err
}

func (s *intercepted[V]) CompareAndSwap(ctx context.Context, key string, old Version, value V, ttl time.Duration) (Version, error) {
	f := s.frame(Call{Op: OpCompareAndSwap, Key: key, TTL: ttl, Size: size(value)})
	f.value, f.version = value, old
	err := f.run(ctx)
	version := f.version
	s.release(f)
	if err != nil {
		return "", err
	}
	return version, nil
}

func (s *intercepted[V]) Take(ctx context.Context, key string) (V, error) {
	return s.read(ctx, Call{Op: OpTake, Key: key})
}

func (s *intercepted[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return s.do(ctx, Call{Op: OpTouch, Key: key, TTL: ttl})
}

func (s *intercepted[V]) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f := s.frame(Call{Op: OpKeys, Key: prefix})
		f.yield = yield
		err := f.run(ctx)
		stopped := f.stopped
		s.release(f)
		if err != nil && !stopped {
			yield("", err)
		}
	}
}

func (s *intercepted[V]) DeletePrefix(ctx context.Context, prefix string) error {
	return s.do(ctx, Call{Op: OpDeletePrefix, Key: prefix})
}

func (s *intercepted[V]) Ping(ctx context.Context) error {
	return s.do(ctx, Call{Op: OpPing})
}

func (s *intercepted[V]) In(scope Scope) Store[V] {
	return &intercepted[V]{
		next:        In(s.next, scope),
		interceptor: s.interceptor,
		scope:       s.scope.Join(scope),
		frames:      s.frames,
	}
}

func (s *intercepted[V]) Supports(op Op) bool {
	if i, ok := s.interceptor.(Supporter); ok && !i.Supports(op) {
		return false
	}
	return Supports(s.next, op)
}

func (s *intercepted[V]) Close() error {
	var first error
	for _, c := range s.closers {
		if err := c.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// do runs a call that carries no value.
func (s *intercepted[V]) do(ctx context.Context, call Call) error {
	f := s.frame(call)
	err := f.run(ctx)
	s.release(f)
	return err
}

// read runs a call that returns a value.
func (s *intercepted[V]) read(ctx context.Context, call Call) (V, error) {
	f := s.frame(call)
	err := f.run(ctx)
	value := f.value
	s.release(f)
	if err != nil {
		var zero V
		return zero, err
	}
	return value, nil
}

// size is the number of bytes of a value of bytes.
func size[V any](value V) int {
	switch v := any(value).(type) {
	case []byte:
		return len(v)
	case string:
		return len(v)
	}
	return 0
}

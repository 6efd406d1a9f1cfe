package storage

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// frame carries one call through one interceptor: the arguments in, the
// results out, and what the interceptor did with next. Frames are pooled and
// next is bound once, so a call allocates nothing.
type frame[V any] struct {
	layer *intercepted[V]
	call  Call // what the interceptor sees, and may write to
	args  Call // what the caller said
	next  func(context.Context) error
	state atomic.Uint32

	err    error // of the last next
	called bool

	value   V
	version Version
	has     bool
	entry   Entry[V]
	values  map[string]V
	entries map[string]Entry[V]
	names   []string // the keys of SetMany
	yield   func(string, error) bool
	stopped bool // the caller left its loop over Keys
}

// The states of a frame. Only open allows next.
const (
	over    uint32 = iota // not in a call
	open                  // in Intercept; next was not called, or has failed
	running               // in next
	done                  // in Intercept; next has succeeded
)

var errPanicked = errors.New("storage: next panicked")

func newFrame[V any]() any {
	f := new(frame[V])
	f.next = f.invoke
	return f
}

// frame returns a frame for call.
func (s *intercepted[V]) frame(call Call) *frame[V] {
	f := s.frames.Get().(*frame[V])
	call.Scope = s.scope
	f.layer, f.call, f.args = s, call, call
	return f
}

// release gives f back, without the caller's values.
func (s *intercepted[V]) release(f *frame[V]) {
	var zero V
	clear(f.names)
	f.layer, f.call, f.args = nil, Call{}, Call{}
	f.err, f.called = nil, false
	f.value, f.version, f.has, f.entry = zero, "", false, Entry[V]{}
	f.values, f.entries, f.names = nil, nil, f.names[:0]
	f.yield, f.stopped = nil, false
	s.frames.Put(f)
}

// run performs the call through the interceptor. If it panics, the frame is
// lost to the pool and closed to next.
func (f *frame[V]) run(ctx context.Context) error {
	interceptor := f.layer.interceptor
	f.state.Store(open)
	defer f.state.Store(over)
	err := interceptor.Intercept(ctx, &f.call, f.next)
	if f.state.Swap(over) == running {
		panic(misuse(interceptor, f.args.Op, "returned while next was running"))
	}
	switch {
	case err == nil && !f.called:
		panic(misuse(interceptor, f.args.Op, "returned nil without calling next"))
	case err == nil && f.err != nil:
		panic(misuse(interceptor, f.args.Op, "returned nil although next failed"))
	case Failed(f.err) && errors.Is(err, ErrNotFound) && !Failed(err):
		panic(misuse(interceptor, f.args.Op, "returned ErrNotFound although next failed"))
	}
	return err
}

// invoke is next.
func (f *frame[V]) invoke(ctx context.Context) error {
	if !f.state.CompareAndSwap(open, running) {
		switch f.state.Load() {
		case running:
			panic("storage: an interceptor called next while next was running")
		case done:
			panic("storage: an interceptor called next again after it had succeeded")
		default:
			panic("storage: an interceptor called next after Intercept had returned")
		}
	}
	f.called, f.err = true, errPanicked
	defer func() {
		after := open
		if f.err == nil {
			after = done
		}
		f.state.CompareAndSwap(running, after)
	}()
	f.err = f.perform(ctx)
	return f.err
}

// perform is the operation itself, on the store below. Of what the
// interceptor could change it uses the ttl only.
func (f *frame[V]) perform(ctx context.Context) (err error) {
	next, key, keys := f.layer.next, f.args.Key, f.args.Keys
	f.call.Hits = 0
	switch f.args.Op {
	case OpGet:
		f.value, err = next.Get(ctx, key)
		f.found(f.value, err)
	case OpSet:
		err = next.Set(ctx, key, f.value, f.call.TTL)
	case OpDelete:
		err = next.Delete(ctx, key)
	case OpHas:
		f.has, err = Has(ctx, next, key)
		if f.has {
			f.call.Hits = 1
		}
	case OpGetMany:
		f.values, err = GetMany(ctx, next, keys)
		f.call.Hits, f.call.Size = len(f.values), 0
		for _, value := range f.values {
			f.call.Size += size(value)
		}
	case OpSetMany:
		err = SetMany(ctx, next, f.values, f.call.TTL)
	case OpDeleteMany:
		err = DeleteMany(ctx, next, keys)
	case OpGetEntry:
		f.entry, err = GetEntry(ctx, next, key)
		f.found(f.entry.Value, err)
	case OpGetEntries:
		f.entries, err = GetEntries(ctx, next, keys)
		f.call.Hits, f.call.Size = len(f.entries), 0
		for _, entry := range f.entries {
			f.call.Size += size(entry.Value)
		}
	case OpCompareAndSwap:
		var version Version
		version, err = CompareAndSwap(ctx, next, key, f.version, f.value, f.call.TTL)
		if err == nil {
			f.version = version
		}
	case OpTake:
		f.value, err = Take(ctx, next, key)
		f.found(f.value, err)
	case OpTouch:
		err = Touch(ctx, next, key, f.call.TTL)
	case OpKeys:
		err = f.stream(ctx)
	case OpDeletePrefix:
		err = DeletePrefix(ctx, next, key)
	case OpPing:
		err = Ping(ctx, next)
	default:
		panic(fmt.Sprintf("storage: no such operation: %v", f.args.Op))
	}
	return err
}

// found notes the result of a read of one key.
func (f *frame[V]) found(value V, err error) {
	if err == nil {
		f.call.Hits, f.call.Size = 1, size(value)
	}
}

// stream yields the keys below until the caller leaves its loop.
func (f *frame[V]) stream(ctx context.Context) error {
	for key, err := range Keys(ctx, f.layer.next, f.args.Key) {
		if err != nil {
			return err
		}
		f.call.Hits++
		if !f.yield(key, nil) {
			f.stopped = true
			return nil
		}
	}
	return nil
}

func misuse(i Interceptor, op Op, what string) string {
	return fmt.Sprintf("storage: %s: interceptor %T %s", op, i, what)
}

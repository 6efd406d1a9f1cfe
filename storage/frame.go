package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
)

// frame carries one call through one interceptor: the arguments in, the
// results out, and what the interceptor did with next. Frames are pooled and
// next is bound once, so a call allocates nothing. With the race detector a
// frame serves one call only, so that a next that was kept is always found.
type frame[V any] struct {
	layer *intercepted[V]
	call  Call // what the interceptor sees, and may write to
	args  Call // what the caller said
	next  func(context.Context) error
	state atomic.Uint32
	ended chan struct{} // closed by a next that Intercept left running

	err     error // of the last next
	called  bool
	unknown bool // a next of this call may have written, and did not say so

	value   V
	version Version
	has     bool
	entry   Entry[V]
	values  map[string]V
	entries map[string]Entry[V]
	names   []string // the keys of a batch, for the interceptor
	yield   func(string, error) bool
	stopped bool // the caller's loop over Keys has ended, or its body runs

	wantsMemo bool // a Get is a GetMemo
	memo      *Memo
}

// The states of a frame. Only open allows next.
const (
	over    uint32 = iota // not in a call
	open                  // in Intercept; next was not called, or has failed
	running               // in next
	left                  // in next, and Intercept has ended
	done                  // in Intercept; next has succeeded
)

var errPanicked = errors.New("storage: next panicked")

func newFrame[V any]() any {
	f := new(frame[V])
	f.next = f.invoke
	return f
}

// frame returns a frame for call. The interceptor gets its own list of keys:
// what it does to it changes neither the call nor the caller's slice.
func (s *intercepted[V]) frame(call Call) *frame[V] {
	f := s.frames.Get().(*frame[V])
	call.Scope = s.scope
	f.layer, f.call, f.args = s, call, call
	if call.Keys != nil {
		f.show(append(f.names, call.Keys...))
	}
	return f
}

// show lets the interceptor see names.
func (f *frame[V]) show(names []string) {
	f.names, f.call.Keys = names, slices.Clip(names)
}

// release gives f back, without the caller's values.
func (s *intercepted[V]) release(f *frame[V]) {
	var zero V
	clear(f.names)
	f.layer, f.call, f.args = nil, Call{}, Call{}
	f.err, f.called, f.unknown = nil, false, false
	f.value, f.version, f.has, f.entry = zero, "", false, Entry[V]{}
	f.values, f.entries, f.names = nil, nil, f.names[:0]
	f.yield, f.stopped = nil, false
	f.wantsMemo, f.memo = false, nil
	if !raceEnabled {
		s.frames.Put(f)
	}
}

// run performs the call through the interceptor. If it panics, the frame is
// lost to the pool and closed to next.
func (f *frame[V]) run(ctx context.Context) error {
	interceptor := f.layer.interceptor
	f.state.Store(open)
	defer f.end()
	err := interceptor.Intercept(ctx, &f.call, f.next)
	if !f.end() {
		panic(misuse(interceptor, f.args.Op, "returned while next was running"))
	}
	if lie := f.lie(err); lie != "" {
		panic(misuse(interceptor, f.args.Op, lie))
	}
	return err
}

// end closes the frame to next, and reports whether next was not running. It
// waits for one that is: until then it holds what belongs to the caller.
func (f *frame[V]) end() bool {
	for {
		switch state := f.state.Load(); state {
		case over:
			return true
		case running:
			f.ended = make(chan struct{})
			if f.state.CompareAndSwap(running, left) {
				<-f.ended
				f.state.Store(over)
				return false
			}
		default:
			if f.state.CompareAndSwap(state, over) {
				return true
			}
		}
	}
}

// invoke is next.
func (f *frame[V]) invoke(ctx context.Context) error {
	if !f.state.CompareAndSwap(open, running) {
		switch f.state.Load() {
		case running, left:
			panic("storage: an interceptor called next while next was running")
		case done:
			panic("storage: an interceptor called next again after it had succeeded")
		default:
			panic("storage: an interceptor called next after Intercept had returned")
		}
	}
	f.called, f.err = true, errPanicked
	defer f.leave()
	f.err = f.perform(ctx)
	return f.err
}

// leave ends a next, whichever way it ended.
func (f *frame[V]) leave() {
	after := open
	switch {
	case f.err == nil:
		after = done
	case f.err == errPanicked || errors.Is(f.err, ErrUnknownOutcome):
		f.unknown = true
	}
	if !f.state.CompareAndSwap(running, after) {
		close(f.ended)
	}
}

func misuse(i Interceptor, op Op, what string) string {
	return fmt.Sprintf("storage: %s: interceptor %T %s", op, i, what)
}

package flight

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"

	"github.com/tunica-go/tunica/storage"
)

// A Source performs loads.
type Source[R any] interface {
	Load(context.Context, *Load[R]) (R, error)
}

// A Func is a Source of its own.
type Func[R any] func(context.Context, *Load[R]) (R, error)

// Load calls f.
func (f Func[R]) Load(ctx context.Context, l *Load[R]) (R, error) { return f(ctx, l) }

// Load is one load of one key, in progress or waiting for its turn.
type Load[R any] struct {
	Key string

	table   *Table[R]
	slot    *slot[R]
	source  Source[R]
	ctx     context.Context // of the caller that created it, for its values
	cancel  func()
	waiters int

	closed   bool // nobody may join
	detached bool
	pinned   bool // it is not given up any more
	zombie   bool // nobody wants the result
	finished bool

	done  chan struct{} // closed when the result is there, or when moved is set; nil while there is one caller, who performs it
	moved *Load[R]
	value R
	err   error
}

// Detached reports whether the key was written or invalidated since the load
// began, so that its result must not be kept. The lock is held.
func (l *Load[R]) Detached() bool { return l.detached }

// Pin keeps l from being given up for the next load: what it does from here on
// is over when that begins. Pin returns false if l was given up already. The
// lock is held.
func (l *Load[R]) Pin() bool {
	l.pinned = !l.zombie
	return l.pinned
}

// A PanicError is what a load panicked with, and where. [Rethrow] panics with it.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("panic in a shared load: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Rethrow panics with err if it is a panic of a load.
func Rethrow(err error) {
	if p, ok := err.(*PanicError); ok {
		panic(p)
	}
}

var errGoexit = fmt.Errorf("%w: the load ended by runtime.Goexit", storage.ErrUnavailable)

// guard calls fn, and then finish with the error that fn's panic or Goexit
// amounts to, or with nil.
func guard(fn func(), finish func(error)) {
	err := errGoexit
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *PanicError: // of a load further down
			err = r
		default:
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
		finish(err)
	}()
	fn()
	err = nil
}

// try calls fn and returns what its panic amounts to.
func try(fn func()) (abnormal error) {
	guard(fn, func(err error) { abnormal = err })
	return abnormal
}

// run performs l and finishes it. It returns false if l was given up.
func (l *Load[R]) run(ctx context.Context) (value R, wanted bool, err error) {
	guard(
		func() { value, err = l.source.Load(ctx, l) },
		func(abnormal error) { wanted, err = l.table.finish(l, value, cmp.Or(abnormal, err)) },
	)
	return value, wanted, err
}

// share makes l one that others than the caller who performs it wait for.
func (l *Load[R]) share() {
	if l.done == nil {
		l.done = make(chan struct{})
	}
}

// stop cancels the context of l, once.
func (l *Load[R]) stop() {
	if l.cancel != nil {
		l.cancel()
		l.cancel = nil
	}
}

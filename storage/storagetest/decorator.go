package storagetest

import (
	"testing"

	"github.com/tunica-go/tunica/storage"
)

// A Loss is what an operation loses on its way through a decorator, on
// purpose. A loss that is not declared fails [TestDecorator], and so does a
// declared one that is none.
type Loss struct {
	// As is the operation that the store below sees instead, where it has it: a
	// cache reads entries, because it has to know when they expire.
	As storage.Op

	// Held says that a Get or a GetMany of a key lets the operation be
	// answered from memory later. Only reads can be held, and of those not
	// GetEntry and GetEntries, which always reach the backend.
	Held bool

	// Detached says that the call below has the values of its caller's context
	// but neither its deadline nor its cancel, since it may serve other callers
	// too. It may have a deadline of its own. The caller still leaves at once.
	Detached bool
}

// TestDecorator tests a decorator of stores of bytes: that it passes on what it
// is asked, and answers what it is told. It is for what [TestStore] cannot
// see, because it knows nothing of what happens below: run both.
//
// wrap returns a new decorator around next, which is a spy. Each case wraps
// one of its own, with its own t. wrap registers with Cleanup what has to be
// closed, which may have been closed before.
//
// It is only for decorators that leave keys as they are, or put a prefix before
// them, and whose Set is one call below: by that it knows a key again. One
// that hashes or encodes keys, or whose Set makes another call first, fails
// every case, so that there is nothing to skip: test it with [TestStore] and
// [TestOutage] alone.
//
// [Options].Native lists what the decorator passes on over a store that has
// every operation, and is exact: a power that is not listed is lost, and a
// shortcut that is not listed is done with the three methods.
// [Options].Losses declares the rest. A decorator for which a case does not
// hold names it in [Options].Skip, with the reason.
func TestDecorator(t *testing.T, wrap func(tb testing.TB, next storage.ByteStore) storage.ByteStore, opts Options) {
	t.Helper()
	TestDecoratorOf(t, wrap, Bytes, opts)
}

// TestDecoratorOf is [TestDecorator] for a decorator that makes a store of W of
// a store of V; mostly they are the same. value returns a value, another one
// for each i.
func TestDecoratorOf[V, W any](t *testing.T, wrap func(tb testing.TB, next storage.Store[V]) storage.Store[W], value func(i int) W, opts Options) {
	t.Helper()
	run(t, decoratorLaws(wrap), opts, func(tb testing.TB) *check[W] {
		return &check[W]{TB: tb, value: value, opts: opts}
	})
}

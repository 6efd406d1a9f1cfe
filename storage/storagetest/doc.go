// Package storagetest tests stores: adapters, decorators, and what is made of
// both. One call runs the laws in the comment of package storage:
//
//	func TestLaws(t *testing.T) {
//		storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
//			s := mystore.New(dial(tb), mystore.Prefix(tb.Name()+":"))
//			tb.Cleanup(func() { s.Close() })
//			return s
//		}, storagetest.Options{Native: storagetest.AllPowers})
//	}
//
// Each law is a few subtests, such as law3/rounds-up, and a broken one says
// what it promises and why. [Options].Native declares the operations that must
// be native, so that losing one is noticed, and every power that is not
// declared must be refused.
//
// # Adapters
//
// An adapter passes [TestStore], or [TestStoreOf] if it takes other values
// than bytes, and [TestOutage] with a backend that the test can cut off.
//
// # Decorators
//
// A decorator passes the same suites over a store that passes them: over a
// complete one with AllPowers, over [Minimal] of it without, and over [Faults]
// for [TestOutage]:
//
//	storagetest.TestOutage(t, func(testing.TB) (storage.ByteStore, storagetest.Outage) {
//		backend, faults := storagetest.Faulty(memstore.New[[]byte]())
//		return mydecorator.New(backend), faults.Outage()
//	}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers})
//
// What these do not see is what reaches the store below. [TestDecorator] puts a
// spy there, and takes a declaration of what the decorator changes on purpose:
//
//	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
//		return mydecorator.New(next)
//	}, storagetest.Options{Native: storagetest.AllOps})
//
// # Trust
//
// Each case is the first to catch at least one store or decorator that is
// broken in the way that it names. They are kept beside the suite; make laws
// prints the table.
//
// # Time
//
// What must happen is not waited for by a fixed sleep: a case looks until it
// has happened, for ten seconds, and tells a value that is gone too early from
// a slow machine. For what must not happen it looks a fixed short time, and
// that can only pass wrongly, when it would have happened later. Stores that do
// no I/O are tested in a bubble of testing/synctest, where nothing is slow, with
// [Options].Bubble.
package storagetest

package storagetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// AllPowers are the operations that need the backend: what a complete adapter
// declares in [Options].Native. Read-only.
var AllPowers = []storage.Op{
	storage.OpGetEntry, storage.OpGetEntries, storage.OpCompareAndSwap, storage.OpTake,
	storage.OpTouch, storage.OpKeys, storage.OpDeletePrefix, storage.OpPing,
}

// AllOps are [AllPowers] and the shortcuts, which work on every store but may
// be native too. Read-only.
var AllOps = append([]storage.Op{
	storage.OpHas, storage.OpGetMany, storage.OpSetMany, storage.OpDeleteMany, storage.OpIn,
}, AllPowers...)

// Options say what a store promises beyond the three methods, and how it is
// tested. The zero value suits a store that has only them.
type Options struct {
	// Native lists the operations that must be native, by [storage.Supports].
	// Losing one fails the test. A power that is not listed must be refused;
	// a shortcut that is not listed may be native or not, but not so for
	// [TestDecorator], to which every loss is declared.
	Native []storage.Op

	// Granularity is the step to which the store rounds a ttl up, if it is
	// more than a millisecond.
	Granularity time.Duration

	// OwnPrefix says that the store puts a prefix of its own before every key,
	// so that DeletePrefix with an empty prefix is safe and allowed.
	OwnPrefix bool

	// SharesReads says that the store hands the same value to several readers,
	// as a cache does, so that they must not write to what they get.
	SharesReads bool

	// Losses declares, for [TestDecorator], which operations do not reach the
	// store below as they are, on purpose.
	Losses map[storage.Op]Loss

	// Equal compares two values, which are of the store's type. nil means
	// reflect.DeepEqual, but a nil slice or map equals an empty one.
	Equal func(a, b any) bool

	// Bubble runs the cases in bubbles of testing/synctest, where time passes at
	// once, except the few that a lock left locked would stop. It is for stores
	// that do no I/O.
	Bubble bool

	// Skip names cases that the store breaks on purpose, such as
	// "law3/expires", each with the reason. An unknown name fails the test.
	Skip map[string]string

	patience time.Duration // for the tests of the suite itself
}

// Bytes returns a value for a store of bytes, another one for each i.
func Bytes(i int) []byte { return fmt.Appendf(nil, "value %d", i) }

// TestStore tests a store of bytes: it runs every law as a subtest.
//
// open returns a store that is empty, or whose keys cannot meet those of
// another: each case opens one of its own, with its own t, many at the same
// time. open registers with Cleanup what has to be closed.
//
// What happens when the backend fails is tested by [TestOutage].
func TestStore(t *testing.T, open func(testing.TB) storage.ByteStore, opts Options) {
	t.Helper()
	TestStoreOf(t, open, Bytes, opts)
}

// TestStoreOf is [TestStore] for a store of any type. value returns a value,
// another one for each i.
func TestStoreOf[V any](t *testing.T, open func(testing.TB) storage.Store[V], value func(i int) V, opts Options) {
	t.Helper()
	run(t, laws[V](), opts, func(tb testing.TB) *check[V] {
		return &check[V]{TB: tb, open: open, value: value, opts: opts}
	})
}

// An Outage is the power over the backend of a store under test.
// [Faults.Outage] makes one for decorators.
type Outage struct {
	// Cut makes the backend unreachable for the rest of the case.
	Cut func()

	// Hang makes the backend take calls and not answer them, until Heal. The
	// backend keeps its values. Both may be nil: then no case hangs.
	Hang, Heal func()

	// Hanging tells how many calls hang in the backend now, so that a case does
	// not wait longer for them than it has to. It may be nil.
	Hanging func() int
}

// TestOutage tests what a store does when its backend cannot be reached or
// does not answer, which is the rest of laws 7 and 8. open is as in
// [TestStore] and also returns the power over the backend.
func TestOutage[V any](t *testing.T, open func(testing.TB) (storage.Store[V], Outage), value func(i int) V, opts Options) {
	t.Helper()
	run(t, outageLaws[V](), opts, func(tb testing.TB) *check[V] {
		return &check[V]{TB: tb, openOutage: open, value: value, opts: opts}
	})
}

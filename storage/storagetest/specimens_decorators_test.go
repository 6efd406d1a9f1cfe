package storagetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var (
	all      = Options{Native: AllOps}
	takeless = Options{Native: without(AllOps, storage.OpTake)}
)

// lossy declares a loss.
func lossy(op storage.Op, loss Loss) Options {
	return Options{Native: AllOps, Losses: map[storage.Op]Loss{op: loss}}
}

// plain wraps as a decorator does that needs nothing of its test.
func plain[S storage.ByteStore](wrap func(next storage.ByteStore) S) func(testing.TB, storage.ByteStore) storage.ByteStore {
	return func(_ testing.TB, next storage.ByteStore) storage.ByteStore { return wrap(next) }
}

type next = storage.ByteStore

// decoratorSpecimens are decorators that break a case of [TestDecorator].
var decoratorSpecimens = []struct {
	law  string // the first case that it breaks
	name string
	wrap func(testing.TB, storage.ByteStore) storage.ByteStore
	opts Options
}{
	{"law5/keys-are-streamed", "holds a lock over a yield", plain(func(n next) locksLoop { return locksLoop{newThrough(n), new(sync.Mutex)} }), all},
	{"law5/keys-are-streamed", "reads all keys first", plain(func(n next) collects { return collects{newThrough(n), false} }), all},
	{"law5/keys-are-streamed", "reads keys before the loop", plain(func(n next) collects { return collects{newThrough(n), true} }), all},

	{"law7/errors-pass", "swallows an error", plain(func(n next) mapsError { return mapsError{newThrough(n), func(error) error { return nil }} }), all},
	{"law7/errors-pass", "replaces an error", plain(func(n next) mapsError { return mapsError{newThrough(n), replaced} }), all},
	{"law7/errors-pass", "drops the error of the driver", plain(func(n next) mapsError { return mapsError{newThrough(n), driverless} }), all},
	{"law7/errors-pass", "a failure is a miss", plain(func(n next) missBelow { return missBelow{newThrough(n)} }), all},
	{"law7/partial-results-stay", "a batch is all or nothing", plain(func(n next) allOrNothing { return allOrNothing{newThrough(n)} }), all},
	{"law7/keys-error-is-last", "an error has a key", plain(func(n next) namesKey { return namesKey{newThrough(n)} }), all},
	{"law7/writes-are-not-repeated", "sends a failed write again", plain(func(n next) insists { return insists{newThrough(n)} }), all},
	{"law7/panics-come-out", "a panic leaves a lock locked", plain(func(n next) wedges { return wedges{newThrough(n), new(sync.Mutex)} }), all},
	{"law7/panics-come-out", "a panic becomes an error", plain(func(n next) recovers { return recovers{newThrough(n)} }), all},

	{"law8/context-passes", "context.Background", plain(func(n next) within { return within{newThrough(n), background} }), all},
	{"law8/context-passes", "drops the values", plain(func(n next) within { return within{newThrough(n), valueless} }), all},
	{"law8/context-passes", "undeclared: detached", plain(func(n next) within { return within{newThrough(n), detached} }), all},
	{"law8/context-passes", "a deadline of its own for the caller's", plain(func(n next) within { return within{newThrough(n), impatient} }), all},
	{"law8/context-passes", "declared, not so: detached", plain(newThrough), lossy(storage.OpGet, Loss{Detached: true})},
	{"law8/cancel-passes", "a caller cannot leave", plain(func(n next) within { return within{newThrough(n), uncancelled} }), all},
	{"law8/cancel-passes", "the work of who left goes on", plain(func(n next) abandons { return abandons{newThrough(n), uncancelled} }), all},

	{"law9/declared-operations", "an embedded interface hides the powers", plain(func(n next) struct{ storage.ByteStore } { return struct{ storage.ByteStore }{n} }), all},
	{"law9/declared-operations", "Supports denies what works", plain(func(n next) says {
		return says{newThrough(n), func(op storage.Op) bool { return op != storage.OpTake }}
	}), takeless},
	{"law9/declared-operations", "Supports promises what is refused", plain(func(n next) refusesTake {
		return newRefusesTake(n, true, false, storage.Unsupported(storage.OpTake, n))
	}), takeless},
	{"law9/declared-operations", "undeclared: a power", plain(func(n next) refusesTake {
		return newRefusesTake(n, false, false, storage.Unsupported(storage.OpTake, n))
	}), all},
	{"law9/declared-operations", "declared, not so: a power", plain(newThrough), takeless},
	{"law9/declared-operations", "declared, not so: a shortcut", plain(newThrough), Options{Native: without(AllOps, storage.OpHas)}},
	{"law9/declared-operations", "a loss of nothing", plain(newThrough), lossy(storage.OpGet, Loss{})},
	{"law9/declared-operations", "a loss of itself", plain(newThrough), lossy(storage.OpGet, Loss{As: storage.OpGet})},
	{"law9/declared-operations", "a loss of what is lost", plain(func(n next) refusesTake {
		return newRefusesTake(n, false, false, storage.Unsupported(storage.OpTake, n))
	}), Options{Native: takeless.Native, Losses: map[storage.Op]Loss{storage.OpTake: {As: storage.OpDelete}}}},
	{"law9/declared-operations", "holds entries", plain(newThrough), lossy(storage.OpGetEntry, Loss{Held: true})},
	{"law9/declared-operations", "refuses without a name", plain(func(n next) refusesTake {
		return newRefusesTake(n, false, false, errors.ErrUnsupported)
	}), takeless},
	{"law9/declared-operations", "refuses too late", plain(func(n next) refusesTake {
		return newRefusesTake(n, false, true, storage.Unsupported(storage.OpTake, n))
	}), takeless},
	{"law9/reaches-as-itself", "a batch as singles", plain(func(n next) singles { return singles{newThrough(n)} }), all},
	{"law9/reaches-as-itself", "Has as Get", plain(func(n next) hasByGet { return hasByGet{newThrough(n)} }), all},
	{"law9/reaches-as-itself", "a write sent twice", plain(func(n next) writesTwice { return writesTwice{newThrough(n)} }), all},
	{"law9/reaches-as-itself", "drops the ttl", plain(func(n next) forEver { return forEver{newThrough(n)} }), all},
	{"law9/reaches-as-itself", "an embedded store bypasses the key map", plain(func(n next) bypass {
		return bypass{storage.In[bytesOf](newThrough(n), storage.Scope{Prefix: "own:"}).(full.Store[bytesOf]), n}
	}), Options{Native: AllOps, OwnPrefix: true}},
	{"law9/reaches-as-itself", "undeclared: Get as GetEntry", plain(func(n next) entriesForGet { return entriesForGet{newThrough(n)} }), all},
	{"law9/reaches-as-itself", "declared, not so: Get as GetEntry", plain(newThrough), lossy(storage.OpGet, Loss{As: storage.OpGetEntry})},
	{"law9/asks-each-time", "undeclared: held in memory", plain(func(n next) remembers { return remembers{newThrough(n), new(sync.Map)} }), all},
	{"law9/asks-each-time", "declared, not so: held in memory", plain(newThrough), lossy(storage.OpGet, Loss{Held: true})},
	{"law9/scopes-go-down", "loses the name of a scope", plain(func(n next) losesName { return losesName{newThrough(n)} }), all},
	{"law9/scopes-go-down", "names the inner scope first", plain(func(n next) innerFirst { return innerFirst{newThrough(n), n, storage.Scope{}} }), all},
	{"law9/scopes-go-down", "a prefix is glued on", plain(newGlued), all},
	{"law9/scopes-go-down", "a view leaks its prefix", plain(func(n next) leaksPrefix { return leaksPrefix{newThrough(n), ""} }), all},
	{"law9/views-stay-apart", "one view for each name", plain(func(n next) byName { return byName{newThrough(n), new(sync.Map)} }), all},
	{"law9/three-methods", "a power in steps", plain(func(n next) takesInSteps {
		return takesInSteps{newThrough(n), func(next) bool { return true }}
	}), all},
	{"law9/three-methods", "a type assertion for a function", plain(func(n next) asserts { return asserts{newThrough(n)} }), all},
	{"law9/one-operation-less", "a power in steps, at times", plain(func(n next) takesInSteps {
		return takesInSteps{newThrough(n), func(n next) bool { return storage.Supports(n, storage.OpTouch) }}
	}), all},
	{"law9/one-operation-less", "loses two powers at once", plain(func(n next) wantsAll { return wantsAll{newThrough(n)} }), all},
	{"law9/one-operation-less", "refuses in its own name", plain(func(n next) ownName { return ownName{newThrough(n)} }), all},

	{"law10/close-ends-own-work", "a load outlives Close", plain(func(n next) abandons { return abandons{newThrough(n), detached} }), lossy(storage.OpGet, Loss{Detached: true})},
	{"law10/close-ends-own-work", "a load outlives Close on a slow machine", plain(func(n next) lingers { return lingers{abandons{newThrough(n), detached}} }), lossy(storage.OpGet, Loss{Detached: true})},
	{"law10/close-ends-own-work", "a goroutine outlives Close", newFlushesLater, all},
	{"law10/close-leaves-next-open", "closes the store below", plain(func(n next) closesNext { return closesNext{newThrough(n)} }), all},
	{"law10/close-leaves-next-open", "cannot be closed again", plain(func(n next) closesOneTime { return closesOneTime{newThrough(n), new(bool)} }), all},
	{"law10/close-leaves-next-open", "a view closes the store below", plain(func(n next) closesBelow { return closesBelow{newThrough(n)} }), all},
}

package storagetest

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/storage"
)

var powers = without(AllOps, storage.OpIn)

// storeSpecimens are stores that break a case of [TestStore].
var storeSpecimens = []struct {
	law  string // the first case that it breaks
	name string
	open func() storage.ByteStore
	opts Options
}{
	{"law1/read-your-write", "stale read", func() storage.ByteStore { return stale{newMighty(), new(sync.Map)} }, Options{Native: powers}},
	{"law1/views-see-one-store", "write through a view does not invalidate", func() storage.ByteStore { return forgetful{Minimal(storage.ByteStore(newTiny())), new(sync.Map)} }, Options{}},
	{"law1/batches", "absent keys in a batch", func() storage.ByteStore { return pads{newMighty()} }, Options{Native: powers}},
	{"law1/take-gives-to-one", "take in two steps", func() storage.ByteStore { return racyTake{newMighty()} }, Options{Native: powers}},
	{"law1/concurrent-use", "mixes up its callers", func() storage.ByteStore { return mixesUp{newTiny(), new(atomic.Value)} }, Options{}},
	{"law2/zero-is-a-value", "truthy Has", func() storage.ByteStore { return truthy{newMighty()} }, Options{Native: powers}},
	{"law2/zero-is-a-value", "empty is a miss", func() storage.ByteStore { return emptyMiss{newTiny()} }, Options{}},
	{"law2/absent-is-not-found", "a miss is no error", func() storage.ByteStore { return noMiss{newMighty(), new(sync.Map)} }, Options{Native: powers}},
	{"law3/zero-never-expires", "0 is a default ttl", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration {
			if ttl == 0 {
				return 10 * time.Millisecond
			}
			return ttl
		}}
	}, Options{}},
	{"law3/negative-is-refused", "negative is for ever", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration { return max(ttl, 0) }}
	}, Options{}},
	{"law3/expires", "never expires", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration { return min(ttl, 0) }}
	}, Options{}},
	{"law3/expires", "expires early", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration { return min(ttl, ttl/2+1) }}
	}, Options{}},
	{"law3/rounds-up", "truncates to milliseconds", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration {
			return min(ttl, max(ttl/time.Millisecond*time.Millisecond, 0))
		}}
	}, Options{}},
	{"law3/huge", "overflows", func() storage.ByteStore {
		return ttlMap{newTiny(), func(ttl time.Duration) time.Duration {
			if ttl <= 0 {
				return ttl
			}
			return (ttl + time.Millisecond - 1) / time.Millisecond * time.Millisecond
		}}
	}, Options{}},
	{"law3/expired-is-absent", "Has sees the expired", func() storage.ByteStore { return expiredHas{newMighty()} }, Options{Native: powers}},
	{"law3/entry-tells-expiry", "expiry is late", func() storage.ByteStore { return lateExpiry{newMighty()} }, Options{Native: powers}},
	{"law4/set-replaces-expiry", "keeps the expiry", func() storage.ByteStore { return keepsExpiry{newTiny()} }, Options{}},
	{"law4/versions", "swap returns the old version", func() storage.ByteStore { return oldVersion{newMighty()} }, Options{Native: powers}},
	{"law4/stale-swap-changes-nothing", "swaps whatever is there", func() storage.ByteStore { return blindSwap{newMighty()} }, Options{Native: powers}},
	{"law4/stale-swap-changes-nothing", "stale swap touches", func() storage.ByteStore { return touchySwap{newMighty()} }, Options{Native: powers}},
	{"law4/swap-creates-once", "swap in two steps", func() storage.ByteStore { return racySwap{newMighty()} }, Options{Native: powers}},
	{"law4/update-loses-nothing", "swap of a value in two steps", func() storage.ByteStore { return racyUpdate{newMighty()} }, Options{Native: powers}},
	{"law4/touch-moves-no-value", "touch only extends", func() storage.ByteStore { return extends{newMighty()} }, Options{Native: powers}},
	{"law5/hostile-keys", "folds case", func() storage.ByteStore { return keyMap{newTiny(), strings.ToLower} }, Options{}},
	{"law5/hostile-keys", "ends keys at NUL", func() storage.ByteStore {
		return keyMap{newTiny(), func(key string) string { before, _, _ := strings.Cut(key+"\x00", "\x00"); return before }}
	}, Options{}},
	{"law5/hostile-keys", "cleans UTF-8", func() storage.ByteStore {
		return keyMap{newTiny(), func(key string) string { return strings.ToValidUTF8(key, "?") }}
	}, Options{}},
	{"law5/empty-key", "takes the empty key", func() storage.ByteStore {
		return keyMap{newTiny(), func(key string) string { return "prefix" + key }}
	}, Options{}},
	{"law5/empty-key", "does the rest of a batch", func() storage.ByteStore { return emptyInBatch{newMighty()} }, Options{Native: powers}},
	{"law5/keys-lists", "lists the first page", func() storage.ByteStore { return firstPage{newMighty()} }, Options{Native: powers}},
	{"law5/keys-loop", "holds a lock over a yield", func() storage.ByteStore { return locked{newMighty()} }, Options{Native: powers}},
	{"law5/hostile-keys", "a prefix is a pattern", func() storage.ByteStore { return globs{newMighty()} }, Options{Native: powers}},
	{"law5/delete-prefix", "deletes the first page", func() storage.ByteStore { return deletesPage{newMighty()} }, Options{Native: powers}},
	{"law5/delete-everything", "flushes", func() storage.ByteStore { return flushes{newMighty()} }, Options{Native: powers}},
	{"law6/argument-is-copied", "aliases", aliases, Options{}},
	{"law6/result-is-stable", "reuses a buffer", func() storage.ByteStore { return inPlace{newTiny(), new([64]byte)} }, Options{}},
	{"law6/batch-arguments", "changes a batch", func() storage.ByteStore { return keepsBatch{newMighty()} }, Options{Native: powers}},
	{"law8/ended-context-writes-nothing", "writes, then looks at the context", func() storage.ByteStore { return lateCheck{newTiny()} }, Options{}},
	{"law8/ended-context-writes-nothing", "does not look at the context", func() storage.ByteStore { return deaf{newTiny()} }, Options{}},
	{"law8/ended-context-reads-truth", "cancel is a miss", func() storage.ByteStore { return missOnCancel{newTiny()} }, Options{}},
	{"law9/declared-powers", "Supports forgets", func() storage.ByteStore { return lost{newMighty()} }, Options{Native: powers}},
	{"law9/refused-powers", "undeclared power", func() storage.ByteStore { return newMighty() }, Options{Native: without(powers, storage.OpTake)}},
	{"law9/refused-powers", "refuses and does not say so", func() storage.ByteStore { return boasts{newMighty()} }, Options{Native: without(powers, storage.OpTake)}},
	{"law9/refused-powers", "refuses too late", func() storage.ByteStore { return halfTouch{newMighty()} }, Options{Native: without(powers, storage.OpTouch)}},
	{"law1/views-see-one-store", "embedded store bypasses the view", func() storage.ByteStore { return leaky{newMighty()} }, Options{Native: powers}},
	{"law1/views-see-one-store", "views do not nest", func() storage.ByteStore { return flat{newMighty()} }, Options{}},
	{"law9/views-are-isolated", "folds the case of prefixes", func() storage.ByteStore { return foldsPrefix{newMighty()} }, Options{Native: powers}},
	{"law9/views-nest", "remembers two prefixes", func() storage.ByteStore { return twoDeep{ByteStore: newMighty()} }, Options{}},
	{"law10/close", "a view closes its base", func() storage.ByteStore { return closesBase{newTiny(), new(bool)} }, Options{}},
	{"law10/close", "cannot be closed twice", func() storage.ByteStore { return closesOnce{newTiny(), new(bool)} }, Options{}},
	{"law11/errors-tell-no-secrets", "key in an error", func() storage.ByteStore { return tells{newTiny()} }, Options{}},
	{"law11/errors-tell-no-secrets", "value in an error", func() storage.ByteStore { return tellsValue{newTiny()} }, Options{}},
}

// outageSpecimens are stores that break a case of [TestOutage].
var outageSpecimens = []struct {
	law  string // the first case that it breaks
	name string
	wrap func(storage.ByteStore) storage.ByteStore
}{
	{"law7/unreachable-is-an-error", "an outage is a miss", func(s storage.ByteStore) storage.ByteStore { return missOnOutage{s} }},
	{"law7/unreachable-is-an-error", "an outage is false", func(s storage.ByteStore) storage.ByteStore { return falseOnOutage{s} }},
	{"law7/unreachable-is-an-error", "an error is swallowed", func(s storage.ByteStore) storage.ByteStore { return swallows{s} }},
	{"law7/unreachable-is-an-error", "an error of a driver", func(s storage.ByteStore) storage.ByteStore { return raw{s} }},
	{"law7/definite-means-not-done", "a definite error, done later", func(s storage.ByteStore) storage.ByteStore { return definite{s} }},
	{"law8/deadline-while-hanging", "the caller cannot leave", func(s storage.ByteStore) storage.ByteStore { return endless{s} }},
	{"law8/cancel-while-hanging", "the caller has to wait for its deadline", func(s storage.ByteStore) storage.ByteStore { return deadlinesOnly{s} }},
	{"law8/cancel-is-private", "the leader fails all", func(s storage.ByteStore) storage.ByteStore {
		return shared{s, new(sync.Mutex), make(map[string]*sharedCall)}
	}},
	{"law11/failures-tell-no-secrets", "key in a failure", func(s storage.ByteStore) storage.ByteStore { return chatty{s} }},
}

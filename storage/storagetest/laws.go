package storagetest

import "github.com/tunica-go/tunica/storage"

// laws returns the cases of [TestStore], in the order of the laws in the
// comment of package storage.
func laws[V any]() []law[V] {
	type c = check[V]
	needs := func(ops ...storage.Op) []storage.Op { return ops }
	return []law[V]{
		{1, "read-your-write", "what a write did is what every later read on the same stack finds, however it reads; a program relies on its own writes", nil, (*c).readYourWrite},
		{1, "views-see-one-store", "a write through the base, a namespace or a namespace in it is seen through all of them, also by who has read the key before", nil, (*c).viewsSeeOneStore},
		{1, "batches", "a batch is the same as its operations one by one: absent keys are absent, duplicates come once, an empty batch does nothing", nil, (*c).batches},
		{1, "take-gives-to-one", "of many callers that Take a key one gets the value and the others ErrNotFound; else a one-time token works twice", needs(storage.OpTake), (*c).takeGivesToOne},
		{1, "concurrent-use", "a store is safe for concurrent use, and each key has a value that was written to it", nil, (*c).concurrentUse},

		{2, "zero-is-a-value", "an empty value, nil, 0 and false are values: Get finds them and Has is true; absence is ErrNotFound and nothing else", nil, (*c).zeroIsAValue},
		{2, "absent-is-not-found", "a key without a value is ErrNotFound for every read of one key, and deleting it is no error", nil, (*c).absentIsNotFound},

		{3, "negative-is-refused", "a negative ttl is ErrInvalidTTL and stores nothing: a driver may take it for \"never\" or \"keep\"", nil, (*c).negativeIsRefused},
		{3, "expires", "a value is there until its ttl has passed, and gone soon after, whichever operation gave the ttl", nil, (*c).expires},
		{3, "zero-never-expires", "a ttl of 0 is no expiry", nil, (*c).zeroNeverExpires},
		{3, "rounds-up", "a positive ttl is rounded up to what the backend can hold: it never becomes 0, which is no expiry, and never ends early", nil, (*c).roundsUp},
		{3, "huge", "the longest ttl does not overflow into the past", nil, (*c).hugeTTL},
		{3, "expired-is-absent", "an expired key is absent for every operation, also for the first that looks", nil, (*c).expiredIsAbsent},
		{3, "entry-tells-expiry", "Entry.Expires is the expiry, zero for none, and never later than the moment at which the value goes: a cache keeps the value until then", needs(storage.OpGetEntry), (*c).entryTellsExpiry},

		{4, "set-replaces-expiry", "a write of a value replaces the expiry that was there", nil, (*c).setReplacesExpiry},
		{4, "versions", "a Version names the stored bytes: it is not empty, it changes with them, and CompareAndSwap returns the one that it stored", needs(storage.OpGetEntry, storage.OpCompareAndSwap), (*c).versions},
		{4, "stale-swap-changes-nothing", "CompareAndSwap with a stale Version is ErrConflict and changes neither value nor expiry", needs(storage.OpGetEntry, storage.OpCompareAndSwap), (*c).staleSwapChangesNothing},
		{4, "swap-creates-once", "an old Version of \"\" creates: of many callers one succeeds", needs(storage.OpCompareAndSwap), (*c).swapCreatesOnce},
		{4, "update-loses-nothing", "concurrent Updates of a key are all applied, each once", needs(storage.OpGetEntry, storage.OpCompareAndSwap), (*c).updateLosesNothing},
		{4, "touch-moves-no-value", "Touch gives a new expiry and leaves the value", needs(storage.OpTouch), (*c).touchMovesNoValue},

		{5, "hostile-keys", "a key is any non-empty string of up to 512 bytes at least, of any content, for every operation", nil, (*c).hostileKeys},
		{5, "empty-key", "the empty key is ErrInvalidKey, in a view too, and nothing is done, also not for the rest of a batch", nil, (*c).emptyKey},
		{5, "keys-lists", "Keys yields each stable key at least once and no other, under literal prefixes", needs(storage.OpKeys), (*c).keysLists},
		{5, "keys-loop", "a loop over Keys may write, delete, list and stop early", needs(storage.OpKeys), (*c).keysLoop},
		{5, "delete-prefix", "DeletePrefix removes what begins with the prefix, literally, and nothing else", needs(storage.OpDeletePrefix), (*c).deletePrefix},
		{5, "delete-everything", "DeletePrefix of \"\" empties a namespace and is ErrInvalidKey outside: nobody flushes a shared backend by mistake", needs(storage.OpDeletePrefix), (*c).deleteEverything},

		{6, "argument-is-copied", "a caller may reuse its bytes when a write has returned, and gets them back unchanged", nil, (*c).argumentIsCopied},
		{6, "result-is-stable", "what was read is not changed by a later call, nor, unless the store shares its values, by another reader", nil, (*c).resultIsStable},
		{6, "batch-arguments", "the slice or map of a batch is neither changed nor kept", nil, (*c).batchArguments},

		{8, "ended-context-writes-nothing", "a write whose context has ended before does nothing and matches ctx.Err()", nil, (*c).endedContextWritesNothing},
		{8, "ended-context-reads-truth", "a read whose context has ended matches ctx.Err() or gives the true answer, never a miss", nil, (*c).endedContextReadsTruth},

		{9, "declared-powers", "an operation that was declared native is native, also in a view: a wrapper that loses one takes it from everybody above", nil, (*c).declaredPowers},
		{9, "refused-powers", "a power that the store lacks is refused with errors.ErrUnsupported before anything happens, and Supports says so before", nil, (*c).refusedPowers},
		{9, "views-are-isolated", "a view reaches the keys under its prefix and no other, by no operation", nil, (*c).viewsAreIsolated},
		{9, "views-nest", "a view in a view is under both prefixes, and its keys are relative to it", nil, (*c).viewsNest},

		{10, "close", "closing a view does nothing, and a store may be closed twice", nil, (*c).closes},

		{11, "errors-tell-no-secrets", "neither keys nor values are in errors, which end up in logs", nil, (*c).errorsTellNoSecrets},
	}
}

// outageLaws returns the cases of [TestOutage].
func outageLaws[V any]() []law[V] {
	type c = check[V]
	return []law[V]{
		{7, "unreachable-is-an-error", "an unreachable backend is an error of every operation, never ErrNotFound and never false, which programs take for an answer", nil, (*c).unreachableIsAnError},
		{7, "definite-means-not-done", "a write that fails without ErrUnknownOutcome did not happen, and will not", nil, (*c).definiteMeansNotDone},
		{8, "deadline-while-hanging", "a caller whose deadline passes returns at once, with an error that matches ctx.Err()", nil, (*c).deadlineWhileHanging},
		{8, "cancel-while-hanging", "a caller who is cancelled returns at once, with an error that matches ctx.Err()", nil, (*c).cancelWhileHanging},
		{8, "cancel-is-private", "a cancelled caller takes nobody else's work along", nil, (*c).cancelIsPrivate},
		{11, "failures-tell-no-secrets", "neither keys nor values are in the errors of a failing backend", nil, (*c).failuresTellNoSecrets},
	}
}

package storagetest

import (
	"testing"

	"github.com/tunica-go/tunica/storage"
)

// decoratorLaws returns the cases of [TestDecorator]: the laws, as seen from
// the store below.
func decoratorLaws[V, W any](wrap func(testing.TB, storage.Store[V]) storage.Store[W]) []law[W] {
	type p = probe[V, W]
	over := func(run func(*p)) func(*check[W]) {
		return func(c *check[W]) { run(&p{check: c, wrap: wrap}) }
	}
	needs := func(ops ...storage.Op) []storage.Op { return ops }
	return []law[W]{
		{5, "keys-are-streamed", "Keys asks the store below when the loop begins, for each loop, and stops it when the loop is left; nothing is locked while the loop runs", needs(storage.OpKeys), over((*p).keysAreStreamed)},

		{7, "errors-pass", "an error of the store below is found by errors.Is in the decorator's, and its driver's error too; else nobody above can tell a miss from an outage", nil, over((*p).errorsPass)},
		{7, "partial-results-stay", "what a batch has read stays, next to the error that ended it", nil, over((*p).partialResultsStay)},
		{7, "keys-error-is-last", "Keys yields an error last, with an empty key, after the keys that came before it", needs(storage.OpKeys), over((*p).keysErrorIsLast)},
		{7, "writes-are-not-repeated", "a write that fails is not sent again: it may have happened", nil, over((*p).writesAreNotRepeated)},
		{7, "panics-come-out", "a panic below comes out, as it is or wrapped in an error, and the decorator serves whoever comes next", nil, over((*p).panicsComeOut)},

		{8, "context-passes", "the call below has the values and the deadline of the caller's context: they carry traces, credentials and patience", nil, over((*p).contextPasses)},
		{8, "cancel-passes", "a cancelled caller leaves at once, and the work below is told to stop", nil, over((*p).cancelPasses)},

		{9, "declared-operations", "Supports says what is declared, and what happens: what it denies is refused before anything happens", nil, over((*p).declaredOperations)},
		{9, "reaches-as-itself", "an operation reaches the store below once and as itself, with its keys, ttl and version: a batch is one batch, Has moves no value", nil, over((*p).reachesAsItself)},
		{9, "asks-each-time", "what is not declared as held in memory is asked of the store below each time", nil, over((*p).asksEachTime)},
		{9, "scopes-go-down", "a view's prefix and name reach the store below, outermost first, and its keys are relative to it", nil, over((*p).scopesGoDown)},
		{9, "views-stay-apart", "views are told apart by their prefixes, not by their names, which siblings may share", nil, over((*p).viewsStayApart)},
		{9, "three-methods", "over a store of three methods the shortcuts work by them, and the powers are refused: a power done in steps is no longer one", nil, over((*p).threeMethods)},
		{9, "one-operation-less", "over a store that lacks one operation that one is lost and no other, and a refusal names the layer that refused", nil, over((*p).oneOperationLess)},

		{10, "close-ends-own-work", "Close waits until the work that the decorator itself started has ended, and starts no other", nil, over((*p).closeEndsOwnWork)},
		{10, "close-leaves-next-open", "Close may be called twice and leaves the store below open, which belongs to whoever opened it", nil, over((*p).closeLeavesNextOpen)},
	}
}

// Package retry tries an operation again that a store has failed for the
// moment.
//
//	store := retry.New(redisstore.New(client), retry.Options{})
//
// # Which operations
//
// Reads and Ping. Keys is not among them: what its loop has seen cannot be taken
// back.
//
// [Options].Writes adds Set, Delete, SetMany and DeleteMany: done twice, they
// leave what they leave when done once. What that means for other writers is
// told there. Never tried again are
//
//   - Take: if the first try took the value, the second one finds none, and
//     the value is lost;
//   - CompareAndSwap: if the first try won, the second one is told that it lost;
//   - Touch: a late one gives another writer's newer value the old expiry,
//     which is a state of the key that nobody has written;
//   - DeletePrefix: it also removes what was written since, under keys that its
//     caller never named.
//
// A caller who got a definite error of one of these knows that nothing was done,
// and may ask again.
//
// # Which errors
//
// Those for which [storage.Failed] is true, because they may be gone in a
// moment: [storage.ErrUnavailable], a deadline missed below, and what none of
// storage's errors explains. So a miss, a conflict, misuse and a caller's own
// cancel end the operation, and so do errors that match
//
//   - [storage.ErrOverloaded]: who is overloaded is to be asked less, not more.
//     Those who are to wait for their turn wait in decorators/limit;
//   - [storage.ErrReadOnly], [storage.ErrUnauthorized], [storage.ErrCorrupt],
//     [storage.ErrClosed]: they stay;
//   - an error with a method Retryable() bool that returns false, such as that of
//     decorators/breaker for an operation that it refuses.
//
// # When
//
// Each wait is drawn anew between Base and three times the one before, and at
// most Max: the decorrelated jitter of Marc Brooker, "Exponential Backoff And
// Jitter", AWS Architecture Blog, 2015. Callers who fail together do not come
// back together.
//
// An operation ends without another try when its tries are used up, when the
// deadline of its context does not leave time for the wait, or when the budget
// is used up. When its context ends during a wait it returns at once.
//
// The budget keeps an outage from being multiplied. Every operation that could
// be tried again pays Budget tokens into a bucket, and every further try takes
// one out, as in Finagle's RetryBudget: in the long run there are no more than
// Budget tries for each operation, whatever Attempts says. The bucket holds 100,
// and is full in the beginning: as many as fail at once when a pool of
// connections breaks. It is shared by all stores of one interceptor.
//
// # Errors
//
// An operation that was tried once ends with the error of the store. One that
// was tried more often ends with that of the last try, and the number of tries
// before it. If a try of a write ended in [storage.ErrUnknownOutcome], and no
// later one succeeded, so does the write, although the last try may have failed
// definitely. If its context ended during a wait, the error matches both
// ctx.Err() and that of the try before.
package retry

// Package limit bounds what is asked of a store: how many operations are in it
// at a time, and how many go to it in a second.
//
//	store := limit.New(redisstore.New(client), limit.Options{Rate: 5000})
//
// # Waiting
//
// An operation that finds no room waits for its turn, which comes in order, for
// at most MaxWait. It is refused, with an error that matches
// [storage.ErrOverloaded] and before anything was done, when MaxWait has passed,
// or at once, when its turn cannot come before that or before the deadline of its
// context, or when too many wait already. A caller whose context ends while it
// waits returns at once with an error that matches ctx.Err().
//
// What waits for its rate is not yet counted as in the store.
//
// # What counts
//
// An operation takes one place, and so does a batch. From the rate a batch takes
// as much as it has keys, since they are what it costs the backend; but never
// more than Burst, or a large one would never come.
//
// Keys waits for a place, and gives it back when its loop begins. It lasts as
// long as the loop, whose body may use the store, and would wait there for itself.
//
// Ping is neither counted nor refused. A readiness probe asks about the backend,
// and an instance that is taken out of service because it is busy makes the
// others busier.
//
// The limits are the interceptor's: stores that share one share them.
package limit

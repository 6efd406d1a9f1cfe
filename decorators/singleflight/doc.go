// Package singleflight makes concurrent Gets of one key share one call to the
// store below.
//
// It keeps nothing: a Get that finds no call in progress makes one. A cache
// does the same for its loads, so a stack with a cache needs no singleflight
// below it; it is for stores that are not cached.
//
// What is shared is as fresh as an own call: every write through this store
// detaches the calls in progress, so that a Get that begins after a write
// never gets the value from before it. Calls for one key do not overlap,
// except that one which nobody waits for, or which is older than 250 ms and
// detached, is given up, each in a row with twice the patience of the one
// before. No caller's context decides another's result: who
// leaves, leaves at once, and the last one to leave cancels the call. A call
// carries the context values of the caller that began it. If it panics, every
// caller that waits for it panics, with an error that has the value of the
// panic and the stack, and wraps the value if that is an error.
package singleflight

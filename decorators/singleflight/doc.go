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
// except that one which nobody waits for, or for whose end somebody has waited
// 250 ms who may not share it, is given up, each in a row with twice the patience
// of the one before. No caller's context decides another's result: who
// leaves, leaves at once, and the last one to leave cancels the call. A call
// carries the context values of the caller that began it. If it panics, every
// caller that waits for it panics, with an error that has the value of the
// panic and the stack, and wraps the value if that is an error.
//
// A caller whose context cannot end, such as [context.Background], performs the
// call that it begins itself, and waits for its end whatever happens: that costs
// no goroutine, and no allocation while nobody shares the call.
package singleflight

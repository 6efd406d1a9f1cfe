// Package flight shares the loads of keys: many callers that want the same
// key at the same time wait for one load.
//
// A [Table] keeps these rules, for the loads of each key:
//
//   - Loads never overlap. A caller that may not share the load in progress,
//     because a write has detached it since it began, waits for the next one,
//     which begins when the one in progress ends. So what callers read never
//     goes backwards.
//   - The exception are zombies: a load that nobody waits for any more, or
//     for whose end a next one has waited for [SlowAfter], is given up and
//     cancelled. Its result is thrown away and its callers move to the next
//     load. A key has two zombies at most.
//   - No caller's context decides another's result. A caller whose context
//     ends leaves at once; the last one to leave cancels the load. A caller
//     whose context cannot end performs the load that it begins: see
//     docs/decisions/014-who-performs-a-load.md.
//   - A panic in a load reaches every caller that waits for it, and so does
//     runtime.Goexit, as an error.
//
// The package golang.org/x/sync/singleflight keeps none of the four; see
// docs/decisions/002-flight-engine.md.
package flight

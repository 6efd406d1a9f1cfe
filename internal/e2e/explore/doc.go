// Package explore runs small scenarios over the real code of the cache and of
// singleflight in every order that their steps allow.
//
// A [Scenario] is a program for a few clients over a stack whose backend
// answers no call by itself. In a bubble of testing/synctest the explorer waits
// until all goroutines are blocked and then takes one step of those that are
// possible: a client begins its next operation, a call takes effect in the
// backend, a call returns or fails, a context is cancelled, time passes. The
// choices are a schedule, and the explorer takes them all, one run for each.
//
// After each run the history of the operations must be linearizable, which
// porcupine decides, for each key as a register whose absence is a value. What
// is checked on the way is in inspect.go: nobody hangs, loads of a key do not
// overlap, what nobody waits for is cancelled, no caller gets another's
// failure, and nothing is left when the stack is closed.
//
// The tests print the number of schedules. One that fails prints the steps, and
// how to take them again:
//
//	go test ./explore -run TestExplore "-explore.schedule=own-write;0.2.1"
package explore

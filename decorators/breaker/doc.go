// Package breaker stops asking a store that fails, and looks from time to time
// whether it is back.
//
//	store := breaker.New(redisstore.New(client), breaker.Options{})
//
// # States
//
//   - [Closed]: every operation goes to the store, and the breaker counts. When
//     within Window there were MinCalls results at least, and the part of
//     failures among them is Ratio or more, the failure that makes it so opens
//     the breaker.
//   - [Open]: operations fail at once with an error that matches
//     [storage.ErrUnavailable], without asking the store: a write was not done.
//     The error has a method Retryable, which returns false, so that
//     decorators/retry does not try again what is meant to fail fast. After
//     Cooldown the next operation finds the breaker half-open.
//   - [HalfOpen]: at most Probes operations at a time go to the store, and the
//     others fail as before. As many successes close the breaker, one failure
//     opens it again. A probe whose result does not count makes room for another,
//     and so do probes that have not come back after Cooldown.
//
// An operation counts when it ends, in the state in which it began: what was sent
// before the breaker opened does not close it, and does not open it again. Keys
// ends with its loop.
//
// The state is the interceptor's: stores that share one are one to it, so they
// should share a backend.
//
// # What counts
//
// A failure is what [storage.Failed] says, as far as it tells that the store
// cannot be reached or does not answer: [storage.ErrUnavailable], an unknown
// outcome, a missed deadline, what none of storage's errors explains. A missed
// deadline counts whoever set it, for it is the only sign of a server that has
// gone silent.
//
// A success is a result of the store: no error, [storage.ErrNotFound],
// [storage.ErrConflict].
//
// Nothing else counts as one or the other:
//
//   - the cancel of a caller, and what was asked with a context that had ended;
//   - misuse and [errors.ErrUnsupported], for which the store may not have been
//     asked;
//   - [storage.ErrReadOnly], [storage.ErrUnauthorized], [storage.ErrCorrupt]: the
//     server is there, and its reason is worth more to a caller than ours;
//   - [storage.ErrOverloaded]: a server out of memory still answers reads, and a
//     limit below refuses by itself;
//   - [storage.ErrClosed], and panics.
//
// # Ping
//
// It always goes to the store and never counts. A readiness probe asks about the
// backend and not about this breaker: refused by it, an instance that gets no
// requests because it is not ready would not notice that it could be.
package breaker

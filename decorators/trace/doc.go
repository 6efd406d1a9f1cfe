// Package trace makes an OpenTelemetry span of every operation of a store.
//
//	store := trace.New(redisstore.New(client), trace.Options{System: "redis"})
//
// It needs only OpenTelemetry's API; the SDK is the program's choice.
//
// # Which operations get a span
//
// Those whose context has a span that is being recorded. Below one that is
// not sampled, or without one, an operation goes straight to the store below
// and nothing is allocated. [Options].Roots adds spans without a parent.
//
// # What a span says
//
// It is named "{operation} {collection}", such as "get sessions", where the
// collection is the namespace that the operation came through, and follows the
// semantic conventions for databases:
//
//   - db.operation.name: the name of the operation, such as get_many
//   - db.collection.name: the namespace, if there is one
//   - db.operation.batch.size: the number of keys, if they are two or more
//   - db.system.name: [Options].System; then the kind is CLIENT, else INTERNAL
//   - error.type: only if the store failed, as [storage.Failed] tells, and then
//     the status is Error: unknown_outcome, closed, corrupt, unauthorized,
//     read_only, overloaded, timeout, unavailable, panic, or _OTHER for an error
//     that is none of storage's
//   - tunica.hits: of a read that did not fail, the number of keys that it found
//   - tunica.outcome: of an error that is no failure: not_found, conflict,
//     invalid_key, invalid_ttl, invalid_value, too_large, unsupported, canceled
//   - tunica.key: only by [Options].Key
//
// So a miss is a span without an error, with tunica.hits of 0, and a caller
// who gives up does not colour it red.
//
// Neither keys, values nor the texts of errors and panics, which may quote
// them, get onto a span.
//
// Keys has one span around the whole iteration, the time in the caller's loop
// included. What the loop calls is no child of it.
package trace

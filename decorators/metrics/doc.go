// Package metrics measures the operations of stores, and what caches count, with
// OpenTelemetry. It needs only OpenTelemetry's API; the SDK is the program's
// choice.
//
//	edge := metrics.New(redisstore.New(client), metrics.Options{System: "redis"})
//	c := cache.New(edge, cache.Options{})
//	registration, err := metrics.Cache(c, metrics.CacheOptions{})
//
// A hit of a cache is no call of a database, and there are two levels of figures.
//
// # At the edge
//
// Right above an adapter of another process, with [Options].System set, each
// operation is recorded in the instrument of the semantic conventions for
// databases:
//
//   - db.client.operation.duration, in seconds, by db.system.name,
//     db.operation.name, db.collection.name and error.type
//
// The operations are those of this module, such as get_entry, and not the commands
// that an adapter makes of them. Instrumentation of the client that it stands on
// records commands under the same name.
//
// # Above
//
// Elsewhere the figures are those of a layer, by tunica.layer, if
// [Options].Layer names it, tunica.operation.name, tunica.namespace and error.type:
//
//   - tunica.operation.duration, in seconds
//
// Both levels have the number of operations that are under way, by tunica.layer,
// tunica.namespace and, at the edge, db.system.name:
//
//   - tunica.operation.active
//
// A cache counts its hits by itself, without looking at the clock. [Cache] shows
// those figures when somebody collects, by tunica.namespace and, if
// [CacheOptions].Name names the cache, tunica.cache.name:
//
//   - tunica.cache.requests: keys that were asked for, by tunica.cache.result,
//     which is hit or miss
//   - tunica.cache.loads: reads of the store below, of which a batch is one
//   - tunica.cache.evictions: entries that had to go before their time
//   - tunica.cache.entry.count: entries that are held
//   - tunica.cache.size: the bytes of their keys and values
//
// # Attributes
//
// The namespace is the one that the operation came through, by its name, which
// several dynamic ones share. Operations without one do not have the attribute.
// There is an error.type only if the store failed, as [storage.Failed] tells:
// unknown_outcome, closed, corrupt, unauthorized, read_only, overloaded, timeout,
// unavailable, panic, or _OTHER for an error that is none of storage's. A miss and
// a conflict are answers. Neither keys, values nor the texts of errors are told.
//
// The SDK keeps 2000 sets of attributes for an instrument, and adds up what comes
// later in one. There is one set for each operation, namespace and error.type that
// occurs: with all operations in use, some hundred namespaces fit.
//
// Keys is recorded as one operation around the whole iteration, the time in the
// caller's loop included. If the loop panics, or ends its goroutine, that counts as
// a panic, as it does of any operation.
package metrics

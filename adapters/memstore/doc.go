// Package memstore is the adapter that keeps values in memory, for values of
// any type: the store of a plugin that is given none, and of tests.
//
//	store := memstore.New[[]byte]()
//
// It has every operation of package storage, and keeps every law.
//
// # Values
//
// Bytes are copied on their way in and out: []byte, types made of it such as
// json.RawMessage, and []byte in an any. Values of other types are stored as
// they are: what they refer to is shared with whoever stored them and whoever
// reads them, and must not be changed. [Clone] makes the store copy them too.
//
// # Expiry
//
// A ttl holds to the nanosecond, on the monotonic clock. An expired key is
// absent for every operation. There is no goroutine: an expired entry is
// removed when its key is used, and every write removes up to two expired
// entries among the 1/64 of the keys to which its own belongs. So the store
// never holds more entries than were live at one time in each of these parts,
// and a store that is no longer written to keeps what it has. A write of a
// value that expires costs O(log n).
//
// # Bounds
//
// A store grows without bound unless it is given [MaxEntries] or [MaxBytes].
// When it is full it refuses what does not fit, or evicts what was not used
// for long, as [Evict] says.
//
// # Concurrency
//
// Operations on one key are atomic. Those on many keys (the batches, Keys,
// DeletePrefix) are not atomic as a whole. A lock is held for one part of the
// keys at a time, and never while a hook or the body of a loop over Keys runs.
package memstore

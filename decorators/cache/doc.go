// Package cache keeps values of a slower store in memory and reads through to
// it.
//
//	c := cache.New(redisstore.New(client), cache.Options{MaxEntries: 10_000})
//	defer c.Close()
//	sessions := namespace.New(c, "sessions")
//
// # What it promises
//
// Fence. A write goes to the store below and then drops the key here; the
// written value is never put into the cache, so a Set followed by a Get is
// one read of the store below. A load that was in progress while its key was
// written is not kept, and a Get that begins after the write does not share
// it. So a Get never returns a value older than a write that had returned
// before it began, and Gets that follow one another never go back, through
// any view of the cache.
//
// Stampede. Concurrent Gets of a key share one load. Loads of a key do not
// overlap, except that one which nobody waits for, or for whose end somebody has
// waited 250 ms who may not share it because of a write, is given up; two of those
// a key at most, and each in a row with twice the patience of the one before.
// No caller's context decides another's result: who leaves, leaves at once,
// and the last one to leave cancels the load. A caller whose context cannot end,
// such as [context.Background], performs the load that it begins itself, which
// costs no goroutine, and waits for its end. If a load panics, every caller
// that waits for it panics with the same value. A batch is one load.
//
// Deadlines. An entry never outlives its value in the store below: a load
// asks for the remaining ttl and keeps the value no longer, and no longer
// than [Options].TTL, because another process may write. Over a store that
// cannot tell the remaining ttl, loads are shared and nothing is kept unless
// Options.TTL is set. After a write whose outcome is unknown its key is not
// kept for 5 seconds, because the write may yet happen; a write that comes
// even later is seen when the entry expires.
//
// Backend. GetEntry, GetEntries, CompareAndSwap, Take and Touch always reach
// the store below.
//
// # Sharing
//
// Readers share what the cache holds and must not write to it. For []byte,
// append is safe: the capacity is cut to the length. With [Clone] each reader
// gets a copy.
package cache

// Package redisstore keeps values in Redis, by go-redis.
//
//	store, err := redisstore.Open(ctx, "redis://localhost:6379", redisstore.Prefix("shop:"))
//
// [Open] makes a client and owns it, [New] borrows one. The store has every
// operation of package storage and keeps its laws; storagetest checks them on
// real servers. Each operation is one round trip, but for Keys and DeletePrefix,
// and for batches of more than 500 keys or of more than a mebibyte.
//
// Concurrent operations on one key share pipelines. A command goes out at once if
// none is on its way, and otherwise with all the others that have come until one
// is back, in the order in which they came. A caller who is alone waits for
// nobody, and each has its own result, whatever becomes of the others. Hooks of
// the client see what is shared as pipelines.
//
// # The server
//
// Redis 6.2 or newer, or Valkey: one server, a Cluster, or the master that
// Sentinels know. GETDEL (Take) is what needs 6.2. CompareAndSwap, and Touch
// without an expiry, run small scripts by EVALSHA and EVAL: a user of an ACL needs
// these commands and the ones that the scripts call (GET, SET, EXISTS, PERSIST).
// GetEntry and GetEntries read by MULTI, GET or MGET, PTTL and EXEC, and by a
// script where a user may not do that, or a Cluster is moving the key: that costs
// the server twice as much. A server without memory is asked by it too. The others
// are GET, SET, EXISTS, UNLINK, PEXPIRE, SCAN, PING, INFO and, in a Cluster, CLUSTER
// SLOTS and CLUSTER NODES.
//
// A key is Prefix + the prefixes of the views + the key of the caller; a value
// is a string of Redis with nothing around it, so that other programs can read
// it. A ttl is in milliseconds, rounded up. A key that holds another type is
// [storage.ErrCorrupt] to those who read its value, and exists to the others.
//
// # Cluster
//
// Every command and transaction has one key, so that nothing needs keys to be in
// one slot; a batch is a pipeline to each master that has some of its keys, at the
// same time.
// A command goes out again where a node says MOVED or ASK, which is a refusal,
// and never otherwise, reads included. If a part of a batch fails, the rest is
// done, and a read returns what it has next to the error.
//
// Keys and DeletePrefix visit every master, and those again to which keys came
// meanwhile, with a slot or by a failover. Ping asks every master: it fails when a
// part of the keys cannot be reached.
//
// A fault has the slots loaded again, so that calls go on soon after a replica
// has taken over; go-redis by itself would do so once a minute. Values come from
// masters only: a replica may return one from before a write.
//
// # Sentinel
//
// Calls go to the master that the Sentinels name, and on when they name another
// one. Of what the old one had acknowledged, what it did not replicate is lost:
// that is so with Redis, whoever the client is, and most of all in a failover
// that is asked for while clients write.
//
// # Failures
//
// A write goes out at most once, whatever the client's settings say. It ends as
// done, as refused (nothing happened, and nothing will), or, when it was sent and no
// reply came, as [storage.ErrUnknownOutcome]. A batch is unknown if any of its
// commands is, and after a refusal some of it may have been done. Reads may be
// retried by the client of one server; one that shared a broken pipeline with
// other callers is sent once more than that.
//
// Every error is one of package storage, says what the server said by its first
// word, such as OOM, and holds no key, no value and no credentials: errors of
// the client are not in the chain, for they may.
//
//   - [storage.ErrUnavailable]: no connection, no reply, LOADING, MASTERDOWN,
//     NOREPLICAS, MISCONF, BUSY, CLUSTERDOWN, TRYAGAIN and other refusals; a
//     redirect that leads nowhere; Sentinels that cannot be reached or do not know
//     the master; a listing that is partial.
//   - [storage.ErrReadOnly]: the server is a replica.
//   - [storage.ErrUnauthorized]: wrong or missing credentials or certificate, or not
//     permitted.
//   - [storage.ErrOverloaded]: the server is out of memory or of connections, or
//     the client's pool is.
//   - [storage.ErrCorrupt]: the key holds another type.
//   - [storage.ErrClosed]: the store or its client was closed.
//
// # Contexts
//
// A caller whose context ends returns at once, even if the server is silent and
// the client does not look at contexts. The call then goes on in a goroutine
// until the client's timeouts end it; a write that was not sent by then is not
// sent any more, unless it is in a pipeline with others that is on its way: then
// its outcome is unknown. At most 1024 calls can be left so, after which
// others are [storage.ErrOverloaded]; [Store.Stats] tells how many there are. A
// context that cannot end, such as [context.Background], saves the goroutine, which
// costs a lone call some microseconds.
//
// # Settings of a borrowed client
//
// The defaults of go-redis make callers wait for a dead server and leave a silent
// one's connections occupied, and some settings make reads stale. Open sets what
// hurts by default; [Lint] says which settings of a client do, why, and what it
// cannot see: hooks above all, which see keys and values. It cannot see either, of
// [redis.FailoverOptions],
//
//   - ReplicaOnly: every write is ErrReadOnly, and a read may return a value from
//     before another's write;
//   - DialTimeout, which is for finding the master and dialling it. If it is not
//     longer than ReadTimeout, a Sentinel that hangs may be asked again and again,
//     and the others not.
package redisstore

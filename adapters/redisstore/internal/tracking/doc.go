// Package tracking is a link to one Redis server that tells which keys have
// changed, whoever has changed them: another program, redis-cli, the end of a ttl,
// eviction or FLUSHALL.
//
// It is a connection of its own that speaks RESP3, with CLIENT TRACKING in
// broadcast mode for one prefix. The connections of a client will not do: they
// read what the server pushes only when they are used, and one that is replaced
// has missed something without a word.
//
// A PING goes out at intervals, and its answer comes after all that the server had
// to tell before. So what has not been told when the answer is there was not
// acknowledged to its writer when the PING went out. That is what a [Beat] says.
//
// The link subscribes to a channel on which nobody publishes. That makes it a
// subscriber for the server, which limits how much it keeps for one that does not
// read, and hangs up; it would keep everything for another client.
package tracking

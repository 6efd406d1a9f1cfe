package redisstore

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// readEntry returns the value and what is left of its ttl, which no other
// client's write can come between, where there can be no transaction. The clock
// stands still while a script runs, so that a key with a value has a ttl or never
// expires.
var readEntry = newScript(`local v = redis.pcall('GET', KEYS[1])
if type(v) ~= 'string' then return v end
local ttl = redis.pcall('PTTL', KEYS[1])
if type(ttl) ~= 'number' then return ttl end
return {v, ttl}`)

// GetEntry implements [storage.EntryGetter] by a transaction of GET and PTTL, in
// one round trip.
func (s *keyspace) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	wire, err := s.wire(storage.OpGetEntry, key)
	if err != nil {
		return storage.Entry[[]byte]{}, err
	}
	asked := time.Now()
	r := newEntryRead(wire)
	return share(ctx, s.link, storage.OpGetEntry, r, func(reply redis.Cmder) (storage.Entry[[]byte], error) {
		if r.entry != nil {
			return entry(r.entry.value, r.entry.ttl, asked)
		}
		return scriptEntry(reply, asked)
	})
}

// GetEntries implements [storage.EntriesGetter] by transactions like those of
// GetEntry, and in a Cluster by pipelines of scripts. With an error the result
// holds the entries that were read.
func (s *keyspace) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[[]byte], error) {
	return readMany(ctx, s, storage.OpGetEntries, keys, func(ctx context.Context, wires []string, got func(int, storage.Entry[[]byte], error)) error {
		asked := time.Now()
		if s.link.client.cluster == nil {
			t := newTransaction(ctx, wires...)
			err := s.link.client.pipeline(ctx, func(p redis.Pipeliner) { t.queue(ctx, p, false) })
			aborted := false
			for i := range wires {
				e := storage.Entry[[]byte]{}
				value, ttl, err := t.read(i)
				if err == nil {
					e, err = entry(value, ttl, asked)
				}
				if aborted = err == errAborted; aborted {
					break
				}
				got(i, e, err)
			}
			if !aborted {
				return err
			}
		}
		evals := make([]question, len(wires))
		for i, wire := range wires {
			// The text each time: in a pipeline a NOSCRIPT would cost a second one.
			evals[i].Cmder = redis.NewCmd(ctx, "eval", readEntry.text, 1, wire)
		}
		err := s.link.client.askMany(ctx, evals)
		for i := range evals {
			if err := evals[i].err(); err != nil {
				got(i, storage.Entry[[]byte]{}, err)
				continue
			}
			e, err := scriptEntry(evals[i].Cmder, asked)
			got(i, e, err)
		}
		return err
	})
}

// scriptEntry makes an entry of the reply to readEntry.
func scriptEntry(reply redis.Cmder, asked time.Time) (storage.Entry[[]byte], error) {
	fields, _ := reply.(*redis.Cmd).Val().([]any)
	if len(fields) != 2 {
		return storage.Entry[[]byte]{}, errReply
	}
	return entry(fields[0], fields[1], asked)
}

// entry makes an entry of the replies to GET and PTTL. The ttl is counted from the
// moment before the request was sent, so Expires is not after the server's: it
// counts in whole milliseconds, and drops a key when the last one is over.
func entry(reply, left any, asked time.Time) (storage.Entry[[]byte], error) {
	value, ok1 := reply.(string)
	ttl, ok2 := left.(int64)
	if !ok1 || !ok2 || ttl < -1 {
		return storage.Entry[[]byte]{}, errReply
	}
	e := storage.Entry[[]byte]{Value: bytesOf(value)}
	e.Version = versionOf(e.Value)
	if ttl >= 0 {
		e.Expires = after(asked, ttl)
	}
	return e, nil
}

// after returns the time ms milliseconds after t, for any ms.
func after(t time.Time, ms int64) time.Time {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	if ms > most { // 292 years: another client's
		return t.Add(1<<63 - 1)
	}
	return t.Add(time.Duration(ms) * time.Millisecond)
}

// versionOf is what the server computes too, when it compares.
func versionOf(value []byte) storage.Version { return storage.Version(digest(value)) }

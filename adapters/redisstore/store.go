package redisstore

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

var (
	_ full.Adapter[[]byte] = (*Store)(nil)
	_ full.Adapter[[]byte] = (*keyspace)(nil)
)

// A Store keeps values in Redis. It is safe for concurrent use. [New] and
// [Open] make one; the zero value is not usable.
type Store struct{ keyspace }

// A keyspace is the keys under a prefix: a store's, or a view's, which can do
// what a store can with keys, and nothing else.
type keyspace struct {
	link   *link
	prefix string // on the wire, before every key
}

// New returns a store on client, which stays the caller's: Close leaves it
// open. [Lint] says which of its settings hurt.
//
// The client is a [*redis.Client], from [redis.NewClient] or
// [redis.NewFailoverClient], or a [*redis.ClusterClient] from
// [redis.NewClusterClient] that reads from masters. New panics for any other:
// for a [redis.Ring], which moves keys without their values when a server is
// gone, for a [redis.AutoPipeliner], which does not tell what was sent, and for
// one that reads from replicas or has its slots from elsewhere (ReadOnly,
// RouteByLatency, RouteRandomly, ClusterSlots, [redis.NewFailoverClusterClient]).
func New(client redis.UniversalClient, opts ...Option) *Store {
	checkClient(client)
	return newStore(client, false, opts)
}

func newStore(client redis.UniversalClient, owned bool, opts []Option) *Store {
	o := settings(opts)
	return &Store{keyspace{link: newLink(client, owned, o.maxValue), prefix: o.prefix}}
}

// Close ends the store and its views: their operations return
// [storage.ErrClosed] from then on. It waits for the calls whose callers have
// left, which last as long as the client's timeouts. It closes the client if
// [Open] made it. It may be called again.
func (s *Store) Close() error { return s.link.close() }

// In implements [storage.Scoper]: the view puts scope.Prefix before its keys,
// after the prefixes that are there already.
func (s *keyspace) In(scope storage.Scope) storage.Store[[]byte] {
	return &keyspace{link: s.link, prefix: s.prefix + scope.Prefix}
}

// wire returns the name of key on the server.
func (s *keyspace) wire(op storage.Op, key string) (string, error) {
	if key == "" {
		return "", storage.ErrInvalidKey
	}
	if n := len(s.prefix) + len(key); n > MaxKeySize {
		return "", fmt.Errorf("redisstore: %s: %w: a key of %d bytes, the limit is %d", op, storage.ErrTooLarge, n, MaxKeySize)
	}
	return s.prefix + key, nil
}

func (s *keyspace) wires(op storage.Op, keys []string) ([]string, error) {
	wires := make([]string, len(keys))
	for i, key := range keys {
		wire, err := s.wire(op, key)
		if err != nil {
			return nil, err
		}
		wires[i] = wire
	}
	return wires, nil
}

func (s *keyspace) checkSize(op storage.Op, value []byte) error {
	if len(value) > s.link.maxValue {
		return fmt.Errorf("redisstore: %s: %w: a value of %d bytes, the limit is %d", op, storage.ErrTooLarge, len(value), s.link.maxValue)
	}
	return nil
}

// millis returns ttl in the unit of Redis, rounded up, so that a positive ttl
// never becomes "no expiry".
func millis(ttl time.Duration) int64 {
	ms := int64(ttl / time.Millisecond)
	if ttl%time.Millisecond > 0 {
		ms++
	}
	return ms
}

// Get implements [storage.Store] by GET. A key that holds another type than a
// string is [storage.ErrCorrupt].
func (s *keyspace) Get(ctx context.Context, key string) ([]byte, error) {
	wire, err := s.wire(storage.OpGet, key)
	if err != nil {
		return nil, err
	}
	return share(ctx, s.link, storage.OpGet, newRead(wire, redis.NewStringCmd(ctx, "get", wire)), func(reply redis.Cmder) ([]byte, error) {
		return reply.(*redis.StringCmd).Bytes()
	})
}

// Set implements [storage.Store] by SET PX.
func (s *keyspace) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	wire, err := s.wire(storage.OpSet, key)
	if err != nil {
		return err
	}
	if ttl < 0 {
		return storage.ErrInvalidTTL
	}
	if err := s.checkSize(storage.OpSet, value); err != nil {
		return err
	}
	w := newWrite(wire)
	value = keep(ctx, value)
	r := newWriting(ctx, w, setArgs(w, value, ttl)...)
	r.size += len(value)
	_, err = share(ctx, s.link, storage.OpSet, r, anything)
	return err
}

func setArgs(key any, value []byte, ttl time.Duration) []any {
	if ttl == storage.NoExpiry {
		return []any{"set", key, value}
	}
	return []any{"set", key, value, "px", millis(ttl)}
}

// Delete implements [storage.Store] by UNLINK.
func (s *keyspace) Delete(ctx context.Context, key string) error {
	wire, err := s.wire(storage.OpDelete, key)
	if err != nil {
		return err
	}
	w := newWrite(wire)
	_, err = share(ctx, s.link, storage.OpDelete, newWriting(ctx, w, "unlink", w), anything)
	return err
}

// Has implements [storage.Haser] by EXISTS. It is true for a key of any type.
func (s *keyspace) Has(ctx context.Context, key string) (bool, error) {
	wire, err := s.wire(storage.OpHas, key)
	if err != nil {
		return false, err
	}
	return share(ctx, s.link, storage.OpHas, newRead(wire, redis.NewIntCmd(ctx, "exists", wire)), func(reply redis.Cmder) (bool, error) {
		return reply.(*redis.IntCmd).Val() > 0, nil
	})
}

// Take implements [storage.Taker] by GETDEL.
func (s *keyspace) Take(ctx context.Context, key string) ([]byte, error) {
	wire, err := s.wire(storage.OpTake, key)
	if err != nil {
		return nil, err
	}
	w := newWrite(wire)
	return share(ctx, s.link, storage.OpTake, newWriting(ctx, w, "getdel", w), func(reply redis.Cmder) ([]byte, error) {
		value, ok := reply.(*redis.Cmd).Val().(string)
		if !ok {
			return nil, errReply
		}
		return bytesOf(value), nil
	})
}

// Touch implements [storage.Toucher] by PEXPIRE or PERSIST.
//
// PEXPIRE deletes the key at once if a millisecond of the server's clock begins
// while it works and the ttl is 1 ms: with one more it is never early.
func (s *keyspace) Touch(ctx context.Context, key string, ttl time.Duration) error {
	wire, err := s.wire(storage.OpTouch, key)
	if err != nil {
		return err
	}
	if ttl < 0 {
		return storage.ErrInvalidTTL
	}
	w := newWrite(wire)
	var r *request
	if ttl == storage.NoExpiry {
		r = persist.writing(ctx, w)
	} else {
		r = newWriting(ctx, w, "pexpire", w, millis(ttl)+1)
	}
	reply, err := share(ctx, s.link, storage.OpTouch, r, anything)
	if err == nil && reply != int64(1) {
		return storage.ErrNotFound
	}
	return err
}

// persist takes the expiry away and tells whether there is a value, which the
// reply of PERSIST alone does not.
var persist = newScript(`local n = redis.pcall('EXISTS', KEYS[1])
if n ~= 1 then return n end
local p = redis.pcall('PERSIST', KEYS[1])
if type(p) == 'table' then return p end
return 1`)

// Ping implements [storage.Pinger] by PING, to every master of a Cluster.
func (s *keyspace) Ping(ctx context.Context) error { return s.ping(ctx, storage.OpPing) }

func (s *keyspace) ping(ctx context.Context, op fmt.Stringer) error {
	_, err := read(ctx, s.link, op, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.link.client.ping(ctx)
	})
	return err
}

// bytesOf returns a string of a reply as bytes, without a copy: go-redis has made
// it for this reply, and nobody else has it. (StringCmd.Bytes does the same.)
func bytesOf(reply string) []byte {
	if reply == "" {
		return []byte{}
	}
	return unsafe.Slice(unsafe.StringData(reply), len(reply))
}

// errReply says that a reply was of a kind that the command never gives.
var errReply = errors.New("a reply of another kind than the command gives")

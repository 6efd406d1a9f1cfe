package redisstore

import (
	"context"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// swap compares the version and stores the value.
var swap = newScript(`local v = redis.pcall('GET', KEYS[1])
if type(v) == 'table' then return v end
if (v and redis.sha1hex(v) or '') ~= ARGV[1] then return 0 end
if ARGV[3] == '0' then return redis.pcall('SET', KEYS[1], ARGV[2]) end
return redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])`)

// CompareAndSwap implements [storage.Swapper] by a script. A Version is the
// SHA-1 of the value, which server and client both compute: it finds out what
// others changed, and is no protection against writers who make two values
// with the same SHA-1.
func (s *keyspace) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	const op = storage.OpCompareAndSwap
	wire, err := s.wire(op, key)
	if err != nil {
		return "", err
	}
	if ttl < 0 {
		return "", storage.ErrInvalidTTL
	}
	if err := s.checkSize(op, value); err != nil {
		return "", err
	}
	version := versionOf(value)
	w := newWrite(wire)
	value = keep(ctx, value)
	r := swap.writing(ctx, w, string(old), value, millis(ttl))
	r.size += len(value)
	reply, err := share(ctx, s.link, op, r, anything)
	switch {
	case err != nil:
		return "", err
	case reply == "OK":
		return version, nil
	case reply == int64(0):
		return "", storage.ErrConflict
	}
	return "", s.link.fail(ctx, op, errReply, w.fate)
}

package memstore

import (
	"context"
	"strconv"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// GetEntry returns the value of key with its version and the exact moment of
// its expiry, or [storage.ErrNotFound].
func (s *Store[V]) GetEntry(ctx context.Context, key string) (storage.Entry[V], error) {
	if err := check(ctx, storage.OpGetEntry, key); err != nil {
		return storage.Entry[V]{}, err
	}
	return s.getEntry(key)
}

func (s *Store[V]) getEntry(key string) (storage.Entry[V], error) {
	shard, e := s.lock(key)
	if e == nil {
		shard.mu.Unlock()
		return storage.Entry[V]{}, storage.ErrNotFound
	}
	shard.read(e)
	value, version, deadline := e.value, e.version, e.deadline
	shard.mu.Unlock()
	return storage.Entry[V]{
		Value:   s.data.copyOf(value),
		Version: versionName(version),
		Expires: s.data.clock.expires(deadline),
	}, nil
}

// CompareAndSwap stores value under key if the stored value still has the
// version old, "" meaning that there is none. Otherwise it returns
// [storage.ErrConflict] and changes nothing. Every write of a key gives it a
// version that it never had, so a value that was changed and changed back
// does not look unchanged; Touch keeps the version.
func (s *Store[V]) CompareAndSwap(ctx context.Context, key string, old storage.Version, value V, ttl time.Duration) (storage.Version, error) {
	if err := checkWrite(ctx, storage.OpCompareAndSwap, key, ttl); err != nil {
		return "", err
	}
	version, err := s.put(key, value, ttl, &old)
	switch err {
	case nil:
		return versionName(version), nil
	case storage.ErrConflict:
		return "", err
	default:
		return "", fail(storage.OpCompareAndSwap, err)
	}
}

// Take returns the value of key and deletes it: of many callers one gets it,
// the others get [storage.ErrNotFound].
func (s *Store[V]) Take(ctx context.Context, key string) (V, error) {
	var zero V
	if err := check(ctx, storage.OpTake, key); err != nil {
		return zero, err
	}
	shard, e := s.lock(key)
	if e == nil {
		shard.mu.Unlock()
		return zero, storage.ErrNotFound
	}
	value := e.value
	shard.remove(e)
	shard.mu.Unlock()
	return s.data.copyOf(value), nil // a Get that began before may still be copying the stored one
}

// Touch gives key a new ttl, or returns [storage.ErrNotFound].
func (s *Store[V]) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := checkWrite(ctx, storage.OpTouch, key, ttl); err != nil {
		return err
	}
	shard, e := s.lock(key)
	if e == nil {
		shard.mu.Unlock()
		return storage.ErrNotFound
	}
	shard.expireAt(e, s.data.clock.deadline(ttl))
	shard.read(e)
	shard.mu.Unlock()
	return nil
}

const versionBase = 36

func versionName(version uint64) storage.Version {
	return storage.Version(strconv.FormatUint(version, versionBase))
}

// isVersion reports whether e, nil for an absent key, has the version named old.
func (e *entry[V]) isVersion(old storage.Version) bool {
	if e == nil {
		return old == ""
	}
	var buf [16]byte
	return string(strconv.AppendUint(buf[:0], e.version, versionBase)) == string(old)
}

package storage

import (
	"context"
	"time"
)

// Version is an opaque name of the stored bytes. The empty Version means that
// there is no value. Equal bytes may share a Version, so a value that was
// changed and changed back may look unchanged.
type Version string

// An Entry is a value with what the backend knows about it.
type Entry[V any] struct {
	Value   V
	Version Version   // "" for an absent key
	Expires time.Time // zero: never
}

// TTL returns the ttl that keeps the expiry of e when the value is written
// again: [NoExpiry] if e never expires, otherwise the time that is left, and
// never less than a nanosecond, so that an entry about to expire does not
// turn into one that stays for ever.
func (e Entry[V]) TTL() time.Duration {
	if e.Expires.IsZero() {
		return NoExpiry
	}
	return max(time.Until(e.Expires), 1)
}

// EntryGetter is the interface of a store with a native [GetEntry].
type EntryGetter[V any] interface {
	GetEntry(ctx context.Context, key string) (Entry[V], error)
}

// GetEntry returns the value of key with its version and expiry, read from
// the backend through every layer and never from memory. A missing key is an
// error that matches [ErrNotFound]. Expires is never later than the moment at
// which the backend drops the value.
//
// If s implements [EntryGetter], GetEntry calls s.GetEntry.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func GetEntry[V any](ctx context.Context, s Store[V], key string) (Entry[V], error) {
	if s, ok := s.(EntryGetter[V]); ok {
		return s.GetEntry(ctx, key)
	}
	return Entry[V]{}, Unsupported(OpGetEntry, s)
}

// EntriesGetter is the interface of a store with a native [GetEntries].
type EntriesGetter[V any] interface {
	GetEntries(ctx context.Context, keys []string) (map[string]Entry[V], error)
}

// GetEntries is [GetEntry] for many keys. Absent keys are absent from the
// result. With an error the result holds what was read before it.
//
// If s implements [EntriesGetter], GetEntries calls s.GetEntries.
// Otherwise it calls [GetEntry] for each key, which may be refused.
func GetEntries[V any](ctx context.Context, s Store[V], keys []string) (map[string]Entry[V], error) {
	if s, ok := s.(EntriesGetter[V]); ok {
		return s.GetEntries(ctx, keys)
	}
	if _, ok := s.(EntryGetter[V]); !ok {
		return nil, Unsupported(OpGetEntries, s)
	}
	return each(keys, func(key string) (Entry[V], error) { return GetEntry(ctx, s, key) })
}

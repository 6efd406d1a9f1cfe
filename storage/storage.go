package storage

import (
	"context"
	"time"
)

// A Store keeps values under string keys.
//
// Every implementation is safe for concurrent use and keeps the laws in the
// package comment; [github.com/tunica-go/tunica/storage/storagetest] checks
// them. These three methods are all that an adapter must have. Everything
// else is optional and reached through the functions of this package.
type Store[V any] interface {
	// Get returns the value stored under key.
	// A missing or expired key is an error that matches [ErrNotFound].
	Get(ctx context.Context, key string) (V, error)

	// Set stores value under key and replaces both the value and the expiry
	// that were there. The value expires after ttl; [NoExpiry] means never.
	// A positive ttl is rounded up to what the backend can hold, a negative
	// one is [ErrInvalidTTL] and stores nothing.
	Set(ctx context.Context, key string, value V, ttl time.Duration) error

	// Delete removes key. Deleting a key that does not exist is no error.
	Delete(ctx context.Context, key string) error
}

// ByteStore is the store that adapters implement and that codecs turn into
// a store of another type.
type ByteStore = Store[[]byte]

// NoExpiry is the ttl of a value that never expires.
const NoExpiry time.Duration = 0

package redisstore_test

import (
	"context"
	"crypto/sha1"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// ops is a store or a view of one.
type ops = full.Adapter[[]byte]

// operations calls each operation with one key, or the keys that begin with it.
// If the key has the value canary, each of them finds what it looks for.
var operations = map[string]func(ctx context.Context, s ops, key string) error{
	"Get": func(ctx context.Context, s ops, key string) error {
		_, err := s.Get(ctx, key)
		return err
	},
	"Set": func(ctx context.Context, s ops, key string) error {
		return s.Set(ctx, key, []byte(canary), time.Minute)
	},
	"Delete": func(ctx context.Context, s ops, key string) error { return s.Delete(ctx, key) },
	"Has": func(ctx context.Context, s ops, key string) error {
		_, err := s.Has(ctx, key)
		return err
	},
	"GetMany": func(ctx context.Context, s ops, key string) error {
		_, err := s.GetMany(ctx, []string{key, key + "2"})
		return err
	},
	"SetMany": func(ctx context.Context, s ops, key string) error {
		return s.SetMany(ctx, map[string][]byte{key: []byte(canary), key + "2": nil}, time.Minute)
	},
	"DeleteMany": func(ctx context.Context, s ops, key string) error {
		return s.DeleteMany(ctx, []string{key, key + "2"})
	},
	"GetEntry": func(ctx context.Context, s ops, key string) error {
		_, err := s.GetEntry(ctx, key)
		return err
	},
	"GetEntries": func(ctx context.Context, s ops, key string) error {
		_, err := s.GetEntries(ctx, []string{key, key + "2"})
		return err
	},
	"CompareAndSwap": func(ctx context.Context, s ops, key string) error {
		_, err := s.CompareAndSwap(ctx, key, canaryVersion, []byte(canary), time.Minute)
		return err
	},
	"Take": func(ctx context.Context, s ops, key string) error {
		_, err := s.Take(ctx, key)
		return err
	},
	"Touch": func(ctx context.Context, s ops, key string) error {
		return s.Touch(ctx, key, time.Minute)
	},
	"Touch/NoExpiry": func(ctx context.Context, s ops, key string) error {
		return s.Touch(ctx, key, storage.NoExpiry)
	},
	"Keys": func(ctx context.Context, s ops, key string) error {
		for _, err := range s.Keys(ctx, key) {
			if err != nil {
				return err
			}
		}
		return nil
	},
	"DeletePrefix": func(ctx context.Context, s ops, key string) error {
		return s.DeletePrefix(ctx, key)
	},
	"Ping": func(ctx context.Context, s ops, _ string) error { return s.Ping(ctx) },
}

// The operations that write.
var writes = map[string]bool{
	"Set": true, "Delete": true, "SetMany": true, "DeleteMany": true, "CompareAndSwap": true,
	"Take": true, "Touch": true, "Touch/NoExpiry": true, "DeletePrefix": true,
}

// canary is in the keys and values of tests that look for it in errors.
const canary = "s3cr3t-canary"

var canaryVersion = storage.Version(fmt.Sprintf("%x", sha1.Sum([]byte(canary))))

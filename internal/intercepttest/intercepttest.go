// Package intercepttest is what the tests of interceptors have in common.
package intercepttest

import (
	"context"
	"testing"
	"time"

	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

// Operations calls every operation on key "k" once, by what it is.
func Operations(s storage.Store[string]) map[storage.Op]func(context.Context) error {
	many := []string{"k", "absent", "k2"}
	return map[storage.Op]func(context.Context) error{
		storage.OpGet:    func(ctx context.Context) error { _, err := s.Get(ctx, "k"); return err },
		storage.OpSet:    func(ctx context.Context) error { return s.Set(ctx, "k", "value", 0) },
		storage.OpDelete: func(ctx context.Context) error { return s.Delete(ctx, "k") },
		storage.OpHas:    func(ctx context.Context) error { _, err := storage.Has(ctx, s, "k"); return err },
		storage.OpGetMany: func(ctx context.Context) error {
			_, err := storage.GetMany(ctx, s, many)
			return err
		},
		storage.OpSetMany: func(ctx context.Context) error {
			return storage.SetMany(ctx, s, map[string]string{"k": "a", "k2": "b"}, 0)
		},
		storage.OpDeleteMany: func(ctx context.Context) error { return storage.DeleteMany(ctx, s, many) },
		storage.OpGetEntry:   func(ctx context.Context) error { _, err := storage.GetEntry(ctx, s, "k"); return err },
		storage.OpGetEntries: func(ctx context.Context) error { _, err := storage.GetEntries(ctx, s, many); return err },
		storage.OpCompareAndSwap: func(ctx context.Context) error {
			_, err := storage.CompareAndSwap(ctx, s, "k", "stale", "value", 0)
			return err
		},
		storage.OpTake:  func(ctx context.Context) error { _, err := storage.Take(ctx, s, "k"); return err },
		storage.OpTouch: func(ctx context.Context) error { return storage.Touch(ctx, s, "k", time.Hour) },
		storage.OpKeys: func(ctx context.Context) error {
			for _, err := range storage.Keys(ctx, s, "k") {
				if err != nil {
					return err
				}
			}
			return nil
		},
		storage.OpDeletePrefix: func(ctx context.Context) error { return storage.DeletePrefix(ctx, s, "k") },
		storage.OpPing:         func(ctx context.Context) error { return storage.Ping(ctx, s) },
	}
}

// NoMoreAllocs checks that calls of store, which is bare below an interceptor,
// allocate no more than those of bare.
func NoMoreAllocs(t *testing.T, bare, store storage.Store[string]) {
	t.Helper()
	if race.Enabled {
		t.Skip("with the race detector a call allocates its frame")
	}
	ctx := t.Context()
	for name, call := range map[string]func(storage.Store[string]){
		"a hit":  func(s storage.Store[string]) { _, _ = s.Get(ctx, "k") },
		"a miss": func(s storage.Store[string]) { _, _ = s.Get(ctx, "absent") },
		"a set":  func(s storage.Store[string]) { _ = s.Set(ctx, "k", "value", 0) },
	} {
		call(bare)
		without := testing.AllocsPerRun(1000, func() { call(bare) })
		if got := testing.AllocsPerRun(1000, func() { call(store) }); got > without {
			t.Errorf("%s allocates %v times, %v without the interceptor", name, got, without)
		}
	}
}

// Panics checks that f panics with want, or with anything if that is empty.
func Panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got == nil || want != "" && got != want {
			t.Errorf("panic %v, want %q", got, want)
		}
	}()
	f()
}

package trace_test

import (
	"context"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// fixed is a store that answers the same to every Get, Set and Delete.
type fixed struct{ err error }

func (f fixed) Get(context.Context, string) (string, error)              { return "value", f.err }
func (f fixed) Set(context.Context, string, string, time.Duration) error { return f.err }
func (f fixed) Delete(context.Context, string) error                     { return f.err }

// operations calls every operation on key "k" once.
func operations(s storage.Store[string]) map[storage.Op]func(context.Context) error {
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

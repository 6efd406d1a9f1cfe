package redisstore_test

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// Two stores, as two processes have them, on one part of one server: what is
// atomic is atomic between them.
func TestTwoStores(t *testing.T) {
	const callers = 8 // half of them on each store
	server := redistest.Shared(t)
	prefix := redisstore.Prefix(server.Prefix())
	stores := []*redisstore.Store{open(t, server, prefix), borrow(t, &redis.Options{Addr: server.Addr()}, prefix)}
	together := func(f func(s *redisstore.Store, i int)) {
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() { f(stores[i%2], i) })
		}
		all.Wait()
	}

	t.Run("Take", func(t *testing.T) {
		for range 50 {
			if err := stores[0].Set(t.Context(), "token", []byte("1"), 0); err != nil {
				t.Fatal(err)
			}
			var taken atomic.Int32
			together(func(s *redisstore.Store, _ int) {
				switch value, err := s.Take(t.Context(), "token"); {
				case err == nil && string(value) == "1":
					taken.Add(1)
				case !errors.Is(err, storage.ErrNotFound):
					t.Errorf("Take: %q, %v", value, err)
				}
			})
			if n := taken.Load(); n != 1 {
				t.Fatalf("%d callers took the token", n)
			}
		}
	})
	t.Run("CompareAndSwap", func(t *testing.T) {
		var version storage.Version
		for round := range 50 {
			var mu sync.Mutex
			var won []storage.Version
			together(func(s *redisstore.Store, i int) {
				value := []byte(strconv.Itoa(round*callers + i))
				switch next, err := s.CompareAndSwap(t.Context(), "value", version, value, 0); {
				case err == nil:
					mu.Lock()
					defer mu.Unlock()
					won = append(won, next)
				case !errors.Is(err, storage.ErrConflict):
					t.Errorf("CompareAndSwap: %v", err)
				}
			})
			if len(won) != 1 {
				t.Fatalf("%d callers won", len(won))
			}
			version = won[0]
		}
	})
	t.Run("Update", func(t *testing.T) {
		const each = 25
		together(func(s *redisstore.Store, _ int) {
			for range each {
				_, err := storage.Update(t.Context(), s, "count", func(e storage.Entry[[]byte]) ([]byte, time.Duration, error) {
					n, _ := strconv.Atoi(string(e.Value))
					return strconv.AppendInt(nil, int64(n)+1, 10), e.TTL(), nil
				})
				if err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
		if got, err := stores[1].Get(t.Context(), "count"); err != nil || string(got) != strconv.Itoa(callers*each) {
			t.Errorf("count is %s, %v, want %d", got, err, callers*each)
		}
	})
}

// What is handed out is the caller's: it may write to it, and no other reader
// of the same key sees that.
func TestValuesAreNotShared(t *testing.T) {
	server := redistest.Shared(t)
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	want := bytes.Repeat([]byte("v"), 100)
	reads := map[string]func(ctx context.Context) ([]byte, error){
		"Get": func(ctx context.Context) ([]byte, error) { return store.Get(ctx, "k") },
		"GetMany": func(ctx context.Context) ([]byte, error) {
			values, err := store.GetMany(ctx, []string{"k"})
			return values["k"], err
		},
		"GetEntry": func(ctx context.Context) ([]byte, error) {
			e, err := store.GetEntry(ctx, "k")
			return e.Value, err
		},
		"GetEntries": func(ctx context.Context) ([]byte, error) {
			es, err := store.GetEntries(ctx, []string{"k"})
			return es["k"].Value, err
		},
	}
	for _, value := range [][]byte{want, []byte("1"), {}} {
		if err := store.Set(t.Context(), "k", value, 0); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for name, read := range reads {
				got, err := read(t.Context())
				if err != nil || !bytes.Equal(got, value) || got == nil {
					t.Errorf("%s: %q, %v, want %q", name, got, err, value)
				}
				clear(got)
				_ = append(got, "x"...)
			}
		}
	}
	taken, err := store.Take(t.Context(), "k")
	if err != nil || taken == nil || len(taken) != 0 {
		t.Errorf("Take: %q, %v, want a value that is empty and not nil", taken, err)
	}
}

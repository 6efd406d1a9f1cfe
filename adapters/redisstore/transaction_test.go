package redisstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A user who may not use transactions reads entries by scripts, and the
// connection serves others as before.
func TestEntriesWithoutTransactions(t *testing.T) {
	for _, denied := range []string{"multi", "exec"} {
		t.Run(denied, func(t *testing.T) {
			server := redistest.Start(t)
			client := connect(t, &redis.Options{Addr: server.Addr(), PoolSize: 1})
			store := redisstore.New(client)
			defer store.Close()
			ctx := t.Context()
			for i := range 3 {
				must(t, store.Set(ctx, fmt.Sprint("k", i), []byte("v"), time.Hour))
			}
			do(t, server, "acl", "setuser", "default", "-"+denied)
			for range 2 {
				e, err := store.GetEntry(ctx, "k1")
				if err != nil || string(e.Value) != "v" || e.TTL() < 59*time.Minute {
					t.Errorf("GetEntry: %v, %v", e, err)
				}
				if _, err := store.GetEntry(ctx, "absent"); !errors.Is(err, storage.ErrNotFound) || storage.Failed(err) {
					t.Errorf("GetEntry of nothing: %v", err)
				}
				es, err := store.GetEntries(ctx, []string{"k0", "absent", "k2"})
				if err != nil || len(es) != 2 || es["k2"].TTL() < 59*time.Minute {
					t.Errorf("GetEntries: %v, %v", es, err)
				}
				if v, err := store.Get(ctx, "k2"); err != nil || string(v) != "v" {
					t.Errorf("Get: %q, %v", v, err)
				}
			}
		})
	}
}

// A server that is full queues nothing for a transaction, and reads all the same.
func TestEntriesWithoutMemory(t *testing.T) {
	server := redistest.Start(t)
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr()}))
	ctx := t.Context()
	must(t, g.store.Set(ctx, "k1", []byte("v"), time.Hour))
	must(t, g.store.Set(ctx, "k2", []byte("v"), time.Hour))
	do(t, server, "config", "set", "maxmemory", "1")
	get := func(key string) func() error {
		return func() error {
			e, err := g.store.GetEntry(ctx, key)
			if err == nil && e.TTL() < 59*time.Minute {
				err = fmt.Errorf("%s expires at %v", key, e.Expires)
			}
			return err
		}
	}
	for _, err := range g.batch(t, get("k1"), get("k2")) {
		if err != nil {
			t.Errorf("in a batch: %v", err)
		}
	}
	if err := get("k1")(); err != nil {
		t.Errorf("alone: %v", err)
	}
	if es, err := g.store.GetEntries(ctx, []string{"k1", "k2"}); err != nil || len(es) != 2 {
		t.Errorf("GetEntries: %v, %v", es, err)
	}
	if err := g.store.Set(ctx, "k1", []byte("v"), 0); !errors.Is(err, storage.ErrOverloaded) {
		t.Errorf("Set: %v, want that there is no memory: this tests nothing", err)
	}
}

// What fails of one key of a transaction does not fail the others.
func TestEntriesOfKeysThatFail(t *testing.T) {
	server := redistest.Start(t)
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr()}))
	ctx := t.Context()
	must(t, g.store.Set(ctx, "ours:1", []byte("1"), time.Hour))
	must(t, g.store.Set(ctx, "ours:2", []byte("2"), storage.NoExpiry))
	do(t, server, "rpush", "ours:list", "1")
	do(t, server, "set", "QUEUED", "QUEUED")
	do(t, server, "acl", "setuser", "default", "resetkeys", "~ours:*", "~gate", "~QUEUED")
	get := func(key string) func() error {
		return func() error {
			e, err := g.store.GetEntry(ctx, key)
			if err == nil && e.Expires.IsZero() != (key != "ours:1") {
				err = fmt.Errorf("%s expires at %v", key, e.Expires)
			}
			return err
		}
	}
	errs := g.batch(t, get("ours:1"), get("theirs"), get("ours:list"), get("ours:absent"), get("ours:2"), get("QUEUED"))
	for i, want := range []error{nil, storage.ErrUnauthorized, storage.ErrCorrupt, storage.ErrNotFound, nil, nil} {
		if !errors.Is(errs[i], want) {
			t.Errorf("call %d: %v, want %v", i, errs[i], want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

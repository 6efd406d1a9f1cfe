package redisstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A key of another type is there, is no value, and can be deleted and replaced.
func TestAnotherType(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	ctx := t.Context()
	retype(t, server)
	if err := store.Set(ctx, "good", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if ok, err := store.Has(ctx, faultKey); err != nil || !ok {
		t.Errorf("Has: %v, %v, want true", ok, err)
	}
	values, err := store.GetMany(ctx, []string{"absent", faultKey, "good"})
	if !errors.Is(err, storage.ErrCorrupt) || len(values) != 1 || string(values["good"]) != "1" {
		t.Errorf("GetMany: %q, %v, want the good value and ErrCorrupt", values, err)
	}
	entries, err := store.GetEntries(ctx, []string{"absent", faultKey, "good"})
	if !errors.Is(err, storage.ErrCorrupt) || len(entries) != 1 || string(entries["good"].Value) != "1" {
		t.Errorf("GetEntries: %v, %v, want the good value and ErrCorrupt", entries, err)
	}
	if _, err := store.Take(ctx, faultKey); !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("Take: %v, want ErrCorrupt", err)
	}
	if ok, err := store.Has(ctx, faultKey); err != nil || !ok {
		t.Errorf("Take removed what it could not return")
	}
	if err := store.Set(ctx, faultKey, []byte("2"), 0); err != nil {
		t.Errorf("Set: %v", err)
	}
	retype(t, server)
	if err := store.Delete(ctx, faultKey); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if ok, err := store.Has(ctx, faultKey); err != nil || ok {
		t.Errorf("Delete left the key, %v", err)
	}
}

// Values and keys that the server would not take are refused before anything is
// sent, by every write. The server here takes 1 MiB, and breaks the connection
// over more.
func TestTooLarge(t *testing.T) {
	const most = 1 << 20
	server := redistest.Start(t, redistest.Config("proto-max-bulk-len", fmt.Sprint(most)))
	store := open(t, server, redisstore.MaxValueSize(most), redisstore.Prefix("p:"))
	ctx := t.Context()
	large, largest := make([]byte, most+1), make([]byte, most)
	calls := map[string]func(value []byte) error{
		"Set":     func(value []byte) error { return store.Set(ctx, "k", value, 0) },
		"SetMany": func(value []byte) error { return store.SetMany(ctx, map[string][]byte{"a": nil, "k": value}, 0) },
		"CompareAndSwap": func(value []byte) error {
			_, err := store.CompareAndSwap(ctx, "k", "", value, 0)
			return err
		},
	}
	for name, call := range calls {
		if err := store.DeletePrefix(ctx, ""); err != nil {
			t.Fatal(err)
		}
		err := call(large)
		if !errors.Is(err, storage.ErrTooLarge) || errors.Is(err, storage.ErrUnknownOutcome) || storage.Failed(err) {
			t.Errorf("%s of a large value: %v, want ErrTooLarge", name, err)
		}
		for key := range store.Keys(ctx, "") {
			t.Errorf("%s stored %q", name, key)
		}
		if err := call(largest); err != nil {
			t.Errorf("%s of the largest value: %v", name, err)
		}
		if got, err := store.Get(ctx, "k"); err != nil || len(got) != most {
			t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
		}
	}
	longest := strings.Repeat("k", redisstore.MaxKeySize-len("p:"))
	if err := store.Set(ctx, longest, []byte("1"), 0); err != nil {
		t.Errorf("the longest key: %v", err)
	}
	for name, call := range operations {
		if one("Ping", "Keys", "DeletePrefix")(name) {
			continue
		}
		if err := call(ctx, store, longest+"k"); !errors.Is(err, storage.ErrTooLarge) {
			t.Errorf("%s of a longer key: %v, want ErrTooLarge", name, err)
		}
	}
}

// Has moves no value, and Delete does not make the server wait for the memory.
func TestCommands(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	client := connect(t, &redis.Options{Addr: server.Addr()})
	for name, call := range operations {
		if err := store.Set(t.Context(), faultKey, []byte(canary), time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := call(t.Context(), store, faultKey); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := executed(t, client, "exists"); n != 2 { // Has, and Touch without a ttl
		t.Errorf("%d EXISTS, want 2", n)
	}
	if n := executed(t, client, "get"); n != 1+2+1+1 {
		t.Errorf("%d GETs, want those of Get, GetMany, GetEntry and CompareAndSwap", n)
	}
	if n := executed(t, client, "mget"); n != 1 {
		t.Errorf("%d MGETs, want that of GetEntries", n)
	}
	for _, never := range []string{"del", "mset", "keys", "flushdb", "flushall", "watch"} {
		if n := executed(t, client, never); n != 0 {
			t.Errorf("%d calls of %s", n, never)
		}
	}
}

// A server may lose its scripts at any time, as a restart and a failover do.
func TestScriptFlush(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	ctx := t.Context()
	for _, name := range []string{"CompareAndSwap", "Touch/NoExpiry"} {
		for range 2 {
			do(t, server, "script", "flush")
			for range 2 {
				if err := store.Set(ctx, faultKey, []byte(canary), time.Hour); err != nil {
					t.Fatal(err)
				}
				if err := operations[name](ctx, store, faultKey); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

// Batches that are larger than a pipeline arrive whole.
func TestLargeBatches(t *testing.T) {
	server := redistest.Shared(t)
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	ctx := t.Context()
	values := make(map[string][]byte)
	for i := range 1234 {
		values[fmt.Sprint("k", i)] = fmt.Append(nil, i)
	}
	for i := range 5 {
		values[fmt.Sprint("large", i)] = bytes.Repeat([]byte{byte(i)}, 700_000)
	}
	if err := store.SetMany(ctx, values, time.Hour); err != nil {
		t.Fatal(err)
	}
	keys := append(slices.Sorted(maps.Keys(values)), "absent")
	got, err := store.GetMany(ctx, keys)
	if err != nil || !maps.EqualFunc(got, values, bytes.Equal) {
		t.Errorf("GetMany: %d values, %v, want the %d that were set", len(got), err, len(values))
	}
	entries, err := store.GetEntries(ctx, keys)
	if err != nil || !maps.EqualFunc(entries, values, func(e storage.Entry[[]byte], v []byte) bool { return bytes.Equal(e.Value, v) }) {
		t.Errorf("GetEntries: %d entries, %v, want the %d that were set", len(entries), err, len(values))
	}
	if err := store.DeleteMany(ctx, keys[100:]); err != nil {
		t.Fatal(err)
	}
	if listed := list(t, store, ""); !slices.Equal(listed, keys[:100]) {
		t.Errorf("%d keys are left, want 100", len(listed))
	}
}

// list returns the keys under prefix, sorted, each once.
func list(tb testing.TB, s storage.ByteStore, prefix string) []string {
	tb.Helper()
	keys := make(map[string]bool)
	for key, err := range storage.Keys(tb.Context(), s, prefix) {
		if err != nil {
			tb.Fatal(err)
		}
		keys[key] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

func TestNewPanics(t *testing.T) {
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	batching, err := connect(t, &redis.Options{Addr: "127.0.0.1:1"}).AutoPipeline()
	if err != nil {
		t.Fatal(err)
	}
	failover := redis.NewFailoverClusterClient(&redis.FailoverOptions{MasterName: "m", SentinelAddrs: []string{"127.0.0.1:1"}})
	defer failover.Close()
	cluster := func(o redis.ClusterOptions) *redis.ClusterClient {
		o.Addrs = []string{"127.0.0.1:1"}
		return connectCluster(t, &o)
	}
	var none *redis.Client
	var noCluster *redis.ClusterClient
	for name, f := range map[string]func(){
		"*redis.Ring is not supported":          func() { redisstore.New(ring) },
		"*redis.AutoPipeliner is not supported": func() { redisstore.New(batching) },
		"<nil> is not supported":                func() { redisstore.New(nil) },
		"the client is nil":                     func() { redisstore.New(none) },
		"client is nil: want a *redis.Client":   func() { redisstore.New(noCluster) },
		"NewFailoverClusterClient) is not":      func() { redisstore.New(failover) },
		"(ReadOnly, RouteByLatency":             func() { redisstore.New(cluster(redis.ClusterOptions{ReadOnly: true})) },
		"RouteByLatency or":                     func() { redisstore.New(cluster(redis.ClusterOptions{RouteByLatency: true})) },
		"or RouteRandomly)":                     func() { redisstore.New(cluster(redis.ClusterOptions{RouteRandomly: true})) },
		// go-redis sends nothing then, and says that all is well.
		"MaxRetries below -1":   func() { redisstore.New(connect(t, &redis.Options{MaxRetries: -2})) },
		"MaxRedirects below -1": func() { redisstore.New(cluster(redis.ClusterOptions{MaxRedirects: -2})) },
		"MaxValueSize: 0":       func() { redisstore.MaxValueSize(0) },
		"Prefix: 1048576 bytes": func() { redisstore.Prefix(strings.Repeat("p", redisstore.MaxKeySize)) },
	} {
		func() {
			defer func() {
				if reason := fmt.Sprint(recover()); !strings.Contains(reason, name) || !strings.HasPrefix(reason, "redisstore: ") {
					t.Errorf("panic %q, want one that says %q", reason, name)
				}
			}()
			f()
		}()
	}
}

package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

const faultKey = canary + "-key"

var (
	all    = func(string) bool { return true }
	aWrite = func(name string) bool { return writes[name] }
	aRead  = func(name string) bool { return !writes[name] && name != "Ping" }
)

func one(names ...string) func(string) bool {
	return func(name string) bool {
		return slices.Contains(names, name)
	}
}

// do runs a command on the server, and fails the test on an error.
func do(t *testing.T, server *redistest.Server, args ...any) {
	t.Helper()
	if err := connect(t, &redis.Options{Addr: server.Addr()}).Do(t.Context(), args...).Err(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
}

// disconnect makes the server close the connections of all other clients.
func disconnect(t *testing.T, client *redis.Client) {
	t.Helper()
	if err := client.Do(t.Context(), "client", "kill", "type", "normal").Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the connections are closed", func() bool {
		return strings.Contains(client.Info(t.Context(), "clients").Val(), "connected_clients:1\r\n")
	})
}

// What a fault makes of the operations that it strikes.
var faults = []struct {
	name    string
	conf    []redistest.Option
	client  func(*redis.Options)
	strike  func(t *testing.T, server *redistest.Server)
	strikes func(operation string) bool
	want    error
	says    string
}{
	{
		name:    "refused",
		strike:  func(_ *testing.T, server *redistest.Server) { server.Kill() },
		strikes: all, want: storage.ErrUnavailable, says: "connection refused",
	},
	{
		name:    "silent",
		client:  func(o *redis.Options) { o.ReadTimeout = 20 * time.Millisecond },
		strike:  func(_ *testing.T, server *redistest.Server) { server.Pause() },
		strikes: aRead, want: storage.ErrUnavailable, says: "i/o timeout",
	},
	{
		name:    "READONLY",
		strike:  func(t *testing.T, server *redistest.Server) { do(t, server, "replicaof", "127.0.0.1", "1") },
		strikes: aWrite, want: storage.ErrReadOnly, says: "READONLY",
	},
	{
		name: "MASTERDOWN",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "config", "set", "replica-serve-stale-data", "no")
			do(t, server, "replicaof", "127.0.0.1", "1")
		},
		strikes: aRead, want: storage.ErrUnavailable, says: "MASTERDOWN",
	},
	{
		name: "NOREPLICAS",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "config", "set", "min-replicas-to-write", "1")
		},
		strikes: aWrite, want: storage.ErrUnavailable, says: "NOREPLICAS",
	},
	{
		name:    "OOM",
		strike:  func(t *testing.T, server *redistest.Server) { do(t, server, "config", "set", "maxmemory", "1") },
		strikes: one("Set", "SetMany", "CompareAndSwap"), want: storage.ErrOverloaded, says: "OOM",
	},
	{
		name: "BUSY",
		conf: []redistest.Option{redistest.Config("lua-time-limit", "1")},
		strike: func(t *testing.T, server *redistest.Server) {
			loop := connect(t, &redis.Options{Addr: server.Addr(), ReadTimeout: -1, MaxRetries: -1})
			go loop.Eval(context.Background(), "while true do end", nil)
			client := connect(t, &redis.Options{Addr: server.Addr(), MaxRetries: -1})
			eventually(t, "the server is busy", func() bool {
				return redis.HasErrorPrefix(client.Get(t.Context(), "k").Err(), "BUSY")
			})
		},
		strikes: all, want: storage.ErrUnavailable, says: "BUSY",
	},
	{
		name: "NOPERM",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "acl", "setuser", "default", "resetkeys", "~other:*", "-scan")
		},
		strikes: func(name string) bool { return name != "Ping" }, want: storage.ErrUnauthorized, says: "NOPERM",
	},
	{
		name: "NOPERM in a script",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "acl", "setuser", "default", "-get", "-exists")
		},
		strikes: one("CompareAndSwap", "Touch/NoExpiry"), want: storage.ErrUnauthorized, says: "may not run",
	},
	{
		name: "NOPERM in a transaction",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "acl", "setuser", "default", "-pttl")
		},
		strikes: one("GetEntry", "GetEntries"), want: storage.ErrUnauthorized, says: "unauthorized",
	},
	{
		name: "NOAUTH",
		strike: func(t *testing.T, server *redistest.Server) {
			do(t, server, "config", "set", "requirepass", canary)
			disconnect(t, connect(t, &redis.Options{Addr: server.Addr(), Password: canary}))
		},
		strikes: all, want: storage.ErrUnauthorized, says: "NOAUTH",
	},
	{
		name:    "WRONGPASS",
		client:  func(o *redis.Options) { o.Username, o.Password = "nobody-"+canary, canary },
		strike:  func(*testing.T, *redistest.Server) {},
		strikes: all, want: storage.ErrUnauthorized, says: "WRONGPASS",
	},
	{
		name: "LOADING",
		conf: []redistest.Option{
			redistest.Config("enable-debug-command", "yes"),
			redistest.Config("loading-process-events-interval-bytes", "1024"),
		},
		strike: func(t *testing.T, server *redistest.Server) {
			client := connect(t, &redis.Options{Addr: server.Addr(), MaxRetries: -1})
			do(t, server, "debug", "populate", 2000, "key", 1024)
			do(t, server, "config", "set", "key-load-delay", "5000") // 5 ms
			loading := connect(t, &redis.Options{Addr: server.Addr(), ReadTimeout: -1, MaxRetries: -1})
			go loading.Do(context.Background(), "debug", "reload")
			eventually(t, "the server is loading", func() bool {
				return redis.HasErrorPrefix(client.Get(t.Context(), "k").Err(), "LOADING")
			})
		},
		strikes: all, want: storage.ErrUnavailable, says: "LOADING",
	},
	{
		name: "MISCONF",
		strike: func(t *testing.T, server *redistest.Server) {
			client := connect(t, &redis.Options{Addr: server.Addr()})
			dir, err := client.ConfigGet(t.Context(), "dir").Result()
			if err != nil {
				t.Fatal(err)
			}
			do(t, server, "config", "set", "save", "3600 1")
			if err := os.RemoveAll(dir["dir"]); err != nil {
				t.Fatal(err)
			}
			_ = client.BgSave(t.Context()).Err()
			eventually(t, "the server could not save", func() bool {
				return strings.Contains(client.Info(t.Context(), "persistence").Val(), "rdb_last_bgsave_status:err")
			})
		},
		strikes: func(name string) bool { return writes[name] || name == "Ping" }, want: storage.ErrUnavailable, says: "MISCONF",
	},
	{
		name: "too many clients",
		strike: func(t *testing.T, server *redistest.Server) {
			// Its own connection is the last: every other is one too many.
			client := connect(t, &redis.Options{Addr: server.Addr(), PoolSize: 1})
			if err := client.Do(t.Context(), "config", "set", "maxclients", "1").Err(); err != nil {
				t.Fatal(err)
			}
			disconnect(t, client)
		},
		strikes: all, want: storage.ErrOverloaded, says: "max number of clients",
	},
	{
		name:    "another type",
		strike:  func(t *testing.T, server *redistest.Server) { retype(t, server) },
		strikes: one("Get", "GetMany", "GetEntry", "GetEntries", "CompareAndSwap", "Take"), want: storage.ErrCorrupt, says: "WRONGTYPE",
	},
}

func retype(t *testing.T, server *redistest.Server) {
	t.Helper()
	do(t, server, "del", faultKey)
	do(t, server, "rpush", faultKey, canary)
}

func TestFaults(t *testing.T) {
	t.Parallel() // it waits most of the time
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			server := redistest.Start(t, f.conf...)
			o := &redis.Options{Addr: server.Addr(), MaxRetries: -1, DialerRetries: 1}
			if f.client != nil {
				f.client(o)
			}
			store := borrow(t, o)
			do(t, server, "set", faultKey, canary, "ex", 3600)
			_ = store.Ping(t.Context()) // makes a connection, if there is time enough
			f.strike(t, server)
			for name, call := range operations {
				if f.strikes(name) {
					checkFailure(t, name, call(t.Context(), store, faultKey), f.want, f.says)
				}
			}
			if f.strikes("GetMany") {
				checkNothingRead(t, store)
			}
		})
	}
}

// checkFailure checks that err is want and definite, has the form of our errors,
// and tells what it may and nothing else.
func checkFailure(t *testing.T, name string, err, want error, says string) {
	t.Helper()
	switch {
	case !errors.Is(err, want), !storage.Failed(err):
		t.Errorf("%s: %v, want %v", name, err, want)
	case errors.Is(err, storage.ErrUnknownOutcome):
		t.Errorf("%s: %v, but nothing is unknown", name, err)
	case !strings.HasPrefix(err.Error(), "redisstore: "), strings.Contains(err.Error(), canary):
		t.Errorf("%s: %q has a wrong form or tells a secret", name, err)
	case !strings.Contains(err.Error(), says):
		t.Errorf("%s: %q does not say %q", name, err, says)
	}
	var raw redis.Error
	if errors.As(err, &raw) {
		t.Errorf("%s: the server's words are in the chain of errors: %q", name, raw)
	}
}

// checkNothingRead checks that a failed batch hands out no values that it has not read.
func checkNothingRead(t *testing.T, store *redisstore.Store) {
	t.Helper()
	values, err := store.GetMany(t.Context(), []string{faultKey, "absent"})
	if err == nil || len(values) != 0 {
		t.Errorf("GetMany: %q, %v", values, err)
	}
	entries, err := store.GetEntries(t.Context(), []string{faultKey, "absent"})
	if err == nil || len(entries) != 0 {
		t.Errorf("GetEntries: %v, %v", entries, err)
	}
}

// No free connection is an overload, whatever the operation.
func TestPoolExhausted(t *testing.T) {
	client := connect(t, &redis.Options{
		Addr: redistest.Shared(t).Addr(), MaxRetries: -1,
		PoolSize: 1, PipelinePoolSize: -1, PoolTimeout: 10 * time.Millisecond,
	})
	held := client.Conn()
	defer held.Close()
	if err := held.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	store := redisstore.New(client)
	defer store.Close()
	for name, call := range operations {
		checkFailure(t, name, call(t.Context(), store, faultKey), storage.ErrOverloaded, "pool timeout")
	}
}

// After Close, and after its client was closed, every operation of a store and
// of its views says so.
func TestClosed(t *testing.T) {
	server := redistest.Shared(t)
	opened, err := redisstore.Open(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	lent := connect(t, &redis.Options{Addr: server.Addr()})
	borrowed := redisstore.New(lent)
	taken := connect(t, &redis.Options{Addr: server.Addr()})
	orphan := redisstore.New(taken)
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	views := map[string]storage.ByteStore{
		"Open": opened.In(storage.Scope{Prefix: "v:"}), "New": borrowed.In(storage.Scope{Prefix: "v:"}),
	}
	for _, view := range views {
		if err := storage.Close(view); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []*redisstore.Store{opened, borrowed} {
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("closing a view closed its store: %v", err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	for where, s := range map[string]storage.ByteStore{
		"Open": opened, "New": borrowed, "closed client": orphan,
		"view of Open": views["Open"], "view of New": views["New"],
	} {
		for name, call := range operations {
			checkFailure(t, where+": "+name, call(t.Context(), s.(ops), faultKey), storage.ErrClosed, "")
		}
	}
	if err := lent.Ping(t.Context()).Err(); err != nil {
		t.Errorf("Close of a store closed the client that it had borrowed: %v", err)
	}
}

// However a way breaks, before a command is sent or after it: nobody hangs,
// nothing is absent, and of a write that was sent the outcome is unknown.
func TestBrokenWay(t *testing.T) {
	t.Parallel() // it waits most of the time
	server := redistest.Start(t)
	for name, way := range map[string]func(*redistest.Proxy){
		"reset":      func(p *redistest.Proxy) { p.Break(redistest.Reset) },
		"eof":        func(p *redistest.Proxy) { p.Break(redistest.EOF) },
		"half-close": func(p *redistest.Proxy) { p.Break(redistest.HalfClose) },
		"silence":    func(p *redistest.Proxy) { p.Break(redistest.Silence) },
		"refuse":     shut,
	} {
		t.Run(name, func(t *testing.T) {
			proxy := redistest.NewProxy(t, server.Addr())
			o := &redis.Options{Dialer: proxy.Dial, ReadTimeout: 50 * time.Millisecond, MaxRetries: -1, DialerRetries: 1}
			for op, call := range operations {
				proxy.Heal()
				store := borrow(t, o) // a client that was refused often dials once a second only
				do(t, server, "set", faultKey, canary)
				eventually(t, "a connection is made", func() bool { return store.Ping(t.Context()) == nil })
				way(proxy)
				for _, conn := range []string{"established", "new"} {
					err := call(t.Context(), store, faultKey)
					if conn == "established" && errors.Is(err, storage.ErrUnknownOutcome) && writes[op] {
						if !errors.Is(err, storage.ErrUnavailable) {
							t.Errorf("%s: %v, want ErrUnavailable", op, err)
						}
						continue // it was sent
					}
					checkFailure(t, op+", "+conn, err, storage.ErrUnavailable, "")
				}
			}
		})
	}
}

// A restart breaks the connections of a client and nothing else, if the server
// has kept its data.
func TestRestart(t *testing.T) {
	server := redistest.Start(t, kept...)
	store := open(t, server)
	for name, call := range operations {
		if err := store.Set(t.Context(), faultKey, []byte(canary), time.Hour); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		server.Restart()
		if err := call(t.Context(), store, faultKey); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server that takes no value of this size breaks the connection. Nothing is
// stored, and nobody is told that it is.
func TestLargerThanTheServerTakes(t *testing.T) {
	server := redistest.Start(t, redistest.Config("proto-max-bulk-len", fmt.Sprint(1<<20)))
	store := open(t, server)
	large := make([]byte, 8<<20)
	for name, call := range map[string]func() error{
		"Set":     func() error { return store.Set(t.Context(), "k", large, 0) },
		"SetMany": func() error { return store.SetMany(t.Context(), map[string][]byte{"k": large}, 0) },
		"CompareAndSwap": func() error {
			_, err := store.CompareAndSwap(t.Context(), "k", "", large, 0)
			return err
		},
	} {
		if err := call(); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", name, err)
		}
		if ok, err := store.Has(t.Context(), "k"); ok || err != nil {
			t.Errorf("%s: Has: %v, %v", name, ok, err)
		}
	}
}

package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// openURL opens a store for the duration of the test.
func openURL(tb testing.TB, url string, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	store, err := redisstore.Open(tb.Context(), url, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return store
}

func TestSentinel(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *redistest.Sentinel)
	}{
		{"laws", testLawsOnSentinel},
		{"outage", testOutageOfSentinel},
		{"errors", testSentinelErrors},
		{"failover", testSentinelFailover},
		{"silent sentinel", testSilentSentinel},
		{"dead master", testDeadMaster},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, sentinel) })
	}
}

func testLawsOnSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
		return openURL(tb, sentinel.URL(), redisstore.Prefix(uniquePrefix()))
	}, opts)
}

// Its Sentinels cannot be reached then, either.
func testOutageOfSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	addrs := append(sentinel.Addrs(), sentinel.Master().Addr())
	storagetest.TestOutage(t, func(tb testing.TB) (storage.ByteStore, storagetest.Outage) {
		proxies := redistest.NewProxies(tb)
		client := redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: sentinel.MasterName(), SentinelAddrs: sentinel.Addrs(),
			MaxRetries: -1, DialerRetries: 1, Dialer: proxies.Dial,
		})
		tb.Cleanup(func() { _ = client.Close() })
		store := redisstore.New(client, redisstore.Prefix(uniquePrefix()))
		tb.Cleanup(func() { _ = store.Close() })
		return store, outageOf(proxies, addrs)
	}, storagetest.Bytes, opts)
}

// What Sentinels say, and that none can be reached, is no answer of the store.
func testSentinelErrors(t *testing.T, sentinel *redistest.Sentinel) {
	client := func(o *redis.FailoverOptions) *redisstore.Store {
		o.MaxRetries, o.DialerRetries = -1, 1
		client := redis.NewFailoverClient(o)
		t.Cleanup(func() { _ = client.Close() })
		store := redisstore.New(client)
		t.Cleanup(func() { _ = store.Close() })
		return store
	}
	dead := redistest.Start(t)
	dead.Kill()
	for says, store := range map[string]*redisstore.Store{
		"the Sentinels know no master of this name": client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: sentinel.Addrs()}),
		"no Sentinel can be reached":                      client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{dead.Addr()}}),
		"connection refused":                              client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{dead.Addr()}}),
		"there are no addresses of Sentinels":                                    client(&redis.FailoverOptions{MasterName: canary}),
		"a server that was asked for the master is no Sentinel":                    client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{sentinel.Master().Addr()}}),
	} {
		for name, call := range operations {
			checkFailure(t, name, call(t.Context(), store, faultKey), storage.ErrUnavailable, says)
		}
		checkNothingRead(t, store)
	}
}

// writer writes until it is stopped, and tells for how long no write was done.
func gap(t *testing.T, store *redisstore.Store, prefix string, cause func()) (longest time.Duration, done []string) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		last := time.Now()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			key := fmt.Sprint(prefix, i)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := store.Set(ctx, key, []byte("1"), 0)
			cancel()
			if err == nil {
				longest = max(longest, time.Since(last))
				last = time.Now()
				done = append(done, key)
			} else if strings.Contains(err.Error(), canary) || !storage.Failed(err) {
				t.Errorf("Set: %v", err)
			}
			<-time.After(2 * time.Millisecond)
		}
	}()
	cause()
	eventually(t, "writes go on", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return store.Set(ctx, prefix+"last", nil, 0) == nil
	})
	close(stop)
	<-stopped
	return longest, done
}

func lost(t *testing.T, store *redisstore.Store, done []string) (n int) {
	t.Helper()
	values, err := store.GetMany(t.Context(), done)
	if err != nil {
		t.Fatal(err)
	}
	return len(done) - len(values)
}

func testSentinelFailover(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	longest, done := gap(t, store, "failover:", sentinel.Failover)
	t.Logf("%d writes, none for %v, %d lost", len(done), longest, lost(t, store, done))
	sentinel.AwaitStable()
}

func testDeadMaster(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	master := sentinel.Master()
	var promoted time.Duration
	longest, done := gap(t, store, "dead:", func() {
		started := time.Now()
		master.Kill()
		sentinel.AwaitStable()
		promoted = time.Since(started)
	})
	t.Logf("%d writes, none for %v, promoted by %v, %d lost", len(done), longest, promoted, lost(t, store, done))
	master.Restart()
	sentinel.AwaitStable()
}

func testSilentSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	master := sentinel.Master()
	var asked *redistest.Server
	for _, s := range sentinel.Sentinels() {
		clients := connect(t, &redis.Options{Addr: s.Addr()}).ClientList(t.Context()).Val()
		if strings.Contains(clients, "cmd=subscribe") {
			asked = s
		}
	}
	if asked == nil {
		t.Fatal("no sentinel is listened to")
	}
	var promoted time.Duration
	longest, done := gap(t, store, "silent:", func() {
		asked.Pause()
		started := time.Now()
		master.Pause()
		eventually(t, "promotion", func() bool {
			for _, s := range sentinel.Sentinels() {
				if s == asked {
					continue
				}
				c := redis.NewSentinelClient(&redis.Options{Addr: s.Addr()})
				addr, err := c.GetMasterAddrByName(t.Context(), sentinel.MasterName()).Result()
				_ = c.Close()
				if err == nil && addr[0]+":"+addr[1] != master.Addr() {
					return true
				}
			}
			return false
		})
		promoted = time.Since(started)
	})
	t.Logf("%d writes, none for %v, promoted by %v, %d lost", len(done), longest, promoted, lost(t, store, done))
	asked.Resume()
	master.Resume()
	sentinel.AwaitStable()
	_ = errors.Is
}

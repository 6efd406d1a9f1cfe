package redisstore_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// connectSentinel makes a client for the duration of the test.
func connectSentinel(tb testing.TB, o *redis.FailoverOptions) *redis.Client {
	tb.Helper()
	return during(tb, redis.NewFailoverClient(o))
}

func TestSentinel(t *testing.T) {
	t.Parallel() // it waits most of the time
	sentinel := redistest.StartSentinel(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *redistest.Sentinel)
	}{
		{"laws", testLawsOnSentinel},
		{"outage", testOutageOfSentinel},
		{"errors", testSentinelErrors},
		{"lost reply", testLostReplyBySentinel},
		{"failover", testSentinelFailover},
		{"silent sentinel", testSilentSentinel},
		{"dead master", testDeadMaster},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, sentinel) })
	}
}

func testLawsOnSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	client := connectSentinel(t, &redis.FailoverOptions{MasterName: sentinel.MasterName(), SentinelAddrs: sentinel.Addrs()})
	storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
		return borrowed(tb, client, redisstore.Prefix(uniquePrefix()))
	}, opts)
}

// Its Sentinels cannot be reached then, either.
func testOutageOfSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	addrs := append(sentinel.Addrs(), sentinel.Master().Addr())
	storagetest.TestOutage(t, func(tb testing.TB) (storage.ByteStore, storagetest.Outage) {
		proxies := redistest.NewProxies(tb)
		client := connectSentinel(tb, &redis.FailoverOptions{
			MasterName: sentinel.MasterName(), SentinelAddrs: sentinel.Addrs(),
			MaxRetries: -1, DialerRetries: 1, Dialer: proxies.Dial,
		})
		return borrowed(tb, client, redisstore.Prefix(uniquePrefix())), outageOf(proxies, addrs)
	}, storagetest.Bytes, opts)
}

// What Sentinels say, and that none can be reached, is no answer of the store.
func testSentinelErrors(t *testing.T, sentinel *redistest.Sentinel) {
	client := func(o *redis.FailoverOptions) *redisstore.Store {
		o.MaxRetries, o.DialerRetries = -1, 1
		return borrowed(t, connectSentinel(t, o))
	}
	dead := redistest.Start(t)
	dead.Kill()
	for says, store := range map[string]*redisstore.Store{
		"the Sentinels know no master of this name":             client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: sentinel.Addrs()}),
		"no Sentinel can be reached":                            client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{dead.Addr()}}),
		"connection refused":                                    client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{dead.Addr()}}),
		"there are no addresses of Sentinels":                   client(&redis.FailoverOptions{MasterName: canary}),
		"a server that was asked for the master is no Sentinel": client(&redis.FailoverOptions{MasterName: canary, SentinelAddrs: []string{sentinel.Master().Addr()}}),
	} {
		for name, call := range operations {
			checkFailure(t, name, call(t.Context(), store, faultKey), storage.ErrUnavailable, says)
		}
		checkNothingRead(t, store)
	}
}

// A write is sent once to the master that Sentinels know, too.
func testLostReplyBySentinel(t *testing.T, sentinel *redistest.Sentinel) {
	proxies := redistest.NewProxies(t)
	client := connectSentinel(t, &redis.FailoverOptions{
		MasterName: sentinel.MasterName(), SentinelAddrs: sentinel.Addrs(),
		Dialer: proxies.Dial, ReadTimeout: time.Second, MaxRetries: 3,
	})
	master := sentinel.Master()
	loseReplies(t, context.Background(), borrowed(t, client), proxies.To(master.Addr()), master)
}

// In a failover in good order, writes go on at once.
func testSentinelFailover(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	gapWhile(t, store, "failover:", sentinel.Failover)
	sentinel.AwaitStable()
}

// When the master has died, writes go on as soon as there is another.
func testDeadMaster(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	master := sentinel.Master()
	gapWhile(t, store, "dead:", func() {
		master.Kill()
		sentinel.AwaitStable()
	})
	master.Restart()
	sentinel.AwaitStable()
}

// The same if the Sentinel that the client listens to hangs with the master, as
// it does when the machine of both is gone.
func testSilentSentinel(t *testing.T, sentinel *redistest.Sentinel) {
	store := openURL(t, sentinel.URL())
	master := sentinel.Master()
	var listened *redistest.Server
	for _, s := range sentinel.Sentinels() {
		clients := connect(t, &redis.Options{Addr: s.Addr()}).ClientList(t.Context()).Val()
		if strings.Contains(clients, "cmd=subscribe") {
			listened = s
		}
	}
	if listened == nil {
		t.Fatal("the client listens to no Sentinel")
	}
	gapWhile(t, store, "silent:", func() {
		listened.Pause()
		master.Pause()
		eventually(t, "another master", func() bool {
			for _, s := range sentinel.Sentinels() {
				if s == listened {
					continue
				}
				client := redis.NewSentinelClient(&redis.Options{Addr: s.Addr()})
				addr, err := client.GetMasterAddrByName(t.Context(), sentinel.MasterName()).Result()
				_ = client.Close()
				if err == nil && net.JoinHostPort(addr[0], addr[1]) != master.Addr() {
					return true
				}
			}
			return false
		})
	})
	listened.Resume()
	master.Resume()
	sentinel.AwaitStable()
}

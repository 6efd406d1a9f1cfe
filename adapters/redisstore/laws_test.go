package redisstore_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestLaws(t *testing.T) {
	t.Parallel() // with those that wait for failovers
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	t.Run("Open", func(t *testing.T) {
		storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
			server := redistest.Shared(tb)
			return open(tb, server, redisstore.Prefix(server.Prefix()))
		}, opts)
	})
	t.Run("New", func(t *testing.T) { // a client with the defaults of go-redis
		storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
			server := redistest.Shared(tb)
			return borrow(tb, &redis.Options{Addr: server.Addr()}, redisstore.Prefix(server.Prefix()))
		}, opts)
	})
	t.Run("NoPrefix", func(t *testing.T) {
		opts := storagetest.Options{Native: storagetest.AllOps}
		storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
			return open(tb, redistest.Start(tb))
		}, opts)
	})
}

func TestLawsUnderOutage(t *testing.T) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	t.Run("Open", func(t *testing.T) {
		storagetest.TestOutage(t, func(tb testing.TB) (storage.ByteStore, storagetest.Outage) {
			server := redistest.Start(tb)
			return open(tb, server, redisstore.Prefix("p:")), outage(server)
		}, storagetest.Bytes, opts)
	})
	t.Run("New", func(t *testing.T) { // a client that does not look at contexts; without its 1.7s for a refused dial
		storagetest.TestOutage(t, func(tb testing.TB) (storage.ByteStore, storagetest.Outage) {
			server := redistest.Start(tb)
			client := &redis.Options{Addr: server.Addr(), DialerRetries: 1, MaxRetries: -1}
			return borrow(tb, client, redisstore.Prefix("p:")), outage(server)
		}, storagetest.Bytes, opts)
	})
}

func outage(server *redistest.Server) storagetest.Outage {
	return storagetest.Outage{Cut: server.Kill, Hang: server.Pause, Heal: server.Resume}
}

// outageOf is the power over the way to servers.
func outageOf(proxies *redistest.Proxies, addrs []string) storagetest.Outage {
	each := func(do func(*redistest.Proxy)) func() {
		return func() {
			for _, addr := range addrs {
				do(proxies.To(addr))
			}
		}
	}
	return storagetest.Outage{
		Cut:  each(shut),
		Hang: each(func(p *redistest.Proxy) { p.Break(redistest.Silence) }),
		Heal: each((*redistest.Proxy).Heal),
	}
}

// shut breaks the connections through the proxy and has new ones refused.
func shut(p *redistest.Proxy) {
	p.Break(redistest.Reset)
	p.Break(redistest.Refuse)
}

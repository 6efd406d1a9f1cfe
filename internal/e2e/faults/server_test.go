package faults

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// ofTheServer are the faults of a server that answers.
var ofTheServer = []fault{
	{
		name: "READONLY", on: []string{"standalone"},
		strike: func(c *cell) {
			c.masters("replicaof", "127.0.0.1", "1")
			c.heal(func() { c.masters("replicaof", "no", "one") })
		},
		strikes: isWrite, writes: "R", err: storage.ErrReadOnly, says: "READONLY",
	},
	{
		name: "MASTERDOWN", on: []string{"standalone"},
		strike: func(c *cell) {
			c.configure("replica-serve-stale-data", "no", "yes")
			c.configure("replica-read-only", "no", "yes")
			c.masters("replicaof", "127.0.0.1", "1")
			c.heal(func() { c.masters("replicaof", "no", "one") })
		},
		reads: "R", writes: "R", err: storage.ErrUnavailable, says: "MASTERDOWN",
	},
	{
		name:    "NOREPLICAS",
		strike:  func(c *cell) { c.configure("min-replicas-to-write", "9", "0") },
		strikes: isWrite, writes: "R", err: storage.ErrUnavailable, says: "NOREPLICAS",
	},
	{
		name:    "OOM",
		strike:  func(c *cell) { c.configure("maxmemory", "1", "0") },
		strikes: one("Set", "SetMany", "CompareAndSwap"), writes: "R", err: storage.ErrOverloaded, says: "OOM",
	},
	{
		name:    "MISCONF",
		strike:  failToSave,
		strikes: func(o operation) bool { return isWrite(o) || o.name == "Ping" },
		reads:   "R", writes: "R", err: storage.ErrUnavailable, says: "MISCONF",
	},
	{
		name: "LOADING",
		strike: func(c *cell) {
			c.configure("loading-process-events-interval-bytes", "1024", "2097152")
			c.configure("key-load-delay", "2000", "0")
			var reloading sync.WaitGroup
			c.onEachMaster(func(ctx context.Context, client *redis.Client) {
				reloading.Go(func() { _ = client.Do(ctx, "debug", "reload").Err() })
			})
			c.heal(reloading.Wait)
			c.heal(func() { c.masters("config", "set", "key-load-delay", "0") })
			c.awaitReply("LOADING")
		},
		reads: "R", writes: "R", err: storage.ErrUnavailable, says: "LOADING",
	},
	{
		name: "BUSY",
		strike: func(c *cell) {
			c.configure("lua-time-limit", "1", "5000")
			var looping sync.WaitGroup
			c.onEachMaster(func(ctx context.Context, client *redis.Client) {
				looping.Go(func() { _ = client.Eval(ctx, "while true do end", nil).Err() })
			})
			c.heal(looping.Wait)
			c.heal(func() { c.masters("script", "kill") })
			c.awaitReply("BUSY")
		},
		reads: "R", writes: "R", err: storage.ErrUnavailable, says: "BUSY",
	},
	{
		name: "WRONGTYPE",
		strike: func(c *cell) {
			for i, key := range c.keys {
				c.must(c.w.admins[i].Del(c.tb.Context(), key).Err())
				c.must(c.w.admins[i].RPush(c.tb.Context(), key, canary).Err())
			}
		},
		strikes: one("Get", "GetMany", "GetEntry", "GetEntries", "CompareAndSwap", "Take"),
		reads:   "R", writes: "R", err: storage.ErrCorrupt, says: "WRONGTYPE",
	},
	{
		name: "NOPERM",
		strike: func(c *cell) {
			c.everywhere("acl", "setuser", appUser, "resetkeys", "~other:*", "-scan", "-ping")
			c.heal(func() { c.everywhere("acl", "setuser", appUser, "~*", "+@all") })
		},
		reads: "R", writes: "R", err: storage.ErrUnauthorized, says: "NOPERM",
	},
	{
		name: "NOPERM in a script",
		strike: func(c *cell) {
			c.everywhere("acl", "setuser", appUser, "-get", "-exists")
			c.heal(func() { c.everywhere("acl", "setuser", appUser, "+@all") })
		},
		strikes: one("Get", "GetMany", "Has", "GetEntry", "GetEntries", "CompareAndSwap", "Touch/NoExpiry"),
		reads:   "R", writes: "R", err: storage.ErrUnauthorized,
	},
	{
		name: "NOAUTH", cold: true,
		settings: func(_ *world, s *settings) { s.user, s.password = "", "" },
		strike: func(c *cell) {
			c.everywhere("config", "set", "requirepass", canary)
			c.heal(func() { c.everywhere("config", "set", "requirepass", "") })
		},
		reads: "R", writes: "R", err: storage.ErrUnauthorized, says: "NOAUTH",
	},
	{
		name: "WRONGPASS", cold: true,
		settings: func(_ *world, s *settings) { s.password = canary + "-wrong" },
		strike:   func(*cell) {},
		reads:    "R", writes: "R", err: storage.ErrUnauthorized, says: "WRONGPASS",
	},
	{
		name: "too many clients", cold: true,
		settings: func(w *world, s *settings) {
			if w.cluster != nil { // where the store asks the address that an error names
				s.dialer = w.dialMapped
			}
		},
		strike: func(c *cell) {
			for _, admin := range c.w.all {
				clients, err := admin.ClientList(c.tb.Context()).Result()
				c.must(err)
				n := strings.Count(clients, "\n")
				c.must(admin.ConfigSet(c.tb.Context(), "maxclients", strconv.Itoa(n)).Err())
			}
			c.heal(func() { c.everywhere("config", "set", "maxclients", "10000") })
		},
		reads: "R", writes: "R", err: storage.ErrOverloaded, says: "max number of clients",
	},
	{
		name:   "NOSCRIPT",
		strike: func(c *cell) { c.masters("script", "flush") },
		reads:  "=", writes: "=",
	},
	{
		name:    "value too large",
		options: []redisstore.Option{redisstore.MaxValueSize(len(canary) - 1)},
		strike:  func(*cell) {},
		strikes: one("Set", "SetMany", "CompareAndSwap"), writes: "X", err: storage.ErrTooLarge,
	},
	{
		name: "CLUSTERDOWN", on: []string{"Cluster"},
		strike: func(c *cell) {
			for i, key := range c.keys {
				slot := redistest.Slot(key)
				c.must(c.w.admins[i].Do(c.tb.Context(), "cluster", "delslots", slot).Err())
				c.heal(func() { c.must(c.w.admins[i].Do(c.tb.Context(), "cluster", "addslots", slot).Err()) })
			}
		},
		strikes: not("Ping"), reads: "R", writes: "R", err: storage.ErrUnavailable,
	},
	{
		name: "slot half way", on: []string{"Cluster"},
		strike: func(c *cell) {
			// Its key is in the new place: the old one says ASK.
			slot := redistest.Slot(c.keys[0])
			m := c.w.cluster.Migrate(slot, c.w.masters[1])
			m.Move(c.keys[0])
			c.heal(func() {
				m.Finish()
				c.w.cluster.MoveSlot(slot, c.w.masters[0])
			})
		},
		reads: "=", writes: "=",
	},
	{
		name: "restart", on: []string{"standalone"},
		strike: func(c *cell) { c.w.masters[0].Restart() },
		reads:  "=", writes: "=",
	},
	{name: "none", strike: func(*cell) {}, reads: "=", writes: "="},
}

// failToSave makes the servers fail to write a snapshot, for there is a
// directory in its place.
func failToSave(c *cell) {
	c.configure("save", "3600 1", "")
	for _, admin := range c.w.admins {
		dir := admin.ConfigGet(c.tb.Context(), "dir").Val()["dir"]
		place := filepath.Join(dir, "dump.rdb")
		c.must(os.RemoveAll(place))
		c.must(os.Mkdir(place, 0o700))
		c.heal(func() { _ = os.RemoveAll(place) })
		eventually(c.tb, "a snapshot fails", func() bool {
			info := admin.Info(c.tb.Context(), "persistence").Val()
			if !strings.Contains(info, "rdb_bgsave_in_progress:0") {
				return false
			}
			if strings.Contains(info, "rdb_last_bgsave_status:err") {
				return true
			}
			_ = admin.BgSave(c.tb.Context()).Err() // refused while another child of the server runs
			return false
		})
	}
}

// masters runs a command on all masters, everywhere on all replicas too.
func (c *cell) masters(args ...any)    { c.tb.Helper(); c.w.each(c.tb, c.w.admins, args...) }
func (c *cell) everywhere(args ...any) { c.tb.Helper(); c.w.each(c.tb, c.w.all, args...) }

// configure sets a directive of the masters until the call is over.
func (c *cell) configure(name, value, then string) {
	c.tb.Helper()
	c.masters("config", "set", name, value)
	c.heal(func() { c.masters("config", "set", name, then) })
}

// onEachMaster calls f with a client of its own for each master, which has all
// the time that it needs.
func (c *cell) onEachMaster(f func(context.Context, *redis.Client)) {
	for _, admin := range c.w.admins {
		client := redis.NewClient(&redis.Options{Addr: admin.Options().Addr, ClientName: tests, ReadTimeout: -1, MaxRetries: -1})
		c.heal(func() { _ = client.Close() })
		f(context.WithoutCancel(c.tb.Context()), client)
	}
}

// awaitReply waits until all masters answer a read with an error of this code.
func (c *cell) awaitReply(code string) {
	c.tb.Helper()
	for i, admin := range c.w.admins {
		eventually(c.tb, "all masters say "+code, func() bool {
			return redis.HasErrorPrefix(admin.Get(c.tb.Context(), c.keys[i]).Err(), code)
		})
	}
}

func (c *cell) must(err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatalf("%s: %v", c.fault.name, err)
	}
}

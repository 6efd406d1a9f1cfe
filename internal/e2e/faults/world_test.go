package faults

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// The user of the stores, whom faults lock out. The tests themselves, the
// replication and the sentinels are the default user.
const (
	appUser     = "app"
	appPassword = canary + "-password"
)

// tests is the name of the connections that are not a store's.
const tests = "tests"

// A world is a topology that runs, behind proxies.
type world struct {
	topology string
	proxies  *redistest.Proxies
	masters  []*redistest.Server
	admins   []*redis.Client        // of masters, not through the proxies
	all      []*redis.Client        // of replicas too
	slots    map[string][]slotRange // of each address, in a Cluster
	cluster  *redistest.Cluster
	connect  func(settings) redis.UniversalClient
}

// settings are what a store's client has that not all have.
type settings struct {
	user, password           string
	poolSize                 int
	readTimeout, poolTimeout time.Duration
	dialer                   func(ctx context.Context, network, addr string) (net.Conn, error)
}

// worlds starts one of each topology.
var worlds = []struct {
	name  string
	start func(testing.TB) *world
}{
	{"standalone", standalone},
	{"Sentinel", sentinel},
	{"Cluster", cluster},
}

// What all servers are set up with: faults are struck by commands that a server
// takes from nobody otherwise.
var config = []redistest.Option{
	redistest.Config("enable-debug-command", "yes"),
	redistest.Config("enable-protected-configs", "yes"),
	// What was acknowledged survives a restart: with fsync a write may be put off.
	redistest.Config("appendonly", "yes"),
	redistest.Config("appendfsync", "no"),
	redistest.Config("user", appUser, "on", ">"+appPassword, "~*", "&*", "+@all"),
}

func standalone(tb testing.TB) *world {
	server := redistest.Start(tb, config...)
	w := &world{topology: "standalone", masters: []*redistest.Server{server}}
	w.connect = func(s settings) redis.UniversalClient {
		return redis.NewClient(&redis.Options{
			Addr: server.Addr(), Username: s.user, Password: s.password, Dialer: s.dialer, PoolSize: s.poolSize, PipelinePoolSize: -1,
			ReadTimeout: s.readTimeout, PoolTimeout: s.poolTimeout,
			MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		})
	}
	return w.prepare(tb, w.masters)
}

func sentinel(tb testing.TB) *world {
	s := redistest.StartSentinel(tb, config...)
	w := &world{topology: "Sentinel", masters: []*redistest.Server{s.Master()}}
	w.connect = func(set settings) redis.UniversalClient {
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: s.MasterName(), SentinelAddrs: s.Addrs(),
			Username: set.user, Password: set.password, Dialer: set.dialer, PoolSize: set.poolSize, PipelinePoolSize: -1,
			ReadTimeout: set.readTimeout, PoolTimeout: set.poolTimeout,
			MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		})
	}
	return w.prepare(tb, []*redistest.Server{s.Master(), s.Replica()})
}

func cluster(tb testing.TB) *world {
	c := redistest.StartCluster(tb, config...)
	w := &world{topology: "Cluster", masters: c.Masters(), cluster: c}
	w.connect = func(s settings) redis.UniversalClient {
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: c.Addrs(), Username: s.user, Password: s.password, Dialer: s.dialer, PoolSize: s.poolSize, PipelinePoolSize: -1,
			ReadTimeout: s.readTimeout, PoolTimeout: s.poolTimeout,
			MaxRetries: -1, DialerRetries: 1, ContextTimeoutEnabled: true,
		})
	}
	return w.prepare(tb, c.Nodes())
}

func (w *world) prepare(tb testing.TB, servers []*redistest.Server) *world {
	w.proxies = redistest.NewProxies(tb)
	for _, server := range servers {
		client := redis.NewClient(&redis.Options{Addr: server.Addr(), ClientName: tests, MaxRetries: -1, PoolSize: 1, PipelinePoolSize: -1})
		tb.Cleanup(func() { _ = client.Close() })
		w.all = append(w.all, client)
		for _, master := range w.masters {
			if master == server {
				w.admins = append(w.admins, client)
			}
		}
	}
	if w.cluster != nil {
		w.slots = slots(tb, w.admins[0])
	}
	// What takes a while to load.
	for _, admin := range w.admins {
		pipe := admin.Pipeline()
		for i := 0; len(pipe.Cmds()) < 500; i++ {
			if key := fmt.Sprint("ballast", i); len(w.masters) == 1 || w.admins[w.master(key)] == admin {
				pipe.Set(tb.Context(), key, strings.Repeat("v", 100), 0)
			}
		}
		if _, err := pipe.Exec(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
	return w
}

// each runs a command on each of the servers.
func (w *world) each(tb testing.TB, servers []*redis.Client, args ...any) {
	tb.Helper()
	for _, client := range servers {
		if err := client.Do(tb.Context(), args...).Err(); err != nil {
			tb.Fatalf("%s: %v: %v", w.topology, args, err)
		}
	}
}

// awaitNoConnections waits until the servers have no connection of a store.
func (w *world) awaitNoConnections(tb testing.TB) {
	tb.Helper()
	for _, client := range w.all {
		eventually(tb, w.topology+": a server has no connection of a store", func() bool {
			list, err := client.ClientList(tb.Context()).Result()
			return err == nil && !ofStore(list)
		})
	}
}

// ofStore reports whether a CLIENT LIST has a connection of a store. Those of the
// tests and of the sentinels have a name, those of the replication have flags, and
// those by which a server hands keys to another, which it keeps for 10 s, restore.
func ofStore(clients string) bool {
	for line := range strings.Lines(clients) {
		if strings.Contains(line, " name= ") && strings.Contains(line, " flags=N ") && !strings.Contains(line, " cmd=restore") {
			return true
		}
	}
	return false
}

// dialMapped connects to the proxy of a server by the proxy's own address, as a
// Dialer does that knows where the servers really are. It knows no other address.
func (w *world) dialMapped(ctx context.Context, network, addr string) (net.Conn, error) {
	if !slices.ContainsFunc(w.all, func(c *redis.Client) bool { return c.Options().Addr == addr }) {
		return nil, fmt.Errorf("%s is no server", addr)
	}
	return new(net.Dialer).DialContext(ctx, network, w.proxies.To(addr).Addr())
}

// master returns the index of the master that holds key.
func (w *world) master(key string) int {
	return max(0, slices.IndexFunc(w.masters, func(s *redistest.Server) bool {
		return holds(w.slots[s.Addr()], redistest.Slot(key))
	}))
}

// A slotRange are the slots from the first to the last.
type slotRange [2]int64

func holds(ranges []slotRange, slot int) bool {
	return slices.ContainsFunc(ranges, func(r slotRange) bool { return r[0] <= int64(slot) && int64(slot) <= r[1] })
}

// slots returns the slots of each master by its address.
func slots(tb testing.TB, client redis.UniversalClient) map[string][]slotRange {
	tb.Helper()
	reply, err := client.Do(tb.Context(), "cluster", "slots").Slice()
	if err != nil {
		tb.Fatal(err)
	}
	ranges := make(map[string][]slotRange)
	for _, r := range reply {
		r := r.([]any) // first, last, [host, port, …] of the master, replicas
		master := r[2].([]any)
		addr := fmt.Sprintf("%v:%v", master[0], master[1])
		ranges[addr] = append(ranges[addr], slotRange{r[0].(int64), r[1].(int64)})
	}
	return ranges
}

// eventually polls until ok.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(deadline) {
			tb.Fatalf("not within a minute: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// other returns a master that does not hold the key.
func other(cluster *redistest.Cluster, key string) *redistest.Server {
	holder := cluster.MasterOf(key)
	for _, m := range cluster.Masters() {
		if m.Addr() != holder.Addr() {
			return m
		}
	}
	panic("a Cluster of one master")
}

// Every operation finds a slot that has moved since the client last looked.
func testMovedSlot(t *testing.T, cluster *redistest.Cluster) {
	const tag = "{moved}"
	store := borrowCluster(t, clusterOptions(cluster))
	for name, call := range operations {
		key := tag + faultKey
		if err := store.Set(t.Context(), key, []byte(canary), time.Hour); err != nil {
			t.Fatal(err)
		}
		cluster.MoveSlot(redistest.Slot(tag), other(cluster, tag))
		if err := call(t.Context(), store, key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A batch over all masters, and over a slot that has moved or is half way,
// stores, reads and deletes what it is told to.
func testBatches(t *testing.T, cluster *redistest.Cluster) {
	const tag = "{batch}"
	store := borrowCluster(t, clusterOptions(cluster))
	values := make(map[string][]byte)
	for i := range 30 {
		values[fmt.Sprint("batch", i)] = fmt.Append(nil, i)
		values[fmt.Sprint(tag, i)] = fmt.Append(nil, i)
	}
	keys := append(slices.Sorted(maps.Keys(values)), "absent", tag+"absent")
	check := func(when string) {
		t.Helper()
		got, err := store.GetMany(t.Context(), keys)
		if err != nil || !maps.EqualFunc(got, values, slices.Equal) {
			t.Errorf("%s: GetMany: %d values, %v, want %d", when, len(got), err, len(values))
		}
		entries, err := store.GetEntries(t.Context(), keys)
		if err != nil || !maps.EqualFunc(entries, values, func(e storage.Entry[[]byte], v []byte) bool { return slices.Equal(e.Value, v) }) {
			t.Errorf("%s: GetEntries: %d entries, %v, want %d", when, len(entries), err, len(values))
		}
	}
	set := func(when string) {
		t.Helper()
		if err := store.SetMany(t.Context(), values, time.Hour); err != nil {
			t.Errorf("%s: SetMany: %v", when, err)
		}
		check(when)
	}
	set("at home")
	cluster.MoveSlot(redistest.Slot(tag), other(cluster, tag))
	check("moved")
	cluster.MoveSlot(redistest.Slot(tag), other(cluster, tag))
	set("moved")
	moving := cluster.Migrate(redistest.Slot(tag), other(cluster, tag))
	for i := range 15 {
		moving.Move(fmt.Sprint(tag, i))
	}
	check("half way")
	set("half way")
	values[tag+"new"] = []byte("new")
	keys = append(keys, tag+"new")
	set("half way")
	if err := store.DeleteMany(t.Context(), keys[:40]); err != nil {
		t.Errorf("half way: DeleteMany: %v", err)
	}
	for _, key := range keys[:40] {
		delete(values, key)
	}
	check("half way, deleted")
	moving.Finish()
	check("arrived")
}

// The operations on one key do what they do while its slot is half way, whether
// the key has left, is there yet, or is not at all.
func testHalfMovedSlot(t *testing.T, cluster *redistest.Cluster) {
	const tag = "{half}"
	store := borrowCluster(t, clusterOptions(cluster))
	moving := cluster.Migrate(redistest.Slot(tag), other(cluster, tag))
	for name, call := range operations {
		for where, key := range map[string]string{"left": tag + "1", "there": tag + "2"} {
			if err := store.Set(t.Context(), key, []byte(canary), time.Hour); err != nil {
				t.Fatal(err)
			}
			if where == "left" {
				moving.Move(key)
			}
			if err := call(t.Context(), store, key); err != nil {
				t.Errorf("%s of a key that is %s: %v", name, where, err)
			}
		}
		if err := call(t.Context(), store, tag+"absent"); err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrConflict) {
			t.Errorf("%s of an absent key: %v", name, err)
		}
	}
	if err := store.DeletePrefix(t.Context(), tag); err != nil {
		t.Fatal(err)
	}
	version, err := store.CompareAndSwap(t.Context(), tag+"new", "", []byte("1"), 0)
	if err != nil {
		t.Fatal(err)
	}
	moving.Finish()
	if _, err := store.CompareAndSwap(t.Context(), tag+"new", version, []byte("2"), 0); err != nil {
		t.Error(err)
	}
	if got := list(t, store, tag); !slices.Equal(got, []string{tag + "new"}) {
		t.Errorf("left: %q", got)
	}
}

// No node was ever sent keys of several slots in one command.
func checkErrorStats(t *testing.T, cluster *redistest.Cluster) {
	for _, node := range cluster.Nodes() {
		stats := connect(t, &redis.Options{Addr: node.Addr()}).Info(t.Context(), "errorstats").Val()
		for _, never := range []string{"CROSSSLOT", "TRYAGAIN", "WRONGTYPE"} {
			if strings.Contains(stats, "errorstat_"+never) {
				t.Errorf("a node said %s:\n%s", never, stats)
			}
		}
	}
}

// A write that a node refuses by MOVED, and that cannot be sent to the other
// node, did not happen.
func testMovedToUnreachable(t *testing.T, cluster *redistest.Cluster) {
	const tag = "{unreachable}"
	proxies := redistest.NewProxies(t)
	o := clusterOptions(cluster)
	o.Dialer = proxies.Dial
	for name, call := range operations {
		if one("Ping", "Keys", "DeletePrefix")(name) {
			continue // they talk to every master first
		}
		client := connectCluster(t, o)
		store := redisstore.New(client)
		key := tag + faultKey
		if err := store.Set(t.Context(), key, []byte(canary), 0); err != nil {
			t.Fatal(err)
		}
		there := other(cluster, tag)
		cluster.MoveSlot(redistest.Slot(tag), there)
		way := proxies.To(there.Addr())
		shut(way)
		checkFailure(t, name, call(t.Context(), store, key), storage.ErrUnavailable, "")
		way.Heal()
		_ = client.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Of a batch, the keys of a shard that cannot be reached are not called absent,
// and the others are served. Nothing of it is in doubt.
func testDeadShard(t *testing.T, cluster *redistest.Cluster) {
	down := cluster.MasterOf("a").Addr()
	proxies := redistest.NewProxies(t)
	o := clusterOptions(cluster)
	o.Dialer = proxies.Dial
	store := borrowCluster(t, o)
	values := make(map[string][]byte)
	reachable := 0
	for i := range 50 {
		key := fmt.Sprint("shard", i)
		values[key] = []byte("1")
		if cluster.MasterOf(key).Addr() != down {
			reachable++
		}
	}
	keys := slices.Collect(maps.Keys(values))
	if err := store.SetMany(t.Context(), values, 0); err != nil {
		t.Fatal(err)
	}
	shut(proxies.To(down))
	got, err := store.GetMany(t.Context(), keys)
	checkFailure(t, "GetMany", err, storage.ErrUnavailable, "connection refused")
	if len(got) != reachable {
		t.Errorf("GetMany: %d values, want %d", len(got), reachable)
	}
	entries, err := store.GetEntries(t.Context(), keys)
	checkFailure(t, "GetEntries", err, storage.ErrUnavailable, "connection refused")
	if len(entries) != reachable {
		t.Errorf("GetEntries: %d entries, want %d", len(entries), reachable)
	}
	checkFailure(t, "SetMany", store.SetMany(t.Context(), values, 0), storage.ErrUnavailable, "connection refused")
	checkFailure(t, "DeleteMany", store.DeleteMany(t.Context(), keys), storage.ErrUnavailable, "connection refused")
	for name, call := range operations {
		checkFailure(t, name, call(t.Context(), store, "{a}"+faultKey), storage.ErrUnavailable, "connection refused")
	}
}

// A write is sent once in a Cluster, too.
func testLostReplyInCluster(t *testing.T, cluster *redistest.Cluster) {
	holder := cluster.MasterOf("a")
	masters := []*redistest.Server{holder}
	for _, m := range cluster.Masters() {
		if m.Addr() != holder.Addr() {
			masters = append(masters, m)
		}
	}
	proxies := redistest.NewProxies(t)
	o := clusterOptions(cluster)
	o.ReadTimeout, o.Dialer = time.Second, proxies.Dial
	loseReplies(t, context.Background(), borrowCluster(t, o), proxies.To(holder.Addr()), masters...)
}

// A read whose reply is lost is not sent again in a Cluster, alone or in a batch.
func testLostReads(t *testing.T, cluster *redistest.Cluster) {
	proxies := redistest.NewProxies(t)
	o := clusterOptions(cluster)
	o.Dialer = proxies.Dial
	store := borrowCluster(t, o)
	way := proxies.To(cluster.MasterOf("a").Addr())
	for name, command := range map[string]string{"Get": "get", "GetMany": "get", "GetEntries": "eval", "Has": "exists"} {
		if err := operations[name](t.Context(), store, "{a}"); err != nil && !errors.Is(err, storage.ErrNotFound) {
			t.Fatal(err) // makes a connection
		}
		before := way.Requests(command)
		way.Strike(command, redistest.Reset)
		checkFailure(t, name, operations[name](t.Context(), store, "{a}"), storage.ErrUnavailable, "")
		keys := 1
		if name == "GetMany" || name == "GetEntries" {
			keys = 2
		}
		if n := way.Requests(command) - before; n != keys {
			t.Errorf("%s: %d requests, want %d", name, n, keys)
		}
	}
}

// A batch without a deadline waits for a silent node as long as one try may
// take, however often the client may try.
func testSilentNode(t *testing.T, cluster *redistest.Cluster) {
	proxies := redistest.NewProxies(t)
	o := clusterOptions(cluster)
	o.Dialer, o.DialTimeout, o.ReadTimeout, o.MaxRedirects = proxies.Dial, 200*time.Millisecond, 50*time.Millisecond, 10_000
	store := borrowCluster(t, o)
	values := make(map[string][]byte)
	for i := range 20 {
		values[fmt.Sprint("silent", i)] = []byte("1")
	}
	if err := store.SetMany(context.Background(), values, 0); err != nil {
		t.Fatal(err)
	}
	proxies.To(cluster.MasterOf("silent0").Addr()).Break(redistest.Silence)
	for range 2 { // the second time without a connection
		if _, err := store.GetMany(context.Background(), slices.Collect(maps.Keys(values))); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("GetMany: %v, want ErrUnavailable", err)
		}
	}
	checkFailure(t, "SetMany", store.SetMany(context.Background(), values, 0), storage.ErrUnavailable, "")
}

// When a master has died, writes go on as soon as its replica has taken over.
func testDeadMasterOfCluster(t *testing.T, cluster *redistest.Cluster) {
	store := openURL(t, cluster.URL())
	master := cluster.MasterOf("{dead}")
	gapWhile(t, store, "{dead}", func() {
		master.Kill()
		cluster.AwaitStable()
	})
	master.Restart()
	cluster.AwaitStable()
}

// The same if it hangs, and in a failover in good order.
func testHungMasterOfCluster(t *testing.T, cluster *redistest.Cluster) {
	store := openURL(t, cluster.URL())
	master := cluster.MasterOf("{hung}")
	gapWhile(t, store, "{hung}", func() {
		master.Pause()
		eventually(t, "another master", func() bool { return cluster.MasterOf("{hung}").Addr() != master.Addr() })
	})
	master.Resume()
	cluster.AwaitStable()
	gapWhile(t, store, "{hung}again", func() { cluster.Failover("{hung}") })
}

// What nodes say of a Cluster that does not serve, of too many clients, and to
// those who do not know that there is a Cluster, or that there is none.
func testClusterErrors(t *testing.T, cluster *redistest.Cluster) {
	const tag = "{errors}"
	key := tag + faultKey
	check := func(what string, store *redisstore.Store, strikes func(string) bool, want error, says string) {
		t.Helper()
		for name, call := range operations {
			if strikes(name) {
				checkFailure(t, what+": "+name, call(t.Context(), store, key), want, says)
			}
		}
	}
	keyed := func(name string) bool { return !one("Ping", "Keys", "DeletePrefix")(name) }

	there := other(cluster, tag)
	check("one node", borrow(t, stubborn(there.Addr())), keyed, storage.ErrUnavailable, "MOVED: the server belongs to a Cluster")
	single := redistest.Start(t)
	check("no Cluster", borrowCluster(t, &redis.ClusterOptions{Addrs: []string{single.Addr()}}), all, storage.ErrUnavailable, "the server does not belong to a Cluster")

	for _, name := range []string{"Get", "Set", "SetMany", "GetMany", "CompareAndSwap"} {
		o := clusterOptions(cluster)
		o.MaxRedirects = -1
		obstinate := borrowCluster(t, o) // one that has not looked again yet
		if err := obstinate.Set(t.Context(), key, []byte(canary), 0); err != nil {
			t.Fatal(err)
		}
		cluster.MoveSlot(redistest.Slot(tag), other(cluster, tag))
		err := operations[name](t.Context(), obstinate, key)
		checkFailure(t, "no redirects: "+name, err, storage.ErrUnavailable, "MOVED: to a node that cannot be reached, or more often")
	}

	o := clusterOptions(cluster)
	o.PoolSize, o.PipelinePoolSize, o.PoolTimeout = 1, -1, 10*time.Millisecond
	busy := connectCluster(t, o)
	err := busy.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		held := node.Conn()
		t.Cleanup(func() { _ = held.Close() })
		return held.Ping(ctx).Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	gone := connectCluster(t, clusterOptions(cluster))
	gone.OnNewNode(func(node *redis.Client) { node.AddHook(left{}) })
	check("gone", redisstore.New(gone), one("Keys", "DeletePrefix"), storage.ErrUnavailable, "the listing is partial")
	closed := connectCluster(t, clusterOptions(cluster))
	_ = closed.Close()
	check("closed", redisstore.New(closed), all, storage.ErrClosed, "")

	check("busy", redisstore.New(busy), all, storage.ErrOverloaded, "pool timeout")

	admin := connect(t, &redis.Options{Addr: cluster.MasterOf(tag).Addr(), PoolSize: 1})
	run := func(args ...any) {
		t.Helper()
		if err := admin.Do(t.Context(), args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	run("cluster", "delslots", redistest.Slot(tag))
	down := borrowCluster(t, clusterOptions(cluster))
	check("down", down, keyed, storage.ErrUnavailable, "CLUSTERDOWN")
	check("down", down, one("Keys"), storage.ErrUnavailable, "the slots of the Cluster are without a master")
	run("cluster", "addslots", redistest.Slot(tag))
	cluster.AwaitStable()

	run("config", "set", "maxclients", 1)
	run("client", "kill", "type", "normal")
	check("crowded", borrowCluster(t, clusterOptions(cluster)), all, storage.ErrOverloaded, "max number of clients")
	run("config", "set", "maxclients", 10000)
}

// The same user of an access control list needs two commands more in a Cluster,
// and go-redis asks for no others.
func testClusterACL(t *testing.T, cluster *redistest.Cluster) {
	rules := append([]string{"acl", "setuser", shopper}, permissions...)
	rules = append(rules, "+cluster|slots", "+cluster|nodes")
	for _, node := range cluster.Nodes() {
		args := make([]any, len(rules))
		for i, rule := range rules {
			args[i] = rule
		}
		do(t, node, args...)
	}
	u, err := url.Parse(cluster.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(shopper, canary)
	store := openURL(t, u.String(), redisstore.Prefix("shop:"))
	for name, call := range operations {
		do(t, cluster.MasterOf("shop:"+faultKey), "set", "shop:"+faultKey, canary)
		if err := call(t.Context(), store, faultKey); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, node := range cluster.Nodes() {
		stats := connect(t, &redis.Options{Addr: node.Addr()}).Info(t.Context(), "commandstats").Val()
		if strings.Contains(stats, "cmdstat_command:") {
			t.Errorf("a node was asked for COMMAND:\n%s", stats)
		}
	}
}

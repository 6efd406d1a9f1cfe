package redisstore_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// clusterOptions are the settings of a client of cluster that does not look at
// contexts and does not wait for the dead.
func clusterOptions(cluster *redistest.Cluster) *redis.ClusterOptions {
	return &redis.ClusterOptions{Addrs: cluster.Addrs(), DialerRetries: 1}
}

// connectCluster makes a client for the duration of the test.
func connectCluster(tb testing.TB, o *redis.ClusterOptions) *redis.ClusterClient {
	tb.Helper()
	return during(tb, redis.NewClusterClient(o))
}

// borrowCluster makes a store on a client of the test's own.
func borrowCluster(tb testing.TB, o *redis.ClusterOptions, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	return borrowed(tb, connectCluster(tb, o), opts...)
}

func TestCluster(t *testing.T) {
	t.Parallel() // it waits most of the time
	cluster := redistest.StartCluster(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *redistest.Cluster)
	}{
		{"access control list", testClusterACL},
		{"laws", testLawsOnCluster},
		{"outage", testOutageOfCluster},
		{"moved slot", testMovedSlot},
		{"batches", testBatches},
		{"half moved slot", testHalfMovedSlot},
		{"moved to unreachable", testMovedToUnreachable},
		{"dead shard", testDeadShard},
		{"errors", testClusterErrors},
		{"lost reply", testLostReplyInCluster},
		{"lost reads", testLostReads},
		{"silent node", testSilentNode},
		{"groups", testGroupsOfCluster},
		{"error stats", checkErrorStats},
		{"scans", testScans},
		{"dead master", testDeadMasterOfCluster},
		{"hung master", testHungMasterOfCluster},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, cluster) })
	}
}

func testLawsOnCluster(t *testing.T, cluster *redistest.Cluster) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	client := connectCluster(t, clusterOptions(cluster))
	storagetest.TestStore(t, func(tb testing.TB) storage.ByteStore {
		return borrowed(tb, client, redisstore.Prefix(uniquePrefix()))
	}, opts)
}

func testOutageOfCluster(t *testing.T, cluster *redistest.Cluster) {
	opts := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true}
	storagetest.TestOutage(t, func(tb testing.TB) (storage.ByteStore, storagetest.Outage) {
		proxies := redistest.NewProxies(tb)
		o := clusterOptions(cluster)
		o.Dialer = proxies.Dial
		return borrowCluster(tb, o, redisstore.Prefix(uniquePrefix())), outageOf(proxies, cluster.Addrs())
	}, storagetest.Bytes, opts)
}

var prefixes atomic.Int64

// uniquePrefix is of a part of a Cluster that no other store of the tests has.
func uniquePrefix() string { return fmt.Sprintf("p%d:", prefixes.Add(1)) }

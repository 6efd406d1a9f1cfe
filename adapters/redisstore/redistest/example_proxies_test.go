package redistest_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// A test that makes one master of a Cluster unreachable, and not the others.
func testPartition(t *testing.T) {
	cluster, proxies := redistest.StartCluster(t), redistest.NewProxies(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                 cluster.Addrs(),
		Dialer:                proxies.Dial,
		ContextTimeoutEnabled: true,
	})
	defer client.Close()
	here, there := "b", "c"
	proxies.To(cluster.MasterOf(here).Addr()).Break(redistest.Silence)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := client.Set(ctx, here, "1", 0).Err(); err == nil {
		t.Error("an unreachable master answered")
	}
	if err := client.Set(t.Context(), there, "1", 0).Err(); err != nil {
		t.Error(err)
	}
}

func ExampleNewProxies() {
	TestPartition := testPartition
	_ = TestPartition
}

package redistest_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// A test that wants a client to survive the crash of a master, and to find a key
// whose slot is on its way from one node to another.
func testCluster(t *testing.T) {
	cluster := redistest.StartCluster(t)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs()})
	defer client.Close()
	const key = "{user:1}:name"
	if err := client.Set(t.Context(), key, "Ann", 0).Err(); err != nil {
		t.Fatal(err)
	}

	master := cluster.MasterOf(key)
	if err := client.Wait(t.Context(), 1, 0).Err(); err != nil { // until the replica has it
		t.Fatal(err)
	}
	master.Kill()
	cluster.AwaitStable() // its replica has taken over
	name, err := client.Get(t.Context(), key).Result()
	for start := time.Now(); err != nil && time.Since(start) < 20*time.Second; {
		client.ReloadState(t.Context()) // go-redis does not look for the new master by itself
		name, err = client.Get(t.Context(), key).Result()
	}
	if name != "Ann" || err != nil {
		t.Errorf("after the crash: got %q and %v", name, err)
	}
	master.Restart()
	cluster.AwaitStable() // it is a replica now

	move := cluster.Migrate(redistest.Slot(key), cluster.MasterOf("another key"))
	move.Move(key) // its old place answers with ASK now
	if name, err := client.Get(t.Context(), key).Result(); name != "Ann" || err != nil {
		t.Errorf("on its way: got %q and %v", name, err)
	}
	move.Finish()
}

func ExampleStartCluster() {
	TestCluster := testCluster
	_ = TestCluster
}

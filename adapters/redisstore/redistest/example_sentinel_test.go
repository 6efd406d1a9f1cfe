package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// A test that wants a client to find the new master when the old one has crashed.
func testSentinel(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName:    sentinel.MasterName(),
		SentinelAddrs: sentinel.Addrs(),
	})
	defer client.Close()
	if err := client.Set(t.Context(), "a", "1", 0).Err(); err != nil {
		t.Fatal(err)
	}
	sentinel.Master().Kill()
	sentinel.AwaitStable() // the replica is the master now
	if err := client.Set(t.Context(), "b", "2", 0).Err(); err != nil {
		t.Errorf("after the crash: %v", err)
	}
}

func ExampleStartSentinel() {
	TestSentinel := testSentinel
	_ = TestSentinel
}

package redistest_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

// A test that shows what a client does by itself when the reply to a write is
// lost: it writes again.
func testLostReply(t *testing.T) {
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr())
	client := redis.NewClient(&redis.Options{Addr: proxy.Addr()})
	defer client.Close()

	proxy.Strike("incr", redistest.Reset)
	n, err := client.Incr(t.Context(), "visits").Result()
	if !proxy.Struck() {
		t.Error("the proxy saw no INCR")
	}
	if n != 2 || err != nil {
		t.Errorf("got %d and %v; one visit counts as two here", n, err)
	}
}

func ExampleNewProxy() {
	TestLostReply := testLostReply
	_ = TestLostReply
}

package redisstore

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestIsFault(t *testing.T) {
	for err, want := range map[error]bool{
		greeting("CLUSTERDOWN Hash slot not served"): true,
		io.EOF:                       true,
		context.DeadlineExceeded:     true,
		greeting("MOVED 1 :1"):       false,
		greeting("WRONGTYPE no"):     false,
		redis.Nil:                    false,
		context.Canceled:             false,
		redis.ErrPoolTimeout:         false,
		errors.Join(redis.ErrClosed): false,
	} {
		if isFault(err) != want {
			t.Errorf("%v: a fault of a node is %v, want %v", err, !want, want)
		}
	}
}

func TestReloadsAreFarBetween(t *testing.T) {
	var c client
	const start, pause = int64(1e18), int64(reloadPause)
	for _, at := range []struct {
		now  int64
		want bool
	}{{start, true}, {start, false}, {start + pause - 1, false}, {start + pause, true}, {start + pause + 1, false}} {
		if got := c.reloads(at.now); got != at.want {
			t.Errorf("%d ns after the first one: %v, want %v", at.now-start, got, at.want)
		}
	}
}

// Who asks all masters of a Cluster in which there is none has asked nobody.
func TestNoMasters(t *testing.T) {
	cluster := redis.NewClusterClient(&redis.ClusterOptions{
		ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) { return nil, nil },
	})
	defer cluster.Close()
	err := eachMaster(t.Context(), cluster, func(context.Context, *redis.Client) error {
		t.Error("there is a master")
		return nil
	})
	if !errors.Is(err, errNoNodes) {
		t.Errorf("got %v", err)
	}
}

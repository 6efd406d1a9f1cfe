package redistest_test

import (
	"context"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
)

// TestMain keeps a client's remarks on what tests break out of their output.
func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	os.Exit(m.Run())
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// What the examples show is so.
func TestExamples(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*testing.T){
		"StartCluster": testCluster, "StartSentinel": testSentinel, "NewProxy": testLostReply, "NewProxies": testPartition,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t)
		})
	}
}

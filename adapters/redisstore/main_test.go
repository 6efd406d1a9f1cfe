package redisstore_test

import (
	"context"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/internal/leaktest"
)

// ofShared are the goroutines of the server that tests share.
const ofShared = 2

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	os.Exit(leaktest.Run(m, ofShared))
}

// quiet keeps the client's remarks on the connections that tests break out of
// their output.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

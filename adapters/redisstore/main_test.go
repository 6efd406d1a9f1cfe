package redisstore_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// TestMain checks that the tests of all together leave no goroutine.
func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	before := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && !settles(before) {
		fmt.Fprintf(os.Stderr, "goroutines: %d before the tests, %d after\n", before, runtime.NumGoroutine())
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// settles waits until there are no more goroutines than before. The server that
// tests share lives as long as the tests do, and has two.
func settles(before int) bool {
	const shared = 2
	for range 1000 {
		if runtime.NumGoroutine() <= before+shared {
			return true
		}
		<-time.After(10 * time.Millisecond)
	}
	return false
}

// quiet keeps the client's remarks on the connections that tests break out of
// their output.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

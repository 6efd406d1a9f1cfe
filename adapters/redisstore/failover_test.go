package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/storage"
)

// gapWhile writes to one slot all the time while the master of it is replaced:
// cause returns when there is a new one. From then on it may take little until
// writes go on: go-redis by itself takes a minute in a Cluster.
//
// What the server had acknowledged and not replicated is lost, which is counted.
func gapWhile(t *testing.T, store *redisstore.Store, prefix string, cause func()) {
	t.Helper()
	const bound = 15 * time.Second // about 1 s on an idle machine
	var done, unknown []string
	var gap, last time.Duration
	started := time.Now()
	write := func(key string) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := store.Set(ctx, key, []byte("1"), 0)
		switch now := time.Since(started); {
		case err == nil:
			done = append(done, key)
			gap, last = max(gap, now-last), now
		case errors.Is(err, storage.ErrUnknownOutcome):
			unknown = append(unknown, key)
		case !storage.Failed(err) || strings.Contains(err.Error(), prefix):
			t.Errorf("Set: %v", err)
		}
		return err
	}
	var writes atomic.Int64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				_ = write(fmt.Sprint(prefix, i))
				writes.Add(1)
			}
		}
	}()
	eventually(t, "writes are under way", func() bool { return writes.Load() > 50 })
	cause()
	replaced := time.Since(started)
	close(stop)
	<-stopped
	eventually(t, "writes go on", func() bool { return write(prefix+"last") == nil })
	if after := last - replaced; after > bound {
		t.Errorf("writes went on %v after there was another master, want at most %v", after, bound)
	}
	values, err := store.GetMany(t.Context(), done)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d writes done, %d of them lost, %d unknown; no write for %v; another master after %v",
		len(done), len(done)-len(values), len(unknown), gap.Round(time.Millisecond), replaced.Round(time.Millisecond))
}

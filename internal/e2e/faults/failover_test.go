package faults

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// Redis replicates after it has answered: what a master has acknowledged and not
// yet sent to its replica is lost with it. Its documentation gives no bound but
// the time in which a master that is cut off notices; one that is killed loses
// what was under way.
const lossWindow = time.Second

const writers = 8

// A write is one Set of a key of its own, which nobody else sets.
type write struct {
	key   string
	slot  int
	ended time.Time
	err   error
}

// A load is what some writers write without a pause until stop.
type load struct {
	stop func()
	mu   sync.Mutex
	all  []write
}

func begin(tb testing.TB, store *redisstore.Store) *load {
	ctx, cancel := context.WithCancel(tb.Context())
	l := new(load)
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				key := fmt.Sprintf("%d-%d", i, n)
				one, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				err := store.Set(one, key, []byte(key), storage.NoExpiry)
				cancel()
				l.mu.Lock()
				l.all = append(l.all, write{key, redistest.Slot(key), time.Now(), err})
				l.mu.Unlock()
			}
		})
	}
	l.stop = func() {
		cancel()
		writing.Wait()
	}
	return l
}

// first returns when a write that fits ended well for the first time after t.
func (l *load) first(t time.Time, fits func(write) bool) (ended time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.all {
		if w.err == nil && w.ended.After(t) && fits(w) && (!ok || w.ended.Before(ended)) {
			ended, ok = w.ended, true
		}
	}
	return ended, ok
}

// A master is killed under load. Writes go on with the one that takes its place;
// none that was refused has happened, and what was acknowledged is there, but for
// what the dead master took with it.
func TestFailover(t *testing.T) {
	t.Run("Cluster", func(t *testing.T) {
		c := redistest.StartCluster(t)
		victim := c.MasterOf("0-0")
		admin := redis.NewClusterClient(&redis.ClusterOptions{Addrs: c.Addrs()})
		defer admin.Close()
		its := slots(t, admin)[victim.Addr()]
		f := failover{
			url:     c.URL(),
			kill:    victim.Kill,
			fits:    func(w write) bool { return holds(its, w.slot) },
			settled: func() { victim.Restart(); c.AwaitStable() },
			exists:  admin.Exists,
		}
		f.run(t)
	})
	t.Run("Sentinel", func(t *testing.T) {
		s := redistest.StartSentinel(t)
		victim := s.Master()
		var admin *redis.Client
		f := failover{
			url:      s.URL(),
			kill:     victim.Kill,
			promoted: func() { s.Master() }, // waits for another one
			fits:     func(write) bool { return true },
			settled: func() {
				admin = redis.NewClient(&redis.Options{Addr: s.Master().Addr()})
			},
			exists: func(ctx context.Context, keys ...string) *redis.IntCmd { return admin.Exists(ctx, keys...) },
		}
		f.run(t)
		_ = admin.Close()
	})
}

type failover struct {
	url      string
	kill     func()
	promoted func() // waits until another master is, nil if that is not to be known
	fits     func(write) bool
	settled  func()
	exists   func(context.Context, ...string) *redis.IntCmd
}

func (f failover) run(t *testing.T) {
	store, err := redisstore.Open(t.Context(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := begin(t, store)
	begun := time.Now()
	eventually(t, "the load runs", func() bool {
		_, ok := l.first(begun.Add(300*time.Millisecond), f.fits)
		return ok
	})
	f.kill()
	killed := time.Now()
	promoted := killed
	if f.promoted != nil {
		f.promoted()
		promoted = time.Now()
	}
	var again time.Time
	eventually(t, "writes go on", func() (ok bool) {
		again, ok = l.first(killed, f.fits)
		return ok
	})
	l.stop()
	f.settled()

	var acknowledged, lost, refused, uncertain int
	for _, w := range l.all {
		n, err := f.exists(t.Context(), w.key).Result()
		if err != nil {
			t.Fatal(err)
		}
		switch there := n == 1; {
		case w.err == nil:
			acknowledged++
			if there {
				break
			}
			lost++
			if w.ended.After(killed) || w.ended.Before(killed.Add(-lossWindow)) {
				t.Errorf("a write that was acknowledged %v before the kill is lost", killed.Sub(w.ended))
			}
		case errors.Is(w.err, storage.ErrUnknownOutcome):
			uncertain++
		default:
			refused++
			if there {
				t.Errorf("a write was refused, and is there: %v", w.err)
			}
		}
	}
	t.Logf("writes again %v after the kill, %v after the promotion was known", again.Sub(killed).Round(time.Millisecond), again.Sub(promoted).Round(time.Millisecond))
	t.Logf("%d acknowledged, of which %d were lost with the master; %d refused, none of which is there; %d of unknown outcome", acknowledged, lost, refused, uncertain)
}

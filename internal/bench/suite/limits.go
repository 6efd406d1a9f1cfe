package suite

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/internal/bench/contest"
	"github.com/tunica-go/tunica/internal/bench/workload"
	"github.com/tunica-go/tunica/storage"
)

// What does little more than anybody has to do shows about what the machine
// allows. These are references, and no proofs: a cleverer table than Go's map, say,
// may be faster.
const (
	bareMap     = "a map (the limit)"
	bareMaps    = "10000 maps (the limit)"
	bareChannel = "a channel (the limit)"
	lockedMap   = "a map and a lock (the limit)"
	perfect     = "the right tenth in a map, GET (the limit)"
)

// lasts is a value that is over some time.
type lasts[V any] struct {
	value   V
	expires int64
}

// tallied is a counter that no two cores share.
type tallied struct {
	atomic.Uint64
	_ [56]byte
}

const tallies = 64

// inMaps has hits of maps that nobody writes to: to find the key, to look at the
// clock and to count. There are neither bounds nor an order, nor can anything be
// stored while they are read. The keys are spread over so many maps.
func inMaps[V any](maps int, keys []string, value func(i int) V, good func(V, int) bool) contest.Entrant {
	base := time.Now()
	all := make([]map[string]lasts[V], maps)
	for i, key := range keys {
		m := &all[i%maps]
		if *m == nil {
			*m = make(map[string]lasts[V])
		}
		(*m)[strings.Clone(key)] = lasts[V]{value(i), int64(lasting)}
	}
	counts := make([]tallied, tallies)
	one := all[0]
	return contest.Entrant{Op: func(caller, i int) bool {
		m := one
		if maps > 1 {
			m = all[i%maps]
		}
		found, ok := m[keys[i]]
		counts[caller%tallies].Add(1)
		return ok && found.expires > int64(time.Since(base)) && good(found.value, i)
	}}
}

func mapHit(maps int) func(*contest.Host) contest.Entrant {
	return func(*contest.Host) contest.Entrant {
		w := world()
		return inMaps(maps, w.full, func(i int) []byte { return w.values[i] }, func([]byte, int) bool { return true })
	}
}

func mapTyped(keys []string) func(*contest.Host) contest.Entrant {
	return func(*contest.Host) contest.Entrant {
		return inMaps(1, keys, newObject, func(o *object, i int) bool { return o.ID == i })
	}
}

// lockedFlight is how a load is found by others: it is noted under a lock, and
// taken away under the lock again. (With several callers a table of several locks
// does better.)
func lockedFlight(*contest.Host) contest.Entrant {
	v, keys := bytesVault(), world().keys
	var mu sync.Mutex
	loads := make(map[string]*sync.Mutex)
	var note sync.Mutex
	return contest.Entrant{Op: func(_, i int) bool {
		key := keys[i]
		mu.Lock()
		loads[key] = &note
		mu.Unlock()
		_, err := v.Get(background, key)
		mu.Lock()
		delete(loads, key)
		mu.Unlock()
		return err == nil
	}}
}

// perfectEndToEnd keeps from the beginning what will be asked for most, and never
// anything else, so that nothing has to be noted of a load or of a ttl; the rest it
// reads as fast as redisstore can.
func (e *Env) perfectEndToEnd(h *contest.Host, callers int) contest.Entrant {
	s := redisstore.New(e.goRedis(h, callers))
	h.Cleanup(func() { _ = s.Close() })
	view := storage.In(storage.ByteStore(s), storage.Scope{Prefix: "sessions:", Name: "sessions"})
	w := world()
	best := make(map[string][]byte)
	for _, i := range workload.Popular(w.zipf, kept) {
		best[strings.Clone(w.keys[i])] = w.values[i]
	}
	var misses atomic.Int64
	return counted(&misses, func(_, i int) bool {
		if _, ok := best[w.keys[i]]; ok {
			return true
		}
		misses.Add(1)
		_, err := view.Get(background, w.keys[i])
		return err == nil
	})
}

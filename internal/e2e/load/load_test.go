package load_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/internal/e2e/load"
)

var (
	loadFor  = flag.Duration("load.for", 5*time.Second, "how long the host is under load")
	profiles = flag.String("load.profiles", "", "a `directory` for profiles of the host, which take a few seconds more")
)

// intervals is in how many parts the load is divided by samples, after the first
// fifth of it, in which caches and pools fill.
const intervals = 18

func TestLoad(t *testing.T) {
	if *profiles != "" {
		if err := os.MkdirAll(*profiles, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	h := start(t, redistest.Start(t).URL())
	goroutines := h.sample(t, 0).Goroutines // before the first request, so that none may leave one
	var driven time.Duration
	drive := func(d time.Duration) {
		t.Helper()
		begun := time.Now()
		if err := h.drive(begun.Add(d)); err != nil {
			t.Fatal(err)
		}
		driven += time.Since(begun)
	}

	drive(*loadFor / 5)
	samples := []load.Growth{h.sample(t, goroutines)}
	h.profile(t, "heap", "heap-first")
	for range intervals {
		drive(*loadFor * 4 / 5 / intervals)
		samples = append(samples, h.sample(t, goroutines))
	}
	h.profile(t, "heap", "heap-last")
	h.profile(t, "goroutine", "goroutine")
	first, last := samples[0], samples[intervals]
	t.Logf("%d operations, %.0f op/s, %d samples, goroutines %d → %d, heap %.2f → %.2f MiB, objects %d → %d",
		last.Operations, float64(last.Operations)/driven.Seconds(), len(samples), first.Goroutines, last.Goroutines,
		mebibytes(first.HeapBytes), mebibytes(last.HeapBytes), first.HeapObjects, last.HeapObjects)

	var bytes, objects []uint64
	for _, g := range samples {
		bytes, objects = append(bytes, g.HeapBytes), append(objects, g.HeapObjects)
	}
	if load.Grows(bytes, load.SlackBytes) {
		t.Errorf("the heap grows: %d bytes", bytes)
	}
	if load.Grows(objects, load.SlackObjects) {
		t.Errorf("the heap grows: %d objects", objects)
	}
	// A leak is found only where the load goes.
	if c := last.Cache; last.Operations > 20_000 && (c.Hits == 0 || c.Loads == 0 || c.Evictions == 0) {
		t.Errorf("the cache had little to do: %+v", c.Counts)
	}
	if *profiles != "" {
		ended := make(chan error, 1)
		go func() { ended <- h.drive(time.Now().Add(6 * time.Second)) }()
		h.profile(t, "profile?seconds=5", "cpu")
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func mebibytes(n uint64) float64 { return float64(n) / (1 << 20) }

package timeout_test

import (
	"context"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/timeout"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// patient does not time a slow machine out, in the cases that run in real time.
var patient = timeout.Options{Read: time.Minute, Write: time.Minute, Batch: time.Minute}

func TestLaws(t *testing.T) {
	storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
		return timeout.New(memstore.New[[]byte](), patient)
	}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
}

func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return timeout.New(next, patient)
	}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

func TestOutage(t *testing.T) {
	storagetest.TestOutage(t, func(testing.TB) (storage.ByteStore, storagetest.Outage) {
		next, faults := storagetest.Faulty(memstore.New[[]byte]())
		return timeout.New(next, timeout.Options{}), faults.Outage()
	}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers, Bubble: true})
}

func TestAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("with the race detector a call allocates its frame")
	}
	near, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	far := timeout.New(memstore.New[string](), timeout.Options{Read: time.Minute})
	if got := testing.AllocsPerRun(1000, func() { _, _ = far.Get(near, "k") }); got != 0 {
		t.Errorf("with a nearer deadline of its caller Get allocates %v times", got)
	}
	// The context, its timer and what cancels it: a call may outlive neither.
	store := timeout.New(memstore.New[string](), timeout.Options{})
	if got := testing.AllocsPerRun(1000, func() { _, _ = store.Get(context.Background(), "k") }); got > 5 {
		t.Errorf("Get allocates %v times", got)
	}
}

func BenchmarkGet(b *testing.B) {
	bare := memstore.New[string]()
	_ = bare.Set(b.Context(), "k", "value", 0)
	near, cancel := context.WithTimeout(b.Context(), time.Hour)
	defer cancel()
	for name, bench := range map[string]struct {
		ctx  context.Context
		opts timeout.Options
	}{
		"own deadline":  {context.Background(), timeout.Options{}},
		"caller cancel": {b.Context(), timeout.Options{}},
		"caller nearer": {near, timeout.Options{Read: 2 * time.Hour}},
	} {
		b.Run(name, func(b *testing.B) {
			store := timeout.New(bare, bench.opts)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, _ = store.Get(bench.ctx, "k")
				}
			})
		})
	}
}

package retry_test

import (
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// suites are the ways to try again, and what is said of each.
var suites = map[string]struct {
	opts retry.Options
	skip map[string]string
}{
	"reads": {},
	"writes": {
		opts: retry.Options{Writes: true},
		skip: map[string]string{"law7/writes-are-not-repeated": "Writes repeats them, which is what it is for"},
	},
}

func TestLaws(t *testing.T) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
				return retry.New(memstore.New[[]byte](), suite.opts)
			}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
		})
	}
}

func TestDecorator(t *testing.T) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
				return retry.New(next, suite.opts)
			}, storagetest.Options{Native: storagetest.AllOps, Skip: suite.skip, Bubble: true})
		})
	}
}

func TestOutage(t *testing.T) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			storagetest.TestOutage(t, func(testing.TB) (storage.ByteStore, storagetest.Outage) {
				next, faults := storagetest.Faulty(memstore.New[[]byte]())
				return retry.New(next, suite.opts), faults.Outage()
			}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers, Bubble: true})
		})
	}
}

func TestAllocs(t *testing.T) {
	if race.Enabled {
		t.Skip("with the race detector a call allocates its frame")
	}
	ctx := t.Context()
	bare := memstore.New[string]()
	store := retry.New(bare, retry.Options{Writes: true})
	for name, call := range map[string]func(storage.Store[string]){
		"a hit":  func(s storage.Store[string]) { _, _ = s.Get(ctx, "k") },
		"a miss": func(s storage.Store[string]) { _, _ = s.Get(ctx, "absent") },
		"a set":  func(s storage.Store[string]) { _ = s.Set(ctx, "k", "value", 0) },
	} {
		call(bare)
		without := testing.AllocsPerRun(1000, func() { call(bare) })
		if got := testing.AllocsPerRun(1000, func() { call(store) }); got > without {
			t.Errorf("%s allocates %v times, %v without retry", name, got, without)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	ctx := b.Context()
	bare := memstore.New[string]()
	_ = bare.Set(ctx, "k", "value", 0)
	store := retry.New(bare, retry.Options{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = store.Get(ctx, "k")
		}
	})
}

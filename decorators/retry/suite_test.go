package retry_test

import (
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/retry"
	"github.com/tunica-go/tunica/internal/intercepttest"
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
	bare := memstore.New[string]()
	intercepttest.NoMoreAllocs(t, bare, retry.New(bare, retry.Options{Writes: true}))
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

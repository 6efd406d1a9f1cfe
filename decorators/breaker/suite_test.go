package breaker_test

import (
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/breaker"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestLaws(t *testing.T) {
	storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
		return breaker.New(memstore.New[[]byte](), breaker.Options{})
	}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
}

// many keeps the breaker closed where the suite lets calls fail to see how.
var many = breaker.Options{MinCalls: 1_000_000}

func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return breaker.New(next, many)
	}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

// In an outage an open breaker fails as truly as the store does.
func TestOutage(t *testing.T) {
	for name, opts := range map[string]breaker.Options{
		"soon": {MinCalls: 1, Cooldown: time.Millisecond}, "by default": {}, "never": many,
	} {
		t.Run(name, func(t *testing.T) {
			storagetest.TestOutage(t, func(testing.TB) (storage.ByteStore, storagetest.Outage) {
				next, faults := storagetest.Faulty(memstore.New[[]byte]())
				return breaker.New(next, opts), faults.Outage()
			}, storagetest.Bytes, storagetest.Options{Native: storagetest.AllPowers, Bubble: true})
		})
	}
}

func TestAllocs(t *testing.T) {
	bare := memstore.New[string]()
	intercepttest.NoMoreAllocs(t, bare, breaker.New(bare, breaker.Options{}))
}

func BenchmarkGet(b *testing.B) {
	ctx := b.Context()
	bare := memstore.New[string]()
	_ = bare.Set(ctx, "k", "value", 0)
	store := breaker.New(bare, breaker.Options{})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = store.Get(ctx, "k")
		}
	})
}

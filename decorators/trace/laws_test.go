package trace_test

import (
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/trace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

// TestLaws traces everything, so that every law is kept below a span too.
func TestLaws(t *testing.T) {
	storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
		return trace.New(memstore.New[[]byte](), trace.Options{TracerProvider: new(recorder), Roots: true})
	}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
}

// TestDecorator traces everything, so that nothing is lost below a span either.
func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return trace.New(next, trace.Options{TracerProvider: new(recorder), Roots: true})
	}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

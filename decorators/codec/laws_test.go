package codec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var promises = storagetest.Options{
	Native:      storagetest.AllOps,
	Granularity: time.Nanosecond,
	Bubble:      true,
}

func text(i int) string { return fmt.Sprintf("value %d", i) }

func number(i int) session { return session{ID: text(i), User: int64(i), Roles: []string{text(i)}} }

func TestLaws(t *testing.T) {
	t.Run("bytes", func(t *testing.T) {
		storagetest.TestStore(t, over(memory, codec.JSON[[]byte]()), promises)
	})
	t.Run("string", func(t *testing.T) {
		storagetest.TestStoreOf(t, over(memory, codec.String()), text, promises)
	})
	t.Run("struct", func(t *testing.T) {
		storagetest.TestStoreOf(t, over(memory, codec.MaxSize(codec.JSON[session](), 1<<10)), number, promises)
	})
	t.Run("pointer", func(t *testing.T) {
		storagetest.TestStoreOf(t, over(memory, codec.JSON[*session]()), func(i int) *session {
			value := number(i)
			return &value
		}, promises)
	})
	t.Run("memo over a cache", func(t *testing.T) {
		storagetest.TestStoreOf(t, func(tb testing.TB) storage.Store[string] {
			c := cache.New(memory(), cache.Options{})
			tb.Cleanup(func() { _ = c.Close() })
			return codec.New(c, codec.String(), codec.Memo())
		}, text, promises)
	})
	t.Run("binary", func(t *testing.T) {
		storagetest.TestStoreOf(t, over(memory, codec.Binary[time.Time]()), func(i int) time.Time {
			return time.Unix(int64(i), 0).UTC()
		}, promises)
	})
}

func TestLawsInANamespace(t *testing.T) {
	promises := promises
	promises.OwnPrefix = true
	t.Run("above", func(t *testing.T) {
		storagetest.TestStoreOf(t, func(tb testing.TB) storage.Store[string] {
			return namespace.New(over(memory, codec.String())(tb), "n")
		}, text, promises)
	})
	t.Run("below", func(t *testing.T) {
		storagetest.TestStoreOf(t, over(func() storage.ByteStore { return namespace.New(memory(), "n") }, codec.String()), text, promises)
	})
}

func TestLawsOverThreeMethods(t *testing.T) {
	promises := promises
	promises.Native = nil
	storagetest.TestStoreOf(t, over(func() storage.ByteStore { return storagetest.Minimal(memory()) }, codec.String()), text, promises)
}

func TestOutage(t *testing.T) {
	storagetest.TestOutage(t, func(testing.TB) (storage.Store[string], storagetest.Outage) {
		next, faults := storagetest.Faulty(memory())
		return codec.New(next, codec.String()), faults.Outage()
	}, text, promises)
}

func TestDecorator(t *testing.T) {
	t.Run("string", func(t *testing.T) {
		storagetest.TestDecoratorOf(t, wrap(codec.String()), text, promises)
	})
	t.Run("struct", func(t *testing.T) {
		storagetest.TestDecoratorOf(t, wrap(codec.JSON[session]()), number, promises)
	})
}

func wrap[V any](c codec.Codec[V]) func(testing.TB, storage.ByteStore) storage.Store[V] {
	return func(_ testing.TB, next storage.ByteStore) storage.Store[V] { return codec.New(next, c) }
}

func memory() storage.ByteStore { return memstore.New[[]byte]() }

func over[V any](open func() storage.ByteStore, c codec.Codec[V]) func(testing.TB) storage.Store[V] {
	return func(testing.TB) storage.Store[V] { return codec.New(open(), c) }
}

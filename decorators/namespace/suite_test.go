package namespace_test

import (
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func TestLaws(t *testing.T) {
	memory := func() storage.ByteStore { return memstore.New[[]byte]() }
	full := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true, Bubble: true}
	for _, test := range []struct {
		name string
		opts storagetest.Options
		open func() storage.ByteStore
	}{
		{"memstore", full, func() storage.ByteStore { return namespace.New(memory(), "a") }},
		{"nested", full, func() storage.ByteStore {
			return namespace.New(namespace.Dynamic(namespace.New(memory(), "a"), "b", ":"), "c")
		}},
		{"Minimal", storagetest.Options{OwnPrefix: true, Bubble: true}, func() storage.ByteStore {
			return namespace.New(namespace.Dynamic(storagetest.Minimal(memory()), "a", "%"), "b")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			storagetest.TestStore(t, func(testing.TB) storage.ByteStore { return test.open() }, test.opts)
		})
	}
}

func TestDecorator(t *testing.T) {
	full := storagetest.Options{Native: storagetest.AllOps, OwnPrefix: true, Bubble: true}
	t.Run("one", func(t *testing.T) {
		storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(next, "a")
		}, full)
	})
	t.Run("nested", func(t *testing.T) {
		storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return namespace.New(namespace.Dynamic(next, "a", ":"), "b")
		}, full)
	})
}

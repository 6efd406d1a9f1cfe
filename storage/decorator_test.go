package storage_test

import (
	"slices"
	"testing"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var own = storage.Scope{Prefix: "own:", Name: "own"}

func TestInterceptIsADecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return storage.Intercept(next, pass, pass)
	}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

// hidesIn is a store whose author did not know of views.
type hidesIn struct{ full.Store[[]byte] }

func (hidesIn) In() {}

// The view of a store without In puts its prefix before every key.
func TestViewIsADecorator(t *testing.T) {
	native := slices.DeleteFunc(slices.Clone(storagetest.AllOps), func(op storage.Op) bool { return op == storage.OpIn })
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return storage.In[[]byte](hidesIn{next.(full.Store[[]byte])}, own)
	}, storagetest.Options{Native: native, OwnPrefix: true, Bubble: true, Skip: map[string]string{
		"law9/three-methods": "the store below has more than three, or there is nothing to hide",
	}})
}

func TestViewOverThreeMethodsIsADecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return storage.In(storagetest.Minimal(next), own)
	}, storagetest.Options{OwnPrefix: true, Bubble: true})
}

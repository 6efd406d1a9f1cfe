package storagetest

import (
	"testing"

	"github.com/tunica-go/tunica/storage"
)

func TestSpyKeepsTheLaws(t *testing.T) {
	TestStore(t, func(testing.TB) storage.ByteStore { return newSpy[[]byte](0) }, Options{Native: AllOps, Bubble: true})
}

func TestCorrectDecoratorsPass(t *testing.T) {
	for _, test := range []struct {
		name string
		wrap func(testing.TB, storage.ByteStore) storage.ByteStore
		opts Options
	}{
		{"nothing", func(_ testing.TB, next storage.ByteStore) storage.ByteStore { return next }, Options{
			Native: AllOps, Skip: map[string]string{"law10/close-leaves-next-open": "it is the store below"},
		}},
		{"intercepted", func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return storage.Intercept(next, pass, pass)
		}, Options{Native: AllOps}},
		{"in a scope", func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return storage.In(next, storage.Scope{Prefix: "own:", Name: "own"})
		}, Options{Native: AllOps, OwnPrefix: true}},
		{"in a scope that is glued on", func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
			return storage.In(Minimal(next), storage.Scope{Prefix: "own:", Name: "own"})
		}, Options{OwnPrefix: true}},
		{"a power that is refused above", plain(func(n next) asksFirst { return asksFirst{newThrough(n)} }), all},
		{"a read with a deadline of its own", plain(newFinishes), lossy(storage.OpGet, Loss{Detached: true})},
		{"three methods", func(_ testing.TB, next storage.ByteStore) storage.ByteStore { return Minimal(next) }, Options{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			TestDecorator(t, test.wrap, test.opts)
		})
		t.Run(test.name+" in a bubble", func(t *testing.T) {
			test.opts.Bubble = true
			TestDecorator(t, test.wrap, test.opts)
		})
	}
}

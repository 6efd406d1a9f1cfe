package storagetest

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"
	"time"

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

// What TestDecorator cannot test says so, and not only that it is broken.
func TestDecoratorsItIsNotFor(t *testing.T) {
	for name, wrap := range map[string]func(testing.TB, storage.ByteStore) storage.ByteStore{
		"encodes keys":   plain(func(n next) encodes { return encodes{newThrough(n)} }),
		"reads in a Set": plain(func(n next) readsFirst { return readsFirst{newThrough(n)} }),
	} {
		t.Run(name, func(t *testing.T) {
			found := findInDecorator(t, wrap, brief(all))
			if len(found.messages) == 0 || !strings.Contains(found.messages[0], "TestDecorator is ") {
				t.Errorf("got %q, want that TestDecorator is not for it", found.messages)
			}
		})
	}
}

// encodes writes keys in base 16.
type encodes struct{ through }

func (s encodes) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	return s.next.Set(ctx, hex.EncodeToString([]byte(key)), v, ttl)
}

// readsFirst makes another call before the Set.
type readsFirst struct{ through }

func (s readsFirst) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	if _, err := storage.Has(ctx, s.next, key); err != nil {
		return err
	}
	return s.next.Set(ctx, key, v, ttl)
}

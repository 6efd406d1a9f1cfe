package singleflight_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

// write is an operation after which "key" has the value new, or none.
type write struct {
	op  storage.Op
	new string // "" if the key is gone
	do  func(s storage.ByteStore, key string, version storage.Version) error
}

var writes = []write{
	{storage.OpSet, "new", func(s storage.ByteStore, key string, _ storage.Version) error {
		return s.Set(ctx, key, []byte("new"), storage.NoExpiry)
	}},
	{storage.OpDelete, "", func(s storage.ByteStore, key string, _ storage.Version) error {
		return s.Delete(ctx, key)
	}},
	{storage.OpSetMany, "new", func(s storage.ByteStore, key string, _ storage.Version) error {
		return storage.SetMany(ctx, s, map[string][]byte{"x": nil, key: []byte("new"), "y": nil}, storage.NoExpiry)
	}},
	{storage.OpDeleteMany, "", func(s storage.ByteStore, key string, _ storage.Version) error {
		return storage.DeleteMany(ctx, s, []string{"x", key, "y"})
	}},
	{storage.OpCompareAndSwap, "new", func(s storage.ByteStore, key string, version storage.Version) error {
		_, err := storage.CompareAndSwap(ctx, s, key, version, []byte("new"), storage.NoExpiry)
		return err
	}},
	{storage.OpTake, "", func(s storage.ByteStore, key string, _ storage.Version) error {
		_, err := storage.Take(ctx, s, key)
		return err
	}},
	{storage.OpTouch, "", func(s storage.ByteStore, key string, _ storage.Version) error {
		return storage.Touch(ctx, s, key, soon)
	}},
	{storage.OpDeletePrefix, "", func(s storage.ByteStore, key string, _ storage.Version) error {
		return storage.DeletePrefix(ctx, s, key[:1])
	}},
}

// soon is the ttl that Touch gives.
const soon = time.Millisecond

// check checks the answer of a Get that began after the write.
func (w write) check(t testing.TB, late *answer) {
	t.Helper()
	if w.new == "" {
		late.wantErr(t, storage.ErrNotFound)
	} else {
		late.want(t, w.new)
	}
}

func TestWriteDetaches(t *testing.T) {
	for _, w := range writes {
		for _, where := range []struct {
			name                  string
			writer, reader        func(storage.ByteStore) storage.ByteStore
			writerKey, readersKey string
		}{
			{"base", same, same, "ns:key", "ns:key"},
			{"base, read in a view", same, inNS, "ns:key", "key"},
			{"view, read at the base", inNS, same, "key", "ns:key"},
			{"view, read in another of the same", inNS, inNS, "key", "key"},
			{"parent, read in a nested view", inN, inNested, "s:key", "key"},
		} {
			t.Run(w.op.String()+" in "+where.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newStore(t)
					wire := wireKey(where.name)
					set(t, b.raw, wire, "old")
					entry, err := storage.GetEntry(ctx, b.raw, wire)
					must(t, err)
					b.hold()
					early := later(ctx, where.reader(s), where.readersKey)
					h := b.only(t) // it has read the old value
					must(t, w.do(where.writer(s), where.writerKey, entry.Version))
					time.Sleep(soon)
					late := later(ctx, where.reader(s), where.readersKey)
					b.release() // nothing else
					h.do(nil)
					early.want(t, "old")
					w.check(t, late)
					b.wantCalls(t, storage.OpGet, 2)
				})
			})
		}
	}
}

func same(s storage.ByteStore) storage.ByteStore { return s }
func inNS(s storage.ByteStore) storage.ByteStore { return namespace.New(s, "ns") }
func inN(s storage.ByteStore) storage.ByteStore  { return namespace.New(s, "n") }
func inNested(s storage.ByteStore) storage.ByteStore {
	return storage.In(inN(s), storage.Scope{Prefix: "s:"})
}

func wireKey(where string) string {
	if where == "parent, read in a nested view" {
		return "n:s:key"
	}
	return "ns:key"
}

// A call that began while the write was on its way may have read before it.
func TestWriteDetachesWhatBeganMeanwhile(t *testing.T) {
	for _, w := range writes {
		t.Run(w.op.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newStore(t)
				set(t, b.raw, "key", "old")
				entry, err := storage.GetEntry(ctx, b.raw, "key")
				must(t, err)
				b.hold()
				var early *answer
				b.beforeWrites(func() { early = later(ctx, s, "key") })
				must(t, w.do(s, "key", entry.Version))
				time.Sleep(soon)
				h := b.only(t)
				late := later(ctx, s, "key")
				b.release()
				h.do(nil)
				early.want(t, "old")
				w.check(t, late)
			})
		})
	}
}

func TestWriteThatPanicsDetaches(t *testing.T) {
	for _, w := range writes {
		t.Run(w.op.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newStore(t)
				set(t, b.raw, "key", "old")
				entry, err := storage.GetEntry(ctx, b.raw, "key")
				must(t, err)
				b.hold()
				early := later(ctx, s, "key")
				h := b.only(t)
				b.afterWrites(func() { panic("the write has happened") })
				func() {
					defer func() {
						if recover() == nil {
							t.Error("the write does not panic")
						}
					}()
					_ = w.do(s, "key", entry.Version)
				}()
				time.Sleep(soon)
				late := later(ctx, s, "key")
				b.release()
				h.do(nil)
				early.want(t, "old")
				w.check(t, late)
			})
		})
	}
}

func TestLostReplyDetaches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend()
		lossy := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			if err := next(ctx); err != nil || call.Op.ReadOnly() {
				return err
			}
			return storage.ErrUnknownOutcome
		})
		s := singleflight.New(storage.Intercept(b.ByteStore, lossy))
		set(t, b.raw, "key", "old")
		b.hold()
		later(ctx, s, "key")
		h := b.only(t)
		if err := s.Set(ctx, "key", []byte("new"), 0); !errors.Is(err, storage.ErrUnknownOutcome) {
			t.Fatal(err)
		}
		late := later(ctx, s, "key")
		b.release()
		h.do(nil)
		late.want(t, "new")
		must(t, s.Close())
	})
}

// What a read that makes a call of its own has seen, a later Get must not
// undo: another process wrote while a call was in progress.
func TestReadThatSawMoreDetaches(t *testing.T) {
	for name, read := range map[string]func(s storage.ByteStore) error{
		"Has": func(s storage.ByteStore) error {
			_, err := storage.Has(ctx, s, "key")
			return err
		},
		"GetMany": func(s storage.ByteStore) error {
			_, err := storage.GetMany(ctx, s, []string{"x", "key"})
			return err
		},
		"GetEntry": func(s storage.ByteStore) error {
			_, err := storage.GetEntry(ctx, s, "key")
			return err
		},
		"GetEntries": func(s storage.ByteStore) error {
			_, err := storage.GetEntries(ctx, s, []string{"x", "key"})
			return err
		},
		"Keys": func(s storage.ByteStore) error {
			for _, err := range storage.Keys(ctx, s, "k") {
				return err
			}
			return errors.New("nothing is listed")
		},
		"CompareAndSwap": func(s storage.ByteStore) error {
			if _, err := storage.CompareAndSwap(ctx, s, "key", "", nil, 0); !errors.Is(err, storage.ErrConflict) {
				return err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newStore(t)
				view := inNS(s)
				b.hold()
				early := later(ctx, view, "key")
				h := b.only(t) // it has read that there is none
				set(t, b.raw, "ns:key", "new")
				must(t, read(view))
				late := later(ctx, view, "key")
				b.release()
				h.do(nil)
				early.wantErr(t, storage.ErrNotFound)
				late.want(t, "new")
			})
		})
	}
}

func TestOtherKeysAreNotDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		a, other := namespace.New(s, "a"), namespace.New(s, "b")
		set(t, a, "key", "value")
		b.hold()
		one := later(ctx, a, "key")
		for _, w := range writes {
			if err := w.do(other, "key", ""); err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrConflict) {
				t.Fatal(err)
			}
		}
		must(t, storage.DeletePrefix(ctx, a, "key2"))
		two := later(ctx, a, "key")
		b.wantCalls(t, storage.OpGet, 1)
		b.only(t).do(nil)
		one.want(t, "value")
		two.want(t, "value")
	})
}

func TestDeletePrefixDetachesAllCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		view := inNS(s)
		keys := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"} // in many shards
		b.hold()
		for _, key := range keys {
			set(t, view, key, "old")
			later(ctx, view, key)
		}
		must(t, storage.DeletePrefix(ctx, view, ""))
		var late []*answer
		for _, key := range keys {
			late = append(late, later(ctx, view, key))
		}
		b.release()
		for _, a := range late {
			a.wantErr(t, storage.ErrNotFound)
		}
	})
}

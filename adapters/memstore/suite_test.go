package memstore_test

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

var promises = storagetest.Options{
	Native:      storagetest.AllOps,
	Granularity: time.Nanosecond,
	Bubble:      true,
}

func TestLaws(t *testing.T) {
	for name, opts := range map[string][]memstore.Option{
		"unbounded": nil,
		"refusing":  {memstore.MaxEntries(1 << 20), memstore.MaxBytes(1 << 30)},
		"evicting":  {memstore.MaxEntries(1 << 20), memstore.MaxBytes(1 << 30), memstore.Evict()},
	} {
		t.Run(name, func(t *testing.T) {
			storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
				return memstore.New[[]byte](opts...)
			}, promises)
		})
	}
	t.Run("view", func(t *testing.T) {
		promises := promises
		promises.OwnPrefix = true
		storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
			return memstore.New[[]byte]().In(storage.Scope{Prefix: "view:"})
		}, promises)
	})
}

func TestLawsOfOtherTypes(t *testing.T) {
	t.Run("string", func(t *testing.T) {
		storagetest.TestStoreOf(t, open[string], func(i int) string { return fmt.Sprint(i) }, promises)
	})
	t.Run("struct", func(t *testing.T) {
		storagetest.TestStoreOf(t, open[session], func(i int) session { return session{User: fmt.Sprint(i)} }, promises)
	})
	t.Run("pointer", func(t *testing.T) {
		storagetest.TestStoreOf(t, open[*session], func(i int) *session { return &session{User: fmt.Sprint(i)} }, promises)
	})
	t.Run("any", func(t *testing.T) {
		storagetest.TestStoreOf(t, open[any], func(i int) any { return i }, promises)
	})
	t.Run("array", func(t *testing.T) {
		storagetest.TestStoreOf(t, open[[16]byte], func(i int) (v [16]byte) {
			binary.LittleEndian.PutUint64(v[:], uint64(i))
			return v
		}, promises)
	})
}

func open[V any](testing.TB) storage.Store[V] { return memstore.New[V]() }

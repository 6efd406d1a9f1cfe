package cache

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// A table does as a Go map does, also when many hashes are the same.
func TestTable(t *testing.T) {
	for _, hashes := range []uint64{1, 7, 1 << 40} {
		r := rand.New(rand.NewPCG(1, hashes))
		table, model := newTable(), make(map[string]*entry[int])
		for range 10_000 {
			n := r.Uint64N(200)
			key, hash := fmt.Sprint("p", n), 1<<31|n*0x9e3779b97f4a7c15%hashes
			if got := table.find(hash, "p", key[1:]); got != model[key] {
				t.Fatalf("%d hashes: found %v, want %v", hashes, got, model[key])
			}
			if e := model[key]; e != nil {
				table.remove(e)
				delete(model, key)
			} else if r.IntN(3) > 0 {
				e = entryOf(key, hash)
				table.put(e)
				model[key] = e
			}
			if table.held != len(model) || table.taken < table.held || table.taken >= len(*table.slots.Load()) {
				t.Fatalf("%d entries and %d slots taken of %d, want %d entries", table.held, table.taken, len(*table.slots.Load()), len(model))
			}
		}
		all := 0
		for e := range table.all() {
			if model[e.key()] != e {
				t.Fatalf("%s is not in the table", e.key())
			}
			all++
			table.remove(e)
		}
		if all != len(model) || table.held != 0 {
			t.Fatalf("%d entries of %d, %d left", all, len(model), table.held)
		}
	}
}

// Who reads while others write finds what is there all the time, and nothing
// that is not there any more.
func TestTableIsReadWithoutALock(t *testing.T) {
	table := newTable()
	stays := entryOf("stays", 3<<32|1)
	table.put(stays)
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for !over.Load() {
				if table.find(stays.hash, "", "stays") != stays {
					t.Error("what is there was not found")
					return
				}
				if e := table.find(stays.hash, "", "other"); e != nil && e.key() != "other" {
					t.Errorf("found %q", e.key())
					return
				}
			}
		})
	}
	var others []*entry[int]
	for i := range 5_000 {
		e := entryOf(fmt.Sprint(i), uint64(i%16)<<32|1)
		table.put(e)
		if others = append(others, e); len(others) > i%300 {
			for _, e := range others {
				table.remove(e)
			}
			others = others[:0]
		}
	}
	over.Store(true)
	readers.Wait()
}

func entryOf(key string, hash uint64) *entry[int] {
	e := &entry[int]{hash: hash}
	e.setKey(key)
	return e
}

func newTable() *table[int] {
	t := new(table[int])
	t.replace(minSlots)
	return t
}

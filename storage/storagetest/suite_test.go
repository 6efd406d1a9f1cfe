package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

// pass is an interceptor that does nothing.
var pass = storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	return next(ctx)
})

// without returns ops but for those named.
func without(ops []storage.Op, remove ...storage.Op) []storage.Op {
	return slices.DeleteFunc(slices.Clone(ops), func(op storage.Op) bool { return slices.Contains(remove, op) })
}

func TestCorrectStoresPass(t *testing.T) {
	scope := storage.Scope{Prefix: "own:", Name: "own"}
	stores := map[string]struct {
		open func() storage.ByteStore
		opts Options
	}{
		"three methods":             {func() storage.ByteStore { return newTiny() }, Options{}},
		"three methods intercepted": {func() storage.ByteStore { return storage.Intercept(newTiny(), pass, pass) }, Options{}},
		"three methods in a scope":  {func() storage.ByteStore { return storage.In(newTiny(), scope) }, Options{OwnPrefix: true}},
		"every power": {
			func() storage.ByteStore { return newMighty() },
			Options{Native: without(AllOps, storage.OpIn)},
		},
		"every power intercepted": {
			func() storage.ByteStore { return storage.Intercept(newMighty(), pass, pass) },
			Options{Native: without(AllOps, storage.OpIn)},
		},
		"every power in a scope": {
			func() storage.ByteStore { return storage.In(newMighty(), scope) },
			Options{Native: without(AllOps, storage.OpIn), OwnPrefix: true},
		},
		"every power hidden": {func() storage.ByteStore { return Minimal(newMighty()) }, Options{}},
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			open := func(testing.TB) storage.ByteStore { return store.open() }
			TestStore(t, open, store.opts)
		})
		t.Run(name+" in a bubble", func(t *testing.T) {
			opts := store.opts
			opts.Bubble = true
			TestStore(t, func(testing.TB) storage.ByteStore { return store.open() }, opts)
		})
	}
}

type user struct {
	Name string
	Tags []string
}

func TestOtherTypesPass(t *testing.T) {
	t.Run("struct", func(t *testing.T) {
		TestStoreOf(t, func(testing.TB) storage.Store[user] { return newTinyOf[user]() },
			func(i int) user { return user{fmt.Sprint("user ", i), []string{"a"}} }, Options{})
	})
	t.Run("pointer with an own Equal", func(t *testing.T) {
		equal := func(a, b any) bool {
			x, y := a.(*user), b.(*user)
			return x == y || x != nil && y != nil && x.Name == y.Name
		}
		TestStoreOf(t, func(testing.TB) storage.Store[*user] { return storage.Intercept(newTinyOf[*user](), pass) },
			func(i int) *user { return &user{Name: fmt.Sprint("user ", i)} }, Options{Equal: equal})
	})
	t.Run("string", func(t *testing.T) {
		TestStoreOf(t, func(testing.TB) storage.Store[string] { return newTinyOf[string]() },
			func(i int) string { return fmt.Sprint(i) }, Options{})
	})
}

// openFaulty opens a store over a backend that fails on command.
func openFaulty(wrap func(storage.ByteStore) storage.ByteStore) func(testing.TB) (storage.ByteStore, Outage) {
	return func(testing.TB) (storage.ByteStore, Outage) {
		s, faults := Faulty(storage.ByteStore(newMighty()))
		return wrap(s), faults.Outage()
	}
}

func TestCorrectStoresPassOutage(t *testing.T) {
	for name, wrap := range map[string]func(storage.ByteStore) storage.ByteStore{
		"bare":        func(s storage.ByteStore) storage.ByteStore { return s },
		"intercepted": func(s storage.ByteStore) storage.ByteStore { return storage.Intercept(s, pass) },
		"in a scope":  func(s storage.ByteStore) storage.ByteStore { return storage.In(s, storage.Scope{Prefix: "own:"}) },
	} {
		for _, bubble := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/bubble=%v", name, bubble), func(t *testing.T) {
				TestOutage(t, openFaulty(wrap), Bytes, Options{Native: without(AllOps, storage.OpIn), Bubble: bubble})
			})
		}
	}
	t.Run("three methods", func(t *testing.T) {
		wrap := func(s storage.ByteStore) storage.ByteStore { return Minimal(s) }
		TestOutage(t, openFaulty(wrap), Bytes, Options{})
	})
	t.Run("cannot hang", func(t *testing.T) {
		TestOutage(t, func(testing.TB) (storage.ByteStore, Outage) {
			s, faults := Faulty(storage.ByteStore(newMighty()))
			return s, Outage{Cut: faults.Outage().Cut}
		}, Bytes, Options{Native: AllPowers})
	})
}

// The cases have distinct names, stand in the order of the laws, and explain
// themselves.
func TestLawTable(t *testing.T) {
	for _, table := range [][]law[[]byte]{laws[[]byte](), outageLaws[[]byte]()} {
		seen := make(map[string]bool)
		last := 0
		for _, l := range table {
			if seen[l.path()] {
				t.Errorf("%s stands twice in the table", l.path())
			}
			seen[l.path()] = true
			if l.number < last || l.number > 11 {
				t.Errorf("%s is out of order", l.path())
			}
			last = l.number
			if len(l.why) < 20 || l.run == nil || strings.ContainsAny(l.name, " /") {
				t.Errorf("%s is incomplete", l.path())
			}
		}
	}
}

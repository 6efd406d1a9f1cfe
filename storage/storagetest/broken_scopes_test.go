package storagetest

import (
	"context"
	"sync"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// losesName does not pass on the name of a scope.
type losesName struct{ through }

func (s losesName) In(scope storage.Scope) storage.ByteStore {
	return losesName{newThrough(storage.In(s.next, storage.Scope{Prefix: scope.Prefix}))}
}

// innerFirst names the inner scope before the outer one.
type innerFirst struct {
	through
	base  storage.ByteStore
	scope storage.Scope
}

func (s innerFirst) In(scope storage.Scope) storage.ByteStore {
	joined := storage.Scope{Prefix: s.scope.Prefix + scope.Prefix, Name: scope.Join(s.scope).Name}
	return innerFirst{newThrough(storage.In(s.base, joined)), s.base, joined}
}

// glued puts the prefix of a view before the keys itself.
type glued struct{ says }

func newGlued(next storage.ByteStore) glued {
	return glued{says{newThrough(next), func(op storage.Op) bool { return storage.Supports(next, op) }}}
}

func (s glued) In(scope storage.Scope) storage.ByteStore {
	view := newThrough(storage.In[bytesOf](noIn{s.through.Store}, scope))
	return glued{says{view, s.supports}}
}

type noIn struct{ full.Store[bytesOf] }

func (noIn) In() {}

// leaksPrefix tells what a batch has found by the names below.
type leaksPrefix struct {
	through
	prefix string
}

func (s leaksPrefix) In(scope storage.Scope) storage.ByteStore {
	return leaksPrefix{newThrough(storage.In(s.next, scope)), s.prefix + scope.Prefix}
}

func (s leaksPrefix) GetMany(ctx context.Context, keys []string) (map[string]bytesOf, error) {
	values, err := s.through.GetMany(ctx, keys)
	found := make(map[string]bytesOf)
	for key, v := range values {
		found[s.prefix+key] = v
	}
	return found, err
}

// byName makes one view for each name.
type byName struct {
	through
	views *sync.Map
}

func (s byName) In(scope storage.Scope) storage.ByteStore {
	if scope.Name == "" {
		return s.through.In(scope)
	}
	view, _ := s.views.LoadOrStore(scope.Name, s.through.In(scope))
	return view.(storage.ByteStore)
}

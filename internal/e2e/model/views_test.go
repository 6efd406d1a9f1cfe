package model

import (
	"strings"

	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// A view is a way to a part of every stack: the same store, seen through
// storage.In, a namespace or a dynamic one, of the base or of another view.
type view struct {
	prefix string // of its keys in the base, said here in so many words
	parent int
	kind   viewKind
	args   [2]string
}

type viewKind uint8

const (
	itself       viewKind = iota
	viaIn                 // storage.In: prefix, name
	viaNamespace          // namespace.New: name
	viaDynamic            // namespace.Dynamic: group, id
)

// outermost is the index of the base.
const outermost = 0

// views are opened on every stack. Some are the same part by another way, some
// lie in others, and one has the prefix of another as the beginning of its
// own without a separator.
var views = []view{
	outermost: {kind: itself},
	{"a:", outermost, viaNamespace, [2]string{"a"}},
	{"a:b:", 1, viaNamespace, [2]string{"b"}},
	{"a:b:", outermost, viaIn, [2]string{"a:b:", "ab"}},
	{"t:x%3A%25*:", outermost, viaDynamic, [2]string{"t", "x:%*"}},
	{"*", outermost, viaIn, [2]string{"*", "star"}},
	{"a:[b]?", 1, viaIn, [2]string{"[b]?", ""}},
	{"", outermost, viaIn, [2]string{"", "named"}},
	{"t:x%3A%25*:n:", 4, viaNamespace, [2]string{"n"}},
	{"a", outermost, viaIn, [2]string{"a", ""}},
	{"\x00\xff", outermost, viaIn, [2]string{"\x00\xff", "binary"}},
	{"a:", 1, viaIn, [2]string{"", "again"}},
}

// openViews opens all views of a store.
func openViews[V any](store storage.Store[V]) []storage.Store[V] {
	opened := make([]storage.Store[V], len(views))
	opened[outermost] = store
	for i, v := range views {
		parent := opened[v.parent]
		switch v.kind {
		case viaIn:
			opened[i] = storage.In(parent, storage.Scope{Prefix: v.args[0], Name: v.args[1]})
		case viaNamespace:
			opened[i] = namespace.New(parent, v.args[0])
		case viaDynamic:
			opened[i] = namespace.Dynamic(parent, v.args[0], v.args[1])
		}
	}
	return opened
}

// viewsOf returns the views that reach the key named wire in the base.
func viewsOf(wire string) []int {
	var reach []int
	for i, v := range views {
		if len(wire) > len(v.prefix) && strings.HasPrefix(wire, v.prefix) {
			reach = append(reach, i)
		}
	}
	return reach
}

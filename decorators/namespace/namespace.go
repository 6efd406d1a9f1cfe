// Package namespace gives each part of a program keys of its own in a shared
// store.
//
// A namespace is a view: Get("k") in the namespace "sessions" is the key
// "sessions:k" of the store. Names hold no colon, so the keys of two siblings
// never meet, whatever the keys hold, and the holder of a view has no way to
// a key outside it. Namespaces nest, and a parent contains its children.
//
// The view is pushed down through every layer to the adapter, so that the
// layers between know whose calls they see: a cache counts per namespace, a
// trace names it. It costs nothing else.
package namespace

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tunica-go/tunica/storage"
)

const separator = ":"

// New returns the part of next that belongs to name. It panics if next is nil
// or the name is not a [ValidName]. Build a namespace once, not per request:
// its name becomes a label in telemetry. For names taken at run time there is
// [Dynamic].
func New[V any](next storage.Store[V], name string) storage.Store[V] {
	mustBeStore(next)
	mustBeValid(name)
	return storage.In(next, storage.Scope{Prefix: name + separator, Name: name})
}

// Dynamic returns the part of next that belongs to id within group, for ids
// that are known only at run time, such as a tenant's. All ids of a group
// share the group's name in telemetry and statistics.
//
// Any id will do: a colon or a percent sign in it is escaped as in a URL, so
// that two ids never meet. Dynamic(s, "tenants", id) lies within
// New(s, "tenants"), so the name of a group is best used for nothing else.
// Dynamic panics if next is nil or group is not a [ValidName].
func Dynamic[V any](next storage.Store[V], group, id string) storage.Store[V] {
	mustBeStore(next)
	mustBeValid(group)
	return storage.In(next, storage.Scope{Prefix: group + separator + escape.Replace(id) + separator, Name: group})
}

var escape = strings.NewReplacer("%", "%25", separator, "%3A")

// ValidName reports whether name can name a namespace: it is not empty, has
// no colon and is valid UTF-8, as a label in telemetry must be.
func ValidName(name string) bool {
	return name != "" && !strings.Contains(name, separator) && utf8.ValidString(name)
}

func mustBeStore[V any](next storage.Store[V]) {
	if next == nil {
		panic("namespace: a namespace of a nil store")
	}
}

func mustBeValid(name string) {
	if !ValidName(name) {
		panic(fmt.Sprintf("namespace: invalid name %q: want a non-empty UTF-8 string without a colon", name))
	}
}

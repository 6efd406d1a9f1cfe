package storage

// A Scope names the part of a store that lies under a prefix.
type Scope struct {
	// Prefix is what the keys of the scope begin with, on the wire.
	Prefix string
	// Name labels the scope in telemetry and statistics. It comes from a small
	// set that is known when the program is written, and may be empty.
	Name string
}

// Join returns the scope inner inside s: the prefixes concatenated, the names
// joined by a colon.
func (s Scope) Join(inner Scope) Scope {
	joined := Scope{Prefix: s.Prefix + inner.Prefix, Name: s.Name + inner.Name}
	if s.Name != "" && inner.Name != "" {
		joined.Name = s.Name + ":" + inner.Name
	}
	return joined
}

// Scoper is the interface of a store with a native [In].
type Scoper[V any] interface {
	In(scope Scope) Store[V]
}

// In returns the part of s under scope.Prefix: a view whose key k is the key
// scope.Prefix+k of s. The empty key is invalid in a view too. A view is
// cheap but not free: build it once, not per request. Closing a view does
// nothing. The view of an empty scope has all keys of s, and no more methods
// than another view.
//
// If s implements [Scoper], In calls s.In, so that the scope reaches the
// adapter and every layer between knows its name. Otherwise In returns a
// store that maps the keys.
//
// The key that is scope.Prefix itself is in no view, which could only name it
// by the empty key; DeletePrefix of "" in the view may remove it.
//
// Most programs call namespace.New, which keeps siblings apart.
func In[V any](s Store[V], scope Scope) Store[V] {
	if s, ok := s.(Scoper[V]); ok {
		return s.In(scope)
	}
	return &scoped[V]{next: s, prefix: scope.Prefix}
}

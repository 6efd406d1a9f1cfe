package memstore

import (
	"fmt"
	"reflect"
)

// An Option configures [New].
type Option func(*options)

type options struct {
	maxEntries, maxBytes int64
	evict                bool
	clone, weigh         any // func(V) V, func(V) int
}

// MaxEntries bounds the number of entries in the whole store, all views
// together. The bound is exact at every moment. 0 means no bound.
func MaxEntries(n int) Option {
	return func(o *options) { o.maxEntries = int64(n) }
}

// MaxBytes bounds the bytes of all keys and values together, as given by
// len, or by [Weigh] for values that are neither bytes nor a string. A key
// counts with the prefixes of its view. The bound is exact at every moment;
// what the store itself needs, some 150 bytes an entry, is not counted.
// An entry that alone exceeds the bound is [storage.ErrTooLarge]. 0 means no
// bound.
func MaxBytes(n int64) Option {
	return func(o *options) { o.maxBytes = n }
}

// Evict makes a store that is full remove the entry least recently used, and
// the next, until what is written fits. Without it a write that does not fit
// is [storage.ErrOverloaded] and changes nothing. Either way expired entries
// go first, and a key is overwritten in place.
//
// Reading, writing and touching a key use it; Has and Keys do not. In a store
// bounded to fewer than 512 entries or 128 KiB the order is exact. In a larger
// one, reads that fall between the same two writes may be taken in any order.
//
// Without a bound Evict does nothing.
func Evict() Option {
	return func(o *options) { o.evict = true }
}

// Clone makes the store copy values by clone, on their way in and out. Without
// it the store copies bytes, and shares what values of other types refer to
// with its callers, who must not change it. clone is called without a lock and from many goroutines.
//
// V must be that of the store; New panics otherwise.
func Clone[V any](clone func(V) V) Option {
	if clone == nil {
		panic("memstore: Clone of nil")
	}
	return func(o *options) { o.clone = clone }
}

// Weigh tells [MaxBytes] how many bytes a value has. It is called without a
// lock and from many goroutines, with the value as it is stored, and must not
// return a negative number.
//
// V must be that of the store; New panics otherwise.
func Weigh[V any](weigh func(V) int) Option {
	if weigh == nil {
		panic("memstore: Weigh of nil")
	}
	return func(o *options) { o.weigh = weigh }
}

// settings is options, checked and for one V.
type settings[V any] struct {
	maxEntries, maxBytes int64
	evict                bool        // and there is a bound
	clone                func(V) V   // nil: values are shared
	weigh                func(V) int // not nil with maxBytes
}

func newSettings[V any](opts []Option) settings[V] {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if o.maxEntries < 0 || o.maxBytes < 0 {
		panic("memstore: New with a negative bound")
	}
	s := settings[V]{
		maxEntries: o.maxEntries,
		maxBytes:   o.maxBytes,
		evict:      o.evict && (o.maxEntries > 0 || o.maxBytes > 0),
		clone:      hook("Clone", o.clone, usualClone[V]()),
		weigh:      hook("Weigh", o.weigh, usualWeigh[V]()),
	}
	if s.maxBytes > 0 && s.weigh == nil {
		panic(fmt.Sprintf("memstore: New[%v] with MaxBytes needs Weigh", reflect.TypeFor[V]()))
	}
	return s
}

// hook returns what was given as a T, or else the usual one.
func hook[T any](name string, given any, usual T) T {
	if given == nil {
		return usual
	}
	t, ok := given.(T)
	if !ok {
		panic(fmt.Sprintf("memstore: New with %s of type %T, want %T", name, given, usual))
	}
	return t
}

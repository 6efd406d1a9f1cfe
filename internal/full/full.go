// Package full has the union of all interfaces of package storage, so that a
// decorator which forgets a method does not compile.
package full

import (
	"io"

	"github.com/tunica-go/tunica/storage"
)

// Adapter is what an adapter with every power implements.
type Adapter[V any] interface {
	storage.Store[V]
	storage.Haser
	storage.ManyGetter[V]
	storage.ManySetter[V]
	storage.ManyDeleter
	storage.EntryGetter[V]
	storage.EntriesGetter[V]
	storage.Swapper[V]
	storage.Taker[V]
	storage.Toucher
	storage.KeyLister
	storage.PrefixDeleter
	storage.Pinger
	storage.Scoper[V]
}

// Store is what a decorator implements: every operation, and an honest answer
// about those that the store below lacks.
type Store[V any] interface {
	Adapter[V]
	storage.Supporter
}

// Closer is a decorator that starts something of its own.
type Closer[V any] interface {
	Store[V]
	io.Closer
}

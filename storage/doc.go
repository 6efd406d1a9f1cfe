// Package storage is the core of a toolkit of decorators around key-value
// storage: one small interface, [Store], that adapters implement and that
// decorators wrap.
//
//	// Namespace(Cache(Redis()))
//	c := cache.New(redisstore.New(client), cache.Options{MaxEntries: 10_000})
//	defer c.Close()
//	sessions := codec.New(namespace.New(c, "sessions"), codec.JSON[Session]())
//
// A program composes a stack once and hands each of its parts a view with
// keys of its own. A part that takes an optional store falls back to
// memstore.New when it is given none.
//
// # Operations
//
// A store has three methods. Everything else is optional, in the manner of
// package io/fs: an interface with one method, and a package function of the
// same name that callers use. Never assert a store to one of the interfaces;
// call the function.
//
//   - A shortcut ([Has], [GetMany], [SetMany], [DeleteMany], [In]) always
//     works: where the method is missing, the function does the same with the
//     methods of Store.
//   - A power ([GetEntry], [GetEntries], [CompareAndSwap], [Take], [Touch],
//     [Keys], [DeletePrefix], [Ping]) needs the backend. Where it is missing,
//     the function returns an error that matches [errors.ErrUnsupported] and
//     names the layer that refused, before anything happened.
//
// [Supports] tells whether an operation is native through every layer.
//
// # Laws
//
// Every store keeps them, through every decorator; package storagetest checks
// them in one call.
//
//  1. Read your write. After Set has returned, Get on the same stack, through
//     any view of it, returns that value or a newer one.
//  2. Present is not truthy. An empty value, nil, 0, false and JSON null are
//     values: Has is true for them and Get finds them.
//  3. A ttl of 0 never expires; a negative one is [ErrInvalidTTL] and stores
//     nothing; a positive one rounds up to what the backend can hold and
//     never becomes 0. An expired key is absent for every operation.
//  4. Set replaces both value and expiry. CompareAndSwap with a stale version
//     changes neither.
//  5. A key is any non-empty string. Every adapter takes at least 512 bytes of
//     any content. An empty key is [ErrInvalidKey], in a view too. Prefixes
//     are literal.
//  6. Values are immutable. A store keeps no reference to a caller's bytes
//     once the call has returned, and hands out none that a later call
//     changes. Batch arguments are not retained. A cache shares what it holds
//     with its readers, who do not write to it.
//  7. Failure is never a miss. An unreachable backend is an error of every
//     operation, never [ErrNotFound] and never false. A write ends as done, as
//     refused (nothing happened) or as [ErrUnknownOutcome], and is executed at
//     most once unless a caller asked for retries. Errors of a driver are
//     wrapped by one of this package.
//  8. A caller whose context ends returns at once with an error that matches
//     ctx.Err() (and [ErrUnknownOutcome] if its write had been sent), and
//     cancels nobody else's work. A call with a context that has ended before
//     writes nothing; a read may still be answered from memory.
//  9. Degrade, refuse, never bypass. A layer that does not know an operation
//     does it with its own methods or refuses it. There is no Unwrap: a holder
//     of a view has no way to a key outside it.
//  10. Who opens, closes. New borrows what it is given, Open owns what it
//     opens. Close may be called twice and waits for every goroutine. Closing
//     a view does nothing.
//  11. Keys are secrets, values more so: neither is in errors, logs, spans or
//     metric labels unless an option says so.
//
// # Errors
//
// Errors are told apart with [errors.Is]: answers ([ErrNotFound],
// [ErrConflict]), misuse ([ErrInvalidKey], [ErrInvalidTTL], [ErrInvalidValue],
// [ErrTooLarge]),
// failures ([ErrUnavailable] and the like), and [ErrUnknownOutcome].
// [Failed] makes the one distinction that most programs need.
//
// # Decorators
//
// What neither looks at values nor rewrites keys is an [Interceptor], and
// [Intercept] puts it around a store of any type. What does one of these
// implements every optional interface, calls the package functions on the
// store below, and answers [Supports] by asking it. A decorator never embeds
// the store it wraps: the promoted methods would bypass its own.
package storage

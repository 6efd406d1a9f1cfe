// Package codec turns a store of bytes into a store of values of a Go type.
//
//	sessions := codec.New(namespace.New(c, "sessions"), codec.JSON[Session]())
//
// A [Codec] translates between the two: [JSON] for most types, [Text] and
// [Binary] for types that marshal themselves, [String], or two methods of your
// own. [MaxSize] puts a bound around any of them. Each Get decodes, and each reader
// has a value of its own, unless [Memo] keeps what was decoded beside the bytes of a
// cache below.
//
// # What a store of values promises
//
// Everything that the store below promises, and that every operation is
// forwarded as it is: versions, expiries and namespaces are those of the bytes.
//
// A value that does not encode is misuse: the operation ends with an error
// that matches [storage.ErrInvalidValue], or [storage.ErrTooLarge] if it was too large, and
// nothing was sent. A batch is encoded in full before any of it is sent.
//
// Bytes that do not decode are a failure: the error matches
// [storage.ErrCorrupt] and is never a miss. GetMany and GetEntries return what
// did decode beside it. The bytes stay where they are until they are set or
// deleted, with one exception: Take removes a value before anybody can look at
// it, so a taken value that does not decode is gone, and the error says so.
//
// Errors tell the Go type, the number of bytes and the type of the codec's
// error. They neither hold nor wrap the codec's error itself, because the texts
// of encoders quote values. A codec that panics does so in the caller.
package codec

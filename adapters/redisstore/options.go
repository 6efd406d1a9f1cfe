package redisstore

import "fmt"

// DefaultMaxValueSize is the largest value that a store takes unless
// [MaxValueSize] says otherwise: 512 MiB, the proto-max-bulk-len of a Redis
// server that is not configured otherwise.
const DefaultMaxValueSize = 512 << 20

// MaxKeySize is the longest key that a store takes, prefixes included: 1 MiB,
// the least that proto-max-bulk-len can be set to. A longer key is
// [storage.ErrTooLarge].
const MaxKeySize = 1 << 20

// An Option changes how a store is set up.
type Option func(*options)

type options struct {
	prefix   string
	maxValue int
}

// Prefix puts prefix before every key on the wire, so that a store has a part
// of a server to itself. It is taken as it is: "app:" rather than "app".
func Prefix(prefix string) Option {
	if len(prefix) >= MaxKeySize {
		panic(fmt.Sprintf("redisstore: Prefix: %d bytes, more than a key may have", len(prefix)))
	}
	return func(o *options) { o.prefix = prefix }
}

// MaxValueSize sets the largest value that the store sends. A larger one is
// [storage.ErrTooLarge], and nothing of it is sent: the server would break the
// connection. Set it to the server's proto-max-bulk-len where that was lowered,
// or to less, so that one value cannot occupy a connection for long.
//
// It does not bound what the store reads.
func MaxValueSize(bytes int) Option {
	if bytes <= 0 {
		panic(fmt.Sprintf("redisstore: MaxValueSize: %d, want a positive number of bytes", bytes))
	}
	return func(o *options) { o.maxValue = bytes }
}

func settings(opts []Option) options {
	o := options{maxValue: DefaultMaxValueSize}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

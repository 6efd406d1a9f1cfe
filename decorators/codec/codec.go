package codec

import (
	"encoding"
	"encoding/json"
	"fmt"
)

// A Codec turns values into bytes and back. It is safe for concurrent use.
//
// The bytes that Encode returns may share memory with the value; the store
// only reads them and forgets them when the operation has ended.
//
// The bytes that Decode gets are shared with other readers, by a cache for
// example, and come from outside: Decode does not write to them, returns a
// value that shares no memory with them, so that its holder may change it, and
// returns an error for whatever Encode did not make. It takes memory in
// proportion to the bytes, whatever sizes they claim to hold.
type Codec[V any] interface {
	Encode(value V) ([]byte, error)
	Decode(data []byte) (V, error)
}

// JSON returns the codec of encoding/json. A nil pointer is the value null.
//
// Strings that are not valid UTF-8 do not come back as they were: JSON cannot
// hold them, and the invalid bytes become U+FFFD. Use a []byte for such data.
func JSON[V any]() Codec[V] { return jsonCodec[V]{} }

type jsonCodec[V any] struct{}

// Encode takes the address so that a MarshalJSON with a pointer receiver is
// called, as its UnmarshalJSON is.
func (jsonCodec[V]) Encode(value V) ([]byte, error) { return json.Marshal(&value) }

func (jsonCodec[V]) Decode(data []byte) (value V, err error) {
	err = json.Unmarshal(data, &value)
	return value, err
}

// Text returns the codec of a type whose pointer is an
// [encoding.TextMarshaler] and [encoding.TextUnmarshaler]. P follows from V:
//
//	codec.Text[netip.Addr]()
func Text[V any, P interface {
	*V
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}]() Codec[V] {
	return textCodec[V, P]{}
}

type textCodec[V any, P interface {
	*V
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}] struct{}

func (textCodec[V, P]) Encode(value V) ([]byte, error) { return P(&value).MarshalText() }

func (textCodec[V, P]) Decode(data []byte) (value V, err error) {
	err = P(&value).UnmarshalText(data)
	return value, err
}

// Binary returns the codec of a type whose pointer is an
// [encoding.BinaryMarshaler] and [encoding.BinaryUnmarshaler]. P follows from
// V:
//
//	codec.Binary[time.Time]()
func Binary[V any, P interface {
	*V
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}]() Codec[V] {
	return binaryCodec[V, P]{}
}

type binaryCodec[V any, P interface {
	*V
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}] struct{}

func (binaryCodec[V, P]) Encode(value V) ([]byte, error) { return P(&value).MarshalBinary() }

func (binaryCodec[V, P]) Decode(data []byte) (value V, err error) {
	err = P(&value).UnmarshalBinary(data)
	return value, err
}

// String returns the codec of strings, which are stored as their own bytes.
func String() Codec[string] { return stringCodec{} }

type stringCodec struct{}

func (stringCodec) Encode(value string) ([]byte, error) { return []byte(value), nil }
func (stringCodec) Decode(data []byte) (string, error)  { return string(data), nil }

// MaxSize returns c with a bound on the size of an encoded value, in bytes. It
// panics if the bound is not positive.
//
// A value that encodes to more is [storage.ErrTooLarge] and is not sent. More
// stored bytes than that are [storage.ErrCorrupt], as they did not come from
// here, and c does not get to see them: a bound on what hostile bytes can make
// it take.
func MaxSize[V any](c Codec[V], bytes int) Codec[V] {
	if c == nil {
		panic("codec: MaxSize of a nil codec")
	}
	if bytes <= 0 {
		panic(fmt.Sprintf("codec: MaxSize of %d bytes: want a positive number", bytes))
	}
	return bounded[V]{next: c, limit: bytes}
}

type bounded[V any] struct {
	next  Codec[V]
	limit int
}

func (b bounded[V]) Encode(value V) ([]byte, error) {
	data, err := b.next.Encode(value)
	if err == nil && len(data) > b.limit {
		return nil, &sizeError{size: len(data), limit: b.limit}
	}
	return data, err
}

func (b bounded[V]) Decode(data []byte) (V, error) {
	if len(data) > b.limit {
		var zero V
		return zero, &sizeError{size: len(data), limit: b.limit}
	}
	return b.next.Decode(data)
}

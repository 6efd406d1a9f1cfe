package codec_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

func Example() {
	type Session struct{ User string }
	ctx, store := context.Background(), memstore.New[[]byte]()

	sessions := codec.New(namespace.New(store, "sessions"), codec.JSON[Session]())
	_ = sessions.Set(ctx, "s1", Session{User: "ada"}, time.Hour)

	session, err := sessions.Get(ctx, "s1")
	fmt.Println(session.User, err)

	// On the wire it is JSON, under the namespace's prefix.
	data, _ := store.Get(ctx, "sessions:s1")
	fmt.Printf("%s\n", data)
	// Output:
	// ada <nil>
	// {"User":"ada"}
}

// counters is a codec of one's own: two methods.
type counters struct{}

func (counters) Encode(n uint64) ([]byte, error) { return binary.AppendUvarint(nil, n), nil }

func (counters) Decode(data []byte) (uint64, error) {
	n, size := binary.Uvarint(data)
	if size <= 0 || size != len(data) {
		return 0, errors.New("not a counter")
	}
	return n, nil
}

func ExampleNew() {
	ctx := context.Background()
	visits := codec.New(memstore.New[[]byte](), counters{})

	for range 3 {
		_, _ = storage.Update(ctx, visits, "/", func(e storage.Entry[uint64]) (uint64, time.Duration, error) {
			return e.Value + 1, storage.NoExpiry, nil
		})
	}
	fmt.Println(visits.Get(ctx, "/"))
	// Output: 3 <nil>
}

func ExampleJSON() {
	ctx, store := context.Background(), memstore.New[[]byte]()
	_ = store.Set(ctx, "k", []byte(`{"secret": "…`), storage.NoExpiry)

	_, err := codec.New(store, codec.JSON[map[string]string]()).Get(ctx, "k")
	fmt.Println(errors.Is(err, storage.ErrCorrupt))
	fmt.Println(err)
	// Output:
	// true
	// codec: get: storage: corrupt value: 15 bytes do not decode as map[string]string (*json.SyntaxError)
}

func ExampleText() {
	ctx, store := context.Background(), memstore.New[[]byte]()
	addrs := codec.New(store, codec.Text[netip.Addr]())
	_ = addrs.Set(ctx, "router", netip.MustParseAddr("192.0.2.1"), storage.NoExpiry)

	addr, err := addrs.Get(ctx, "router")
	fmt.Println(addr.Is4(), err)
	// Output: true <nil>
}

func ExampleBinary() {
	ctx, store := context.Background(), memstore.New[[]byte]()
	seen := codec.New(store, codec.Binary[time.Time]())
	_ = seen.Set(ctx, "ada", time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), storage.NoExpiry)

	when, err := seen.Get(ctx, "ada")
	fmt.Println(when.Format(time.DateOnly), err)
	// Output: 2026-11-03 <nil>
}

func ExampleString() {
	ctx := context.Background()
	names := codec.New(memstore.New[[]byte](), codec.String())
	_ = names.Set(ctx, "1", "Ada", storage.NoExpiry)
	fmt.Println(names.Get(ctx, "1"))
	// Output: Ada <nil>
}

func ExampleMaxSize() {
	ctx := context.Background()
	notes := codec.New(memstore.New[[]byte](), codec.MaxSize(codec.String(), 1000))
	err := notes.Set(ctx, "n", strings.Repeat("a", 1001), storage.NoExpiry)
	fmt.Println(err)
	// Output: codec: set: storage: too large: a string of 1001 bytes, the limit is 1000
}

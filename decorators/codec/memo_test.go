package codec_test

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

// numbers is a codec that counts what it decodes.
type numbers struct{ decoded atomic.Int64 }

func (*numbers) Encode(n *int) ([]byte, error) { return strconv.AppendInt(nil, int64(*n), 10), nil }

func (c *numbers) Decode(data []byte) (*int, error) {
	c.decoded.Add(1)
	n, err := strconv.Atoi(string(data))
	return &n, err
}

func TestMemo(t *testing.T) {
	ctx, host := t.Context(), cache.New(memstore.New[[]byte](), cache.Options{})
	defer host.Close()
	pass := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error { return next(ctx) })
	c := new(numbers)
	view := codec.New(storage.Intercept(namespace.New(host, "n"), pass), c, codec.Memo())
	set := func(n int) {
		t.Helper()
		if err := view.Set(ctx, "k", &n, storage.NoExpiry); err != nil {
			t.Fatal(err)
		}
	}
	get := func(want int, times int64) *int {
		t.Helper()
		n, err := view.Get(ctx, "k")
		if err != nil || *n != want || c.decoded.Load() != times {
			t.Errorf("got %v, %v, decoded %d times; want %d, %d times", n, err, c.decoded.Load(), want, times)
		}
		return n
	}
	set(100)
	first := get(100, 1)
	if get(100, 1) != first {
		t.Error("the same bytes gave another value")
	}
	set(100)
	get(100, 2)
	if err := host.Set(ctx, "n:k", []byte("300"), storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	get(300, 3)
	host.Purge()
	get(300, 4)
	if err := view.Delete(ctx, "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := view.Get(ctx, "k"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	if err := host.Set(ctx, "n:k", []byte("none"), storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := view.Get(ctx, "k"); !errors.Is(err, storage.ErrCorrupt) {
			t.Errorf("of bytes that do not decode: %v", err)
		}
	}
	if n := c.decoded.Load(); n != 6 {
		t.Errorf("what does not decode was decoded %d times, want each time", n-4)
	}
}

// A view of a store with Memo has one too, and another store does not see it.
func TestMemoIsOfOneStore(t *testing.T) {
	ctx, host := t.Context(), cache.New(memstore.New[[]byte](), cache.Options{})
	defer host.Close()
	if err := host.Set(ctx, "n:k", []byte("100"), storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	c := new(numbers)
	base := codec.New(host, c, codec.Memo())
	view := namespace.New[*int](base, "n")
	text := codec.New(host, codec.String(), codec.Memo())
	plain := codec.New(host, c)
	for range 2 {
		one, _ := base.Get(ctx, "n:k")
		other, _ := view.Get(ctx, "k")
		if one != other || *one != 100 {
			t.Error("a view has a value of its own")
		}
	}
	if n := c.decoded.Load(); n != 1 {
		t.Errorf("decoded %d times, want once", n)
	}
	for range 2 { // they take turns, which helps neither
		if s, err := text.Get(ctx, "n:k"); s != "100" || err != nil {
			t.Errorf("another store: %q, %v", s, err)
		}
		if n, err := view.Get(ctx, "k"); err != nil || *n != 100 {
			t.Errorf("got %v, %v", n, err)
		}
	}
	before := c.decoded.Load()
	for range 2 {
		if n, err := plain.Get(ctx, "n:k"); err != nil || *n != 100 {
			t.Errorf("got %v, %v", n, err)
		}
	}
	if n := c.decoded.Load() - before; n != 2 {
		t.Errorf("without Memo: decoded %d times, want each time", n)
	}
}

// A value may be a nil, of an interface too.
func TestMemoOfNil(t *testing.T) {
	ctx, host := t.Context(), cache.New(memstore.New[[]byte](), cache.Options{})
	defer host.Close()
	if err := host.Set(ctx, "k", []byte("null"), storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	anything := codec.New(host, codec.JSON[any](), codec.Memo())
	pointers := codec.New(host, codec.JSON[*session](), codec.Memo())
	for range 3 {
		if v, err := anything.Get(ctx, "k"); v != nil || err != nil {
			t.Errorf("got %v, %v", v, err)
		}
	}
	for range 3 {
		if v, err := pointers.Get(ctx, "k"); v != nil || err != nil {
			t.Errorf("got %v, %v", v, err)
		}
	}
}

// Over a store that keeps nothing in memory each Get decodes.
func TestMemoWithoutACache(t *testing.T) {
	ctx, c := t.Context(), new(numbers)
	s := codec.New(memstore.New[[]byte](), c, codec.Memo())
	n := 100
	if err := s.Set(ctx, "k", &n, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := s.Get(ctx, "k"); err != nil || *n != 100 {
			t.Errorf("got %v, %v", n, err)
		}
	}
	if n := c.decoded.Load(); n != 2 {
		t.Errorf("decoded %d times, want each time", n)
	}
}

func TestAllocOfAHitWithMemo(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	host := cache.New(memstore.New[[]byte](), cache.Options{})
	defer host.Close()
	ctx, value := context.Background(), typical()
	pointers := codec.New(namespace.New(host, "n"), codec.JSON[*session](), codec.Memo())
	structs := codec.New(namespace.New(host, "n"), codec.JSON[session](), codec.Memo())
	if err := structs.Set(ctx, "k", value, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	for name, get := range map[string]func(){
		"pointers": func() { _, _ = pointers.Get(ctx, "k") },
		"structs":  func() { _, _ = structs.Get(ctx, "k") },
	} {
		if n := testing.AllocsPerRun(1000, get); n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

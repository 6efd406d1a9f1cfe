package codec_test

import (
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
)

func BenchmarkJSON(b *testing.B) {
	c, value := codec.JSON[session](), typical()
	data, err := c.Encode(value)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			_, _ = c.Encode(value)
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			_, _ = c.Decode(data)
		}
	})
}

// BenchmarkStore compares a store of sessions with the store of bytes below.
func BenchmarkStore(b *testing.B) {
	ctx, below, value := b.Context(), memstore.New[[]byte](), typical()
	s := codec.New(below, codec.MaxSize(codec.JSON[session](), 64<<10))
	text := codec.New(below, codec.String())
	if err := s.Set(ctx, "k", value, 0); err != nil {
		b.Fatal(err)
	}
	data, err := below.Get(ctx, "k")
	if err != nil {
		b.Fatal(err)
	}
	for name, fn := range map[string]func() error{
		"Get/bytes":  func() error { _, err := below.Get(ctx, "k"); return err },
		"Get/string": func() error { _, err := text.Get(ctx, "k"); return err },
		"Get/json":   func() error { _, err := s.Get(ctx, "k"); return err },
		"Set/bytes":  func() error { return below.Set(ctx, "k", data, 0) },
		"Set/string": func() error { return text.Set(ctx, "k", string(data), 0) },
		"Set/json":   func() error { return s.Set(ctx, "k", value, 0) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := fn(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

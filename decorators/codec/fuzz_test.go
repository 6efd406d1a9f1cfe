package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

// decodes checks what every codec promises about bytes from anywhere: no
// panic, nothing written to them, and an ErrCorrupt of the store that says
// nothing of them; or a value, which then survives a round trip.
func decodes[V any](t *testing.T, c codec.Codec[V], data []byte, same func(a, b V) bool) {
	t.Helper()
	ctx, below := t.Context(), memstore.New[[]byte]()
	before := bytes.Clone(data)
	value, err := c.Decode(data)
	if !bytes.Equal(data, before) {
		t.Fatalf("Decode wrote to its argument: %q is now %q", before, data)
	}
	s := codec.New(below, c)
	if setErr := below.Set(ctx, "k", data, 0); setErr != nil {
		t.Fatal(setErr)
	}
	_, storeErr := s.Get(ctx, "k")
	if err != nil {
		if !errors.Is(storeErr, storage.ErrCorrupt) || errors.Is(storeErr, err) {
			t.Fatalf("Get of %q: %v", data, storeErr)
		}
		return
	}
	if storeErr != nil {
		t.Fatalf("Get of %q: %v", data, storeErr)
	}
	if err := s.Set(ctx, "k", value, 0); err != nil {
		t.Fatalf("%q decodes as %+v, which does not encode: %v", data, value, err)
	}
	again, err := s.Get(ctx, "k")
	if err != nil || !same(value, again) {
		t.Fatalf("%q decodes as %+v and comes back as %+v, %v", data, value, again, err)
	}
}

func FuzzJSONDecode(f *testing.F) {
	data, err := json.Marshal(typical())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`null`))
	f.Add([]byte(`{"data":{"":"\ud800"}} `))
	f.Add([]byte(`{"roles":[],"created":"2026-11-03T12:30:00+01:00"}`))
	f.Add(bytes.Repeat([]byte(`[`), 20_000))
	f.Fuzz(func(t *testing.T, data []byte) {
		decodes(t, codec.JSON[session](), data, func(a, b session) bool {
			if !a.Created.Equal(b.Created) {
				return false
			}
			a.Created, b.Created = time.Time{}, time.Time{}
			return equal(a, b)
		})
		decodes(t, codec.JSON[any](), data, func(a, b any) bool { return reflect.DeepEqual(a, b) })
		decodes(t, codec.MaxSize(codec.JSON[[]byte](), 64), data, bytes.Equal)
	})
}

// equal compares two sessions, an empty list or map as an absent one.
func equal(a, b session) bool {
	for _, s := range []*session{&a, &b} {
		if len(s.Roles) == 0 {
			s.Roles = nil
		}
		if len(s.Data) == 0 {
			s.Data = nil
		}
	}
	return reflect.DeepEqual(a, b)
}

func FuzzTextDecode(f *testing.F) {
	f.Add([]byte("192.0.2.1"))
	f.Add([]byte("fe80::1%eth0"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, data []byte) {
		decodes(t, codec.Text[netip.Addr](), data, func(a, b netip.Addr) bool { return a == b })
		decodes(t, codec.String(), data, func(a, b string) bool { return a == b })
	})
}

func FuzzBinaryDecode(f *testing.F) {
	data, err := time.Unix(1, 2).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		decodes(t, codec.Binary[time.Time](), data, time.Time.Equal)
	})
}

func FuzzJSONRoundTrip(f *testing.F) {
	f.Add("id", int64(1), "role", "key", "value", []byte("bytes"))
	f.Add("<&>\u2028", int64(-1)<<63, "\x00", "", "\U0010ffff", []byte{0xff})
	f.Fuzz(func(t *testing.T, id string, user int64, role, key, value string, blob []byte) {
		type record struct {
			session
			Blob []byte
		}
		valid := func(s string) string { return string(bytes.ToValidUTF8([]byte(s), []byte("?"))) }
		want := record{session{
			ID: valid(id), User: user, Roles: []string{valid(role)},
			Data: map[string]string{valid(key): valid(value)},
		}, blob}
		s := codec.New(memstore.New[[]byte](), codec.JSON[record]())
		if err := s.Set(t.Context(), "k", want, 0); err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(t.Context(), "k")
		if err != nil || !equal(got.session, want.session) || !bytes.Equal(got.Blob, want.Blob) {
			t.Fatalf("%+v came back as %+v, %v", want, got, err)
		}
	})
}

package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

// celsius marshals itself with pointer receivers.
type celsius struct{ degrees int }

func (c *celsius) MarshalJSON() ([]byte, error) { return []byte{'"', byte('a' + c.degrees), '"'}, nil }

func (c *celsius) UnmarshalJSON(data []byte) error {
	c.degrees = int(data[1] - 'a')
	return nil
}

func TestRoundTrip(t *testing.T) {
	t.Run("struct", func(t *testing.T) { roundTrip(t, codec.JSON[session](), typical(), session{}) })
	t.Run("pointer", func(t *testing.T) { roundTrip(t, codec.JSON[*session](), &session{User: 1}, &session{}, nil) })
	t.Run("map", func(t *testing.T) { roundTrip(t, codec.JSON[map[string]int](), map[string]int{"a": 1}, nil) })
	t.Run("any", func(t *testing.T) { roundTrip[any](t, codec.JSON[any](), 1.5, "a", false, nil) })
	t.Run("pointer receivers", func(t *testing.T) { roundTrip(t, codec.JSON[celsius](), celsius{20}) })
	t.Run("text", func(t *testing.T) {
		roundTrip(t, codec.Text[netip.Addr](), netip.MustParseAddr("192.0.2.1"), netip.Addr{})
		roundTrip(t, codec.Text[big.Int](), *big.NewInt(1 << 60))
	})
	t.Run("binary", func(t *testing.T) {
		roundTrip(t, codec.Binary[time.Time](), time.Unix(1, 2).UTC(), time.Time{})
		roundTrip(t, codec.Binary[url.URL](), url.URL{Scheme: "https", Host: "example.com", Path: "/a b"})
	})
	t.Run("string", func(t *testing.T) { roundTrip(t, codec.String(), "", "a", "\x00\xff") })
	t.Run("bounded", func(t *testing.T) { roundTrip(t, codec.MaxSize(codec.String(), 3), "", "abc") })
}

func roundTrip[V any](t *testing.T, c codec.Codec[V], values ...V) {
	t.Helper()
	for _, value := range values {
		data, err := c.Encode(value)
		if err != nil {
			t.Errorf("Encode(%+v): %v", value, err)
			continue
		}
		before := bytes.Clone(data)
		got, err := c.Decode(data)
		if err != nil || !reflect.DeepEqual(got, value) {
			t.Errorf("Decode(Encode(%+v)) = %+v, %v", value, got, err)
		}
		if !bytes.Equal(data, before) {
			t.Errorf("Decode wrote to the bytes of %+v", value)
		}
	}
}

func TestDecodedValueSharesNoMemory(t *testing.T) {
	type rawMessage = json.RawMessage
	type parts struct {
		Raw   rawMessage
		Bytes []byte
		Text  string
	}
	c := codec.JSON[parts]()
	want := parts{Raw: rawMessage(`[1]`), Bytes: []byte("abc"), Text: "def"}
	data, err := c.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(data)
	clear(data)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after the bytes changed: %+v, %v", got, err)
	}
	text := []byte("abc")
	value, _ := codec.String().Decode(text)
	text[0] = 'x'
	if value != "abc" {
		t.Errorf("String: after the bytes changed: %q", value)
	}
}

func TestJSONRefuses(t *testing.T) {
	c := codec.JSON[session]()
	for _, data := range []string{
		``, ` `, `{`, `{}{}`, `{} x`, `{}` + "\x00", `[]`, `"a"`, `{"user":"x"}`, `{"user":1e99}`, `nul`,
	} {
		if value, err := c.Decode([]byte(data)); err == nil {
			t.Errorf("Decode(%q) = %+v, want an error", data, value)
		}
	}
}

func TestMaxSize(t *testing.T) {
	c := codec.MaxSize(codec.JSON[string](), 5)
	if _, err := c.Encode("abc"); err != nil {
		t.Errorf("Encode of 5 bytes: %v", err)
	}
	if data, err := c.Encode("abcd"); !errors.Is(err, storage.ErrTooLarge) || data != nil {
		t.Errorf("Encode of 6 bytes: %q, %v, want ErrTooLarge", data, err)
	}
	if _, err := c.Encode("\xff"); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("the bound is on the encoded size: %v", err)
	}
	if _, err := c.Decode([]byte(`"abc"`)); err != nil {
		t.Errorf("Decode of 5 bytes: %v", err)
	}
}

func TestMaxSizeDecodesNothingLarger(t *testing.T) {
	c := codec.MaxSize(panicking{}, 5)
	if _, err := c.Decode([]byte("123456")); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("Decode of 6 bytes: %v, want ErrTooLarge", err)
	}
}

func TestMisusePanics(t *testing.T) {
	for name, fn := range map[string]func(){
		"no store":            func() { codec.New(nil, codec.String()) },
		"no codec":            func() { codec.New[string](minimal{}, nil) },
		"no codec to bound":   func() { codec.MaxSize[string](nil, 1) },
		"bound of 0":          func() { codec.MaxSize(codec.String(), 0) },
		"bound less than one": func() { codec.MaxSize(codec.String(), -1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, ok := recover().(string); !ok || len(text) < 10 {
					t.Errorf("recovered %q, want a message", text)
				}
			}()
			fn()
		})
	}
}

package codec_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

const planted = "planted-value"

// reads are the operations that decode, each of key "k".
var reads = map[storage.Op]func(context.Context, storage.Store[string]) (string, error){
	storage.OpGet: func(ctx context.Context, s storage.Store[string]) (string, error) { return s.Get(ctx, "k") },
	storage.OpGetEntry: func(ctx context.Context, s storage.Store[string]) (string, error) {
		entry, err := storage.GetEntry(ctx, s, "k")
		return entry.Value + string(entry.Version), err
	},
	storage.OpTake: func(ctx context.Context, s storage.Store[string]) (string, error) { return storage.Take(ctx, s, "k") },
	storage.OpGetMany: func(ctx context.Context, s storage.Store[string]) (string, error) {
		values, err := storage.GetMany(ctx, s, []string{"k"})
		return values["k"], err
	},
	storage.OpGetEntries: func(ctx context.Context, s storage.Store[string]) (string, error) {
		entries, err := storage.GetEntries(ctx, s, []string{"k"})
		return entries["k"].Value, err
	},
}

func TestCorrupt(t *testing.T) {
	for name, c := range map[string]codec.Codec[string]{
		"json":                     codec.JSON[string](),
		"third party":              failing{errors.New(planted)},
		"codec says not found":     failing{storage.ErrNotFound},
		"codec says it is too big": failing{storage.ErrTooLarge},
	} {
		for op, read := range reads {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				below := memstore.New[[]byte]()
				if err := below.Set(t.Context(), "k", []byte(planted), 0); err != nil {
					t.Fatal(err)
				}
				value, err := read(t.Context(), codec.New(below, c))
				if value != "" {
					t.Errorf("value %q", value)
				}
				if !errors.Is(err, storage.ErrCorrupt) || !storage.Failed(err) || errors.Is(err, storage.ErrNotFound) {
					t.Fatalf("error %v", err)
				}
				for _, want := range []string{"codec: " + op.String() + ": ", "string", "13 bytes"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q does not say %q", err, want)
					}
				}
				if strings.Contains(err.Error(), planted) || strings.Contains(fmt.Sprintf("%+v %#v", err, err), planted) {
					t.Errorf("%q quotes the value", err)
				}
				if _, ok := errors.AsType[*json.SyntaxError](err); ok {
					t.Error("the error wraps the codec's, which tells about the value")
				}
				_, err = below.Get(t.Context(), "k")
				if gone := errors.Is(err, storage.ErrNotFound); gone != (op == storage.OpTake) {
					t.Errorf("after %v the bytes are gone: %v", op, gone)
				}
			})
		}
	}
}

func TestTakeSaysThatTheValueIsGone(t *testing.T) {
	below := memstore.New[[]byte]()
	if err := below.Set(t.Context(), "k", []byte("{"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := codec.New(below, codec.JSON[session]()).Take(t.Context(), "k")
	want := "codec: take: storage: corrupt value: 1 bytes do not decode as codec_test.session (*json.SyntaxError); they were removed"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %v", err, want)
	}
}

func TestBatchReturnsWhatDecodes(t *testing.T) {
	ctx, below := t.Context(), memstore.New[[]byte]()
	for key, data := range map[string]string{"a": "1", "b": "x", "c": "3", "d": `"yy"`} {
		if err := below.Set(ctx, key, []byte(data), 0); err != nil {
			t.Fatal(err)
		}
	}
	s := codec.New(below, codec.JSON[int]())
	keys := []string{"a", "b", "c", "d", "absent"}
	values, err := s.GetMany(ctx, keys)
	if len(values) != 2 || values["a"] != 1 || values["c"] != 3 {
		t.Errorf("GetMany = %v", values)
	}
	if !errors.Is(err, storage.ErrCorrupt) || !strings.Contains(err.Error(), "2 values of 5 bytes together") {
		t.Errorf("GetMany: %v", err)
	}
	entries, err := s.GetEntries(ctx, keys)
	if len(entries) != 2 || entries["a"].Value != 1 || entries["a"].Version == "" || entries["c"].Value != 3 {
		t.Errorf("GetEntries = %v", entries)
	}
	if !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("GetEntries: %v", err)
	}
}

// partial answers every batch with one good and one bad value and an error.
type partial struct{ storage.ByteStore }

func (partial) GetMany(context.Context, []string) (map[string][]byte, error) {
	return map[string][]byte{"good": []byte("1"), "bad": []byte("x")}, storage.ErrUnavailable
}

func TestBatchKeepsBothErrors(t *testing.T) {
	s := codec.New(partial{memstore.New[[]byte]()}, codec.JSON[int]())
	values, err := s.GetMany(t.Context(), []string{"good", "bad", "unread"})
	if len(values) != 1 || values["good"] != 1 {
		t.Errorf("values %v", values)
	}
	if !errors.Is(err, storage.ErrUnavailable) || !errors.Is(err, storage.ErrCorrupt) {
		t.Errorf("error %v, want both", err)
	}
}

// writes are the operations that encode.
var writes = map[storage.Op]func(context.Context, storage.Store[string]) error{
	storage.OpSet: func(ctx context.Context, s storage.Store[string]) error { return s.Set(ctx, "k", planted, 0) },
	storage.OpSetMany: func(ctx context.Context, s storage.Store[string]) error {
		return storage.SetMany(ctx, s, map[string]string{"j": planted, "k": planted}, 0)
	},
	storage.OpCompareAndSwap: func(ctx context.Context, s storage.Store[string]) error {
		_, err := storage.CompareAndSwap(ctx, s, "k", "", planted, 0)
		return err
	},
}

func TestNotEncodedIsMisuse(t *testing.T) {
	for name, c := range map[string]struct {
		codec codec.Codec[string]
		want  error
		says  string
	}{
		"third party":              {failing{errors.New(planted)}, storage.ErrInvalidValue, "*errors.joinError"},
		"codec says not found":     {failing{storage.ErrNotFound}, storage.ErrInvalidValue, "*errors.joinError"},
		"codec says it is down":    {failing{storage.ErrUnavailable}, storage.ErrInvalidValue, "*errors.joinError"},
		"codec says it is too big": {failing{storage.ErrTooLarge}, storage.ErrTooLarge, "*errors.joinError"},
		"bound":                    {codec.MaxSize(codec.String(), 12), storage.ErrTooLarge, "a string of 13 bytes, the limit is 12"},
	} {
		for op, write := range writes {
			t.Run(name+"/"+op.String(), func(t *testing.T) {
				below, seen := watch(memstore.New[[]byte]())
				err := write(t.Context(), codec.New(below, c.codec))
				if !errors.Is(err, c.want) || storage.Failed(err) || errors.Is(err, storage.ErrNotFound) {
					t.Fatalf("error %v, want %v, which is no failure", err, c.want)
				}
				for _, want := range []string{"codec: " + op.String() + ": ", "string", c.says} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%q does not say %q", err, want)
					}
				}
				if strings.Contains(err.Error(), planted) {
					t.Errorf("%q quotes the value", err)
				}
				if len(*seen) > 0 {
					t.Errorf("%v reached the store", *seen)
				}
			})
		}
	}
}

func TestBatchWithOneBadValueStoresNothing(t *testing.T) {
	below, seen := watch(memstore.New[[]byte]())
	s := codec.New(below, codec.JSON[any]())
	err := s.SetMany(t.Context(), map[string]any{"a": 1, "b": make(chan int), "c": 3}, 0)
	if !errors.Is(err, storage.ErrInvalidValue) || !slices.Equal(*seen, nil) {
		t.Errorf("%v, and %v reached the store", err, *seen)
	}
}

func TestStoredBytesAboveTheBoundAreCorrupt(t *testing.T) {
	below := memstore.New[[]byte]()
	if err := below.Set(t.Context(), "k", []byte("123456"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := codec.New(below, codec.MaxSize(panicking{}, 5)).Get(t.Context(), "k")
	want := "codec: get: storage: corrupt value: 6 bytes do not decode as string (more than the limit of 5)"
	if !errors.Is(err, storage.ErrCorrupt) || !storage.Failed(err) || err.Error() != want {
		t.Errorf("got  %v\nwant %v", err, want)
	}
}

// panicking is a codec that is not to be called.
type panicking struct{}

func (panicking) Encode(string) ([]byte, error) { panic(planted) }
func (panicking) Decode([]byte) (string, error) { panic(planted) }

func TestPanicOfACodecReachesTheCaller(t *testing.T) {
	s := codec.New(memstore.New[[]byte](), panicking{})
	defer func() {
		if recover() != planted {
			t.Error("the panic did not come through as it was")
		}
	}()
	_ = s.Set(t.Context(), "k", "value", 0)
}

func TestErrorsBelowPassUnchanged(t *testing.T) {
	s := codec.New(memstore.New[[]byte](), codec.JSON[int]())
	if _, err := s.Get(t.Context(), "absent"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Get of nothing: %v", err)
	}
	if _, err := s.Get(t.Context(), ""); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("Get of the empty key: %v", err)
	}
	if err := s.Set(t.Context(), "k", 1, -1); !errors.Is(err, storage.ErrInvalidTTL) {
		t.Errorf("Set with a negative ttl: %v", err)
	}
}

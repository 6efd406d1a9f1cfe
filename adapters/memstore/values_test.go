package memstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

type session struct {
	User string
	Seen []int
}

func TestBytesAreCopied(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[[]byte]()
	mine := []byte("value")
	write := map[string]func(key string) error{
		"Set":     func(key string) error { return s.Set(ctx, key, mine, 0) },
		"SetMany": func(key string) error { return s.SetMany(ctx, map[string][]byte{key: mine}, 0) },
		"CompareAndSwap": func(key string) error {
			_, err := s.CompareAndSwap(ctx, key, "", mine, 0)
			return err
		},
	}
	read := map[string]func(key string) ([]byte, error){
		"Get":        func(key string) ([]byte, error) { return s.Get(ctx, key) },
		"GetMany":    func(key string) ([]byte, error) { m, err := s.GetMany(ctx, []string{key}); return m[key], err },
		"GetEntry":   func(key string) ([]byte, error) { e, err := s.GetEntry(ctx, key); return e.Value, err },
		"GetEntries": func(key string) ([]byte, error) { m, err := s.GetEntries(ctx, []string{key}); return m[key].Value, err },
		"Get again":  func(key string) ([]byte, error) { return s.Get(ctx, key) },
	}
	for name, set := range write {
		copy(mine, "value")
		ok(t, set(name))
		copy(mine, "WRONG")
		for op, get := range read {
			got, err := get(name)
			if err != nil || string(got) != "value" || cap(got) != len(got) {
				t.Errorf("%s after %s: %q (cap %d), %v", op, name, got, cap(got), err)
			}
			copy(got, "WRONG")
		}
	}
}

// Under -race: a Get that is still copying does not meet the one who took the
// value and writes to it.
func TestTakenBytesAreTheCallers(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[[]byte]()
	for range 200 {
		ok(t, s.Set(ctx, "key", make([]byte, 1<<12), 0))
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				if _, err := s.Get(ctx, "key"); err != nil {
					return
				}
			}
		}()
		taken, err := s.Take(ctx, "key")
		ok(t, err)
		for i := range taken {
			taken[i] = 1
		}
		<-done
	}
}

func TestOtherBytesAreCopied(t *testing.T) {
	t.Run("named", func(t *testing.T) {
		testCopied(t, memstore.New[json.RawMessage](memstore.MaxBytes(8)), func(b []byte) json.RawMessage { return b })
	})
	t.Run("elements named", func(t *testing.T) {
		type octet byte
		testCopied(t, memstore.New[[]octet](memstore.MaxBytes(8)), func(b []byte) []octet {
			return unsafe.Slice((*octet)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
		})
	})
	t.Run("any", func(t *testing.T) {
		testCopied(t, memstore.New[any](), func(b []byte) any { return b })
	})
}

func testCopied[V any](t *testing.T, s *memstore.Store[V], of func(b []byte) V) {
	ctx := t.Context()
	mine := []byte("value")
	ok(t, s.Set(ctx, "key", of(mine), 0))
	copy(mine, "WRONG")
	for range 2 {
		got, err := s.Get(ctx, "key")
		if b := reflect.ValueOf(got).Bytes(); err != nil || string(b) != "value" {
			t.Errorf("Get = %q, %v", b, err)
		} else {
			copy(b, "WRONG")
		}
	}
	ok(t, s.Set(ctx, "key", of(nil), 0))
	if got, err := s.Get(ctx, "key"); err != nil || !reflect.DeepEqual(got, of(nil)) {
		t.Errorf("Get = %#v, %v, want nil", got, err)
	}
}

func TestNothingIsAValue(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[[]byte]()
	for key, value := range map[string][]byte{"nil": nil, "empty": {}} {
		ok(t, s.Set(ctx, key, value, 0))
		got, err := s.Get(ctx, key)
		if err != nil || len(got) != 0 || (got == nil) != (value == nil) {
			t.Errorf("%s: Get = %#v, %v", key, got, err)
		}
		if has, err := s.Has(ctx, key); !has || err != nil {
			t.Errorf("%s: Has = %t, %v", key, has, err)
		}
	}
}

func TestOtherValuesAreSharedUnlessCloned(t *testing.T) {
	ctx := t.Context()
	mine := &session{User: "ada"}
	shared := memstore.New[*session]()
	ok(t, shared.Set(ctx, "key", mine, 0))
	if got, err := shared.Get(ctx, "key"); got != mine || err != nil {
		t.Errorf("Get = %p, %v, want the pointer %p that was stored", got, err, mine)
	}

	cloned := memstore.New[*session](memstore.Clone(func(s *session) *session {
		c := *s
		c.Seen = slices.Clone(c.Seen)
		return &c
	}))
	ok(t, cloned.Set(ctx, "key", mine, 0))
	mine.User = "wrong"
	got, err := cloned.Get(ctx, "key")
	if err != nil || got.User != "ada" {
		t.Errorf("Get = %v, %v, want ada", got, err)
	}
	got.User = "wrong"
	if got, err := cloned.Take(ctx, "key"); err != nil || got.User != "ada" {
		t.Errorf("Take = %v, %v, want ada", got, err)
	}
}

// Hooks are called without a lock: they may use the store.
func TestHooksMayUseTheStore(t *testing.T) {
	ctx := t.Context()
	var s *memstore.Store[string]
	call := func() {
		if s != nil {
			for key := range s.Keys(ctx, "") { // takes the lock of every shard
				_, _ = s.Has(ctx, key)
			}
		}
	}
	s = memstore.New[string](
		memstore.MaxBytes(100),
		memstore.Clone(func(s string) string { call(); return strings.Clone(s) }),
		memstore.Weigh(func(s string) int { call(); return len(s) }),
	)
	ok(t, s.SetMany(ctx, map[string]string{"a": "1", "b": "2"}, 0))
	if v, err := s.Get(ctx, "a"); v != "1" || err != nil {
		t.Errorf("Get = %q, %v", v, err)
	}
	if v, err := s.Take(ctx, "a"); v != "1" || err != nil {
		t.Errorf("Take = %q, %v", v, err)
	}
}

// Web frameworks hand out strings that lie in buffers which they use again.
func TestKeysAreCopied(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[int]()
	for _, store := range []storage.Store[int]{s, s.In(storage.Scope{Prefix: "view:"})} {
		buf := []byte("key")
		ok(t, store.Set(ctx, unsafe.String(&buf[0], len(buf)), 1, 0))
		copy(buf, "bad")
		if v, err := store.Get(ctx, "key"); v != 1 || err != nil {
			t.Errorf("Get = %d, %v", v, err)
		}
	}
	s.Verify(t)
}

func TestVersions(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[string]()
	seen := map[storage.Version]string{"": "no value"}
	note := func(what string, v storage.Version) {
		if before, ok := seen[v]; ok {
			t.Errorf("%s has the version of %s", what, before)
		}
		seen[v] = what
	}
	for i := range 3 {
		ok(t, s.Set(ctx, "key", "same", 0))
		e, err := s.GetEntry(ctx, "key")
		ok(t, err)
		note(fmt.Sprint("Set ", i), e.Version)

		ok(t, s.Touch(ctx, "key", 1e9))
		touched, err := s.GetEntry(ctx, "key")
		if err != nil || touched.Version != e.Version {
			t.Errorf("Touch changed the version %s to %s, %v", e.Version, touched.Version, err)
		}

		v, err := s.CompareAndSwap(ctx, "key", e.Version, "same", 0)
		ok(t, err)
		note(fmt.Sprint("swap ", i), v)
		if e, err := s.GetEntry(ctx, "key"); e.Version != v || err != nil {
			t.Errorf("GetEntry has version %s, %v, want %s that CompareAndSwap returned", e.Version, err, v)
		}
		ok(t, s.Delete(ctx, "key"))
	}
	// A version that a client kept from before a restart must not match.
	other := memstore.New[string]()
	for i := range 10 {
		ok(t, other.Set(ctx, "key", "other", 0))
		e, err := other.GetEntry(ctx, "key")
		ok(t, err)
		note(fmt.Sprint("Set in another store ", i), e.Version)
	}
}

func TestMisuse(t *testing.T) {
	for message, f := range map[string]func(){
		"memstore: New with a negative bound":                                        func() { memstore.New[int](memstore.MaxEntries(-1)) },
		"memstore: New with a negative bound ":                                       func() { memstore.New[string](memstore.MaxBytes(-1)) },
		"memstore: New[int] with MaxBytes needs Weigh":                               func() { memstore.New[int](memstore.MaxBytes(1)) },
		"memstore: New[error] with MaxBytes needs Weigh":                             func() { memstore.New[error](memstore.MaxBytes(1)) },
		"memstore: Clone of nil":                                                     func() { memstore.Clone[int](nil) },
		"memstore: Weigh of nil":                                                     func() { memstore.Weigh[int](nil) },
		"memstore: New with Clone of type func([]uint8) []uint8, want func(int) int": func() { memstore.New[int](memstore.Clone(bytes.Clone)) },
		"memstore: New with Weigh of type func(string) int, want func([]uint8) int":  func() { memstore.New[[]byte](memstore.Weigh(func(string) int { return 0 })) },
		"memstore: Weigh returned a negative number": func() {
			s := memstore.New[int](memstore.MaxBytes(1), memstore.Weigh(func(int) int { return -1 }))
			_ = s.Set(context.Background(), "key", 1, 0)
		},
	} {
		func() {
			defer func() {
				if got, want := fmt.Sprint(recover()), strings.TrimSpace(message); got != want {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}

package cache_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/storage"
)

// A Memo belongs to the value that it comes with.
func TestGetMemo(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	ns := sessions(c)
	set(t, c, "sessions:k", "1")
	by := new(int)
	memo := func(s storage.ByteStore, key, want string) *storage.Memo {
		t.Helper()
		value, m, err := storage.GetMemo(ctx, s, key)
		if string(value) != want || m == nil || err != nil {
			t.Fatalf("got %q, %v, %v, want %q and a Memo", value, m, err, want)
		}
		return m
	}
	first := memo(ns, "k", "1") // of a load
	first.Store(by, "made of 1")
	wantCalls(t, b, storage.OpGetEntry, 1)
	if got := c.Stats(); got.Hits != 0 || got.Misses != 1 {
		t.Errorf("a load with a memo is %+v", got)
	}
	if made, _ := memo(c, "sessions:k", "1").Load(by); made != "made of 1" {
		t.Errorf("by another view there is %v", made)
	}
	if got := c.Stats(); got.Hits != 1 {
		t.Errorf("a hit with a memo is %+v", got)
	}
	set(t, ns, "k", "1") // equal, but written since
	if made, ok := memo(ns, "k", "1").Load(by); ok {
		t.Errorf("a value that was written has the %v of the one before", made)
	}
	if made, _ := first.Load(by); made != "made of 1" {
		t.Error("the memo of the value before has changed")
	}
	for _, key := range []string{"absent", ""} {
		if value, m, err := storage.GetMemo(ctx, ns, key); value != nil || m != nil || err == nil || storage.Failed(err) {
			t.Errorf("of %q: %q, %v, %v", key, value, m, err)
		}
	}
	b.Fail(storage.ErrUnavailable, storage.OpGetEntry)
	if _, m, err := storage.GetMemo(ctx, ns, "other"); m != nil || !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("of a load that fails: %v, %v", m, err)
	}
}

// Each reader has a copy, and what is made of it is for nobody else.
func TestGetMemoOfCopies(t *testing.T) {
	c, _ := newCache(t, cache.Options{}, cache.Clone(bytes.Clone))
	set(t, c, "k", "v")
	for range 2 {
		if value, m, err := storage.GetMemo(ctx, c, "k"); string(value) != "v" || m != nil || err != nil {
			t.Errorf("got %q, %v, %v, want no Memo", value, m, err)
		}
	}
}

// A value that is too large to be kept has no Memo, and an absence that is kept
// has none either.
func TestGetMemoOfWhatIsNotKept(t *testing.T) {
	c, _ := newCache(t, cache.Options{MaxBytes: 100, NegativeTTL: time.Hour})
	set(t, c, "large", string(make([]byte, 1000)))
	for range 2 {
		if value, m, err := storage.GetMemo(ctx, c, "large"); len(value) != 1000 || m != nil || err != nil {
			t.Errorf("got %d bytes, %v, %v, want no Memo", len(value), m, err)
		}
		if _, m, err := storage.GetMemo(ctx, c, "absent"); m != nil || !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("of nothing: %v, %v", m, err)
		}
	}
}

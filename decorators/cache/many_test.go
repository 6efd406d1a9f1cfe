package cache_test

import (
	"errors"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/storage"
)

func getMany(t testing.TB, s storage.ByteStore, keys ...string) map[string]string {
	t.Helper()
	values, err := storage.GetMany(ctx, s, keys)
	must(t, err)
	got := make(map[string]string)
	for key, value := range values {
		got[key] = string(value)
	}
	return got
}

func TestBatchIsOneLoad(t *testing.T) {
	c, b := newCache(t, cache.Options{NegativeTTL: time.Hour})
	ns := sessions(c)
	for _, key := range []string{"held", "x", "y"} {
		set(t, ns, key, "v"+key)
	}
	get(ns, "held")
	wanted := map[string]string{"held": "vheld", "x": "vx", "y": "vy"}
	for range 2 { // the second time all is held, the absence of "gone" too
		if got := getMany(t, ns, "x", "held", "gone", "y", "x"); !maps.Equal(got, wanted) {
			t.Fatalf("got %v, want %v", got, wanted)
		}
	}
	wantCalls(t, b, storage.OpGetEntry, 1)
	wantCalls(t, b, storage.OpGetEntries, 1)
	want(t, get(ns, "y"), "vy")
	if got := c.Stats().Counts; got.Loads != 2 || got.Misses != 4 || got.Hits != 6 {
		t.Fatalf("stats are %+v", got)
	}
}

func TestBatchSharesSingleLoadsAndTheReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		set(t, c, "a", "va")
		set(t, c, "b", "vb")
		single := b.holdIn(storage.OpGetEntry)
		batch := b.holdIn(storage.OpGetEntries)
		a := later(func() string { return get(c, "a") })
		single.await(t)
		both := later(func() map[string]string { return getMany(t, c, "a", "b") })
		batch.await(t) // for "b" only
		bb := later(func() string { return get(c, "b") })
		synctest.Wait()
		single.release()
		want(t, <-a, "va")
		batch.release()
		if got := <-both; got["a"] != "va" || got["b"] != "vb" {
			t.Fatalf("got %v", got)
		}
		want(t, <-bb, "vb")
		wantCalls(t, b, storage.OpGetEntry, 1)
		wantCalls(t, b, storage.OpGetEntries, 1)
	})
}

// One key of a batch is written while the batch is under way.
func TestBatchOvertakenByWrite(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "a", "old")
	set(t, c, "b", "vb")
	slow := b.holdOut(storage.OpGetEntries)
	batch := later(func() map[string]string { return getMany(t, c, "a", "b") })
	slow.await(t)
	set(t, c, "a", "new")
	after := later(func() string { return get(c, "a") })
	slow.release()
	if got := receive(t, batch); got["a"] != "old" || got["b"] != "vb" {
		t.Fatalf("got %v", got)
	}
	want(t, receive(t, after), "new")
	want(t, get(c, "a"), "new")
	want(t, get(c, "b"), "vb")
	wantCalls(t, b, storage.OpGetEntry, 1) // for "a" after the write; "b" was kept
}

func TestBatchFails(t *testing.T) {
	c, b := newCache(t, cache.Options{})
	set(t, c, "held", "v")
	get(c, "held")
	b.Fail(storage.ErrUnavailable, storage.OpGetEntries)
	got, err := storage.GetMany(ctx, c, []string{"held", "a", "b"})
	if !errors.Is(err, storage.ErrUnavailable) || len(got) != 1 || string(got["held"]) != "v" {
		t.Fatalf("got %q, %v; want what is held and ErrUnavailable", got, err)
	}
	b.Heal()
	if got := getMany(t, c, "held", "a"); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
}

func TestManyBatchesAtOnce(t *testing.T) {
	c, b := newCache(t, cache.Options{MaxEntries: 100})
	var keys []string
	for i := range 50 {
		keys = append(keys, fmt.Sprint(i))
		set(t, c, keys[i], keys[i])
	}
	done := make(chan map[string]string)
	for i := range 50 {
		go func() { done <- getMany(t, c, keys[i:]...) }()
	}
	for range 50 {
		got := receive(t, done)
		for key, value := range got {
			want(t, value, key)
		}
	}
	if n := b.Calls(storage.OpGetEntries); n > 50 {
		t.Fatalf("%d batches for 50 calls", n)
	}
}

func TestBatchWithEndedContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b := newCache(t, cache.Options{})
		b.Hang()
		patience, cancel := timeout(time.Second)
		defer cancel()
		_, err := storage.GetMany(patience, c, []string{"a", "b"})
		if err == nil || !errors.Is(err, patience.Err()) {
			t.Fatalf("got %v, want the context's error", err)
		}
		synctest.Wait()
		if b.Hanging() != 0 {
			t.Fatal("the batch goes on although nobody waits for it")
		}
		b.Heal()
	})
}

// A hook that panics must not leave a load of the batch unbegun.
func TestBatchWhoseClonePanics(t *testing.T) {
	broken := true
	c, _ := newCache(t, cache.Options{}, cache.Clone(func(v []byte) []byte {
		if broken {
			panic("clone")
		}
		return v
	}))
	set(t, c, "held", "v")
	set(t, c, "other", "v")
	func() {
		defer func() { recover() }()
		get(c, "held")
	}()
	func() {
		defer func() {
			if recover() != "clone" {
				t.Error("the panic of Clone does not reach the caller")
			}
		}()
		storage.GetMany(ctx, c, []string{"other", "held"})
	}()
	broken = false
	want(t, receive(t, later(func() string { return get(c, "other") })), "v")
}

// A store may know entries one by one and refuse to read many.
func TestBatchOverAStoreThatRefusesEntries(t *testing.T) {
	b := newBackend()
	b.Fail(storage.Unsupported(storage.OpGetEntries, b), storage.OpGetEntries)
	c := cache.New(b.ByteStore, cache.Options{})
	t.Cleanup(func() { c.Close() })
	set(t, c, "a", "va")
	set(t, c, "b", "vb")
	wanted := map[string]string{"a": "va", "b": "vb"}
	for range 2 { // the second time from memory
		if got := getMany(t, c, "a", "gone", "b"); !maps.Equal(got, wanted) {
			t.Fatalf("got %v, want %v", got, wanted)
		}
	}
	b.Fail(storage.ErrUnavailable, storage.OpGetEntry)
	if _, err := storage.GetMany(ctx, c, []string{"a", "gone"}); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("GetMany of a key that cannot be read: %v", err)
	}
}

package redisstore_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A ttl arrives on the server in milliseconds, rounded up, by every operation
// that gives one, and comes back by GetEntry.
func TestTTL(t *testing.T) {
	const huge = time.Duration(math.MaxInt64)
	server := redistest.Shared(t)
	client := connect(t, &redis.Options{Addr: server.Addr()})
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	key := server.Prefix() + "k"
	ctx := t.Context()
	give := map[string]func(ttl time.Duration) error{
		"Set":     func(ttl time.Duration) error { return store.Set(ctx, "k", []byte("1"), ttl) },
		"SetMany": func(ttl time.Duration) error { return store.SetMany(ctx, map[string][]byte{"k": []byte("1")}, ttl) },
		"CompareAndSwap": func(ttl time.Duration) error {
			_, err := store.CompareAndSwap(ctx, "k", version1, []byte("1"), ttl)
			return err
		},
		"Touch": func(ttl time.Duration) error { return store.Touch(ctx, "k", ttl) },
	}
	for name, give := range give {
		for _, c := range []struct {
			ttl  time.Duration
			want int64 // milliseconds; -1: never
		}{
			{storage.NoExpiry, -1},
			{time.Hour, 3600_000},
			{time.Hour + 500*time.Millisecond, 3600_500},
			{time.Hour + 500*time.Microsecond, 3600_001},
			{time.Hour + 1, 3600_001},
			{huge, math.MaxInt64/1_000_000 + 1},
		} {
			if err := client.Set(ctx, key, "1", time.Minute).Err(); err != nil {
				t.Fatal(err)
			}
			if name == "Touch" && c.want > 0 {
				c.want++ // see there
			}
			sent := time.Now()
			if err := give(c.ttl); err != nil {
				t.Errorf("%s with %v: %v", name, c.ttl, err)
				continue
			}
			entry, err := store.GetEntry(ctx, "k")
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.Do(ctx, "pttl", key).Int64()
			took := time.Since(sent).Milliseconds() + 1
			if err != nil || got > c.want || c.want >= 0 && got < c.want-took || c.want == -1 && got != -1 {
				t.Errorf("%s with %v: %d ms left, %v, want %d", name, c.ttl, got, err, c.want)
			}
			if entry.Expires.IsZero() != (c.want == -1) {
				t.Errorf("%s with %v: Expires is %v", name, c.ttl, entry.Expires)
			}
			// A key is there during the millisecond of its expiry. (Redis 7.0 tells it.)
			if at, err := client.Do(ctx, "pexpiretime", key).Int64(); err == nil && c.want > 0 && c.ttl != huge && entry.Expires.After(time.UnixMilli(at+1)) {
				t.Errorf("%s with %v: Expires is %v, after the server's %v", name, c.ttl, entry.Expires, time.UnixMilli(at+1))
			}
			if earliest := sent.Add(c.ttl - time.Duration(took+1)*time.Millisecond); c.want > 0 && entry.Expires.Before(earliest) {
				t.Errorf("%s with %v: Expires is %v, want %v at least", name, c.ttl, entry.Expires, earliest)
			}
		}
		// The shortest are gone soon, and do not stay for ever.
		for _, ttl := range []time.Duration{1, 500 * time.Microsecond, time.Millisecond, 1500 * time.Microsecond} {
			if err := client.Set(ctx, key, "1", 0).Err(); err != nil {
				t.Fatal(err)
			}
			if err := give(ttl); err != nil {
				t.Errorf("%s with %v: %v", name, ttl, err)
			}
			eventually(t, fmt.Sprintf("%s with %v: gone", name, ttl), func() bool {
				_, err := store.Get(ctx, "k")
				return errors.Is(err, storage.ErrNotFound)
			})
		}
		if err := client.Set(ctx, key, "1", 0).Err(); err != nil {
			t.Fatal(err)
		}
		for _, ttl := range []time.Duration{-1, -time.Second, math.MinInt64} {
			if err := give(ttl); !errors.Is(err, storage.ErrInvalidTTL) {
				t.Errorf("%s with %v: %v, want ErrInvalidTTL", name, ttl, err)
			}
		}
		if left := client.TTL(ctx, key).Val(); left != -1 {
			t.Errorf("%s with a negative ttl changed the expiry to %v", name, left)
		}
	}
}

// A reply that takes its time does not make Expires later than the server's.
func TestExpiresCountsFromTheRequest(t *testing.T) {
	server := redistest.Shared(t)
	client := connect(t, &redis.Options{Addr: server.Addr()})
	client.AddHook(after(func(redis.Cmder) { <-time.After(20 * time.Millisecond) }))
	store := redisstore.New(client, redisstore.Prefix(server.Prefix()))
	defer store.Close()
	given := time.Now()
	if err := store.Set(t.Context(), "k", nil, time.Hour); err != nil {
		t.Fatal(err)
	}
	// The reply came late, and the server keeps a key to the end of the
	// millisecond in which it expires.
	latest := time.Now().Add(-20*time.Millisecond + time.Hour + time.Millisecond)
	entry, err := store.GetEntry(t.Context(), "k")
	if err != nil || entry.Expires.After(latest) || entry.Expires.Before(given) {
		t.Errorf("Expires is %v, %v, want %v at most", entry.Expires, err, latest)
	}
}

// An expiry that another program gave and that is beyond a time.Duration is the
// latest that there is.
func TestForeignExpiry(t *testing.T) {
	server := redistest.Shared(t)
	client := connect(t, &redis.Options{Addr: server.Addr()})
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	if err := client.Do(t.Context(), "set", server.Prefix()+"k", "1", "pxat", int64(math.MaxInt64)).Err(); err != nil {
		t.Fatal(err)
	}
	entry, err := store.GetEntry(t.Context(), "k")
	if err != nil || time.Until(entry.Expires) < 290*365*24*time.Hour {
		t.Errorf("got %v, %v, want an expiry in 292 years", entry.Expires, err)
	}
}

// PERSIST says 0 for an absent key and for one without an expiry: Touch tells
// them apart.
func TestTouchNoExpiry(t *testing.T) {
	server := redistest.Shared(t)
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	ctx := t.Context()
	if err := store.Touch(ctx, "k", storage.NoExpiry); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("absent: %v, want ErrNotFound", err)
	}
	for _, ttl := range []time.Duration{storage.NoExpiry, time.Hour} {
		if err := store.Set(ctx, "k", []byte("1"), ttl); err != nil {
			t.Fatal(err)
		}
		if err := store.Touch(ctx, "k", storage.NoExpiry); err != nil {
			t.Errorf("ttl %v: %v", ttl, err)
		}
		if entry, err := store.GetEntry(ctx, "k"); err != nil || !entry.Expires.IsZero() {
			t.Errorf("ttl %v: Expires is %v, %v, want never", ttl, entry.Expires, err)
		}
	}
}

// PEXPIRE with 1 deletes a key in less than a millisecond, once in thousands of
// times: a Touch gives one more.
func TestTouchIsNeverEarly(t *testing.T) {
	server := redistest.Shared(t)
	client := connect(t, &redis.Options{Addr: server.Addr()})
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	if err := store.Set(t.Context(), "k", nil, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a ttl that is seen in the millisecond in which it was given", func() bool {
		if err := store.Touch(t.Context(), "k", time.Hour); err != nil {
			t.Fatal(err)
		}
		left, err := client.Do(t.Context(), "pttl", server.Prefix()+"k").Int64()
		return err == nil && left == time.Hour.Milliseconds()+1
	})
}

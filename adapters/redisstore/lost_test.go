package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// The writes, each with the command that carries it, and a command that the
// server executes so many times when the write is executed once.
var lostWrites = []struct {
	name    string
	carrier string
	counted string
	times   int
	call    func(ctx context.Context, s *redisstore.Store) error
}{
	{"Set", "set", "set", 1, func(ctx context.Context, s *redisstore.Store) error {
		return s.Set(ctx, "a", []byte("2"), time.Hour)
	}},
	{"SetMany", "set", "set", 3, func(ctx context.Context, s *redisstore.Store) error {
		return s.SetMany(ctx, map[string][]byte{"a": nil, "b": nil, "c": nil}, 0)
	}},
	{"Delete", "unlink", "unlink", 1, func(ctx context.Context, s *redisstore.Store) error {
		return s.Delete(ctx, "a")
	}},
	{"DeleteMany", "unlink", "unlink", 2, func(ctx context.Context, s *redisstore.Store) error {
		return s.DeleteMany(ctx, []string{"a", "b"})
	}},
	{"DeletePrefix", "unlink", "unlink", 1, func(ctx context.Context, s *redisstore.Store) error {
		return s.DeletePrefix(ctx, "a")
	}},
	{"CompareAndSwap", "evalsha", "set", 1, func(ctx context.Context, s *redisstore.Store) error {
		return swapFrom1(ctx, s)
	}},
	{"CompareAndSwap/NOSCRIPT", "eval", "set", 1, func(ctx context.Context, s *redisstore.Store) error {
		return swapFrom1(ctx, s)
	}},
	{"Take", "getdel", "getdel", 1, func(ctx context.Context, s *redisstore.Store) error {
		_, err := s.Take(ctx, "a")
		return err
	}},
	{"Touch", "pexpire", "pexpire", 1, func(ctx context.Context, s *redisstore.Store) error {
		return s.Touch(ctx, "a", time.Hour)
	}},
	{"Touch/NoExpiry", "evalsha", "persist", 1, func(ctx context.Context, s *redisstore.Store) error {
		return s.Touch(ctx, "a", storage.NoExpiry)
	}},
}

// How a reply gets lost.
var ends = map[string]redistest.Fault{
	"eof":        redistest.EOF,
	"reset":      redistest.Reset,
	"silence":    redistest.Silence,
	"half-close": redistest.HalfClose,
}

// version1 is the version of the value "1".
const version1 = storage.Version("356a192b7913b04c54574d18c28d46e6395428ab")

func swapFrom1(ctx context.Context, s *redisstore.Store) error {
	_, err := s.CompareAndSwap(ctx, "a", version1, []byte("2"), time.Hour)
	return err
}

// A write whose reply is lost is executed once, and its outcome is unknown to
// the caller, although the client would send it again.
func TestLostReply(t *testing.T) {
	t.Parallel() // it waits most of the time
	server := redistest.Start(t)
	proxy := redistest.NewProxy(t, server.Addr())
	store := borrow(t, &redis.Options{Dialer: proxy.Dial, ReadTimeout: time.Second, MaxRetries: 3})
	contexts := map[string]context.Context{"inline": context.Background(), "cancellable": t.Context()}
	for how, ctx := range contexts {
		t.Run(how, func(t *testing.T) { loseReplies(t, ctx, store, proxy, server) })
	}
}

// loseReplies has each of lostWrites lose its reply on the way from the first of
// the masters, which has the key a.
func loseReplies(t *testing.T, ctx context.Context, store *redisstore.Store, way *redistest.Proxy, masters ...*redistest.Server) {
	var clients []*redis.Client
	for _, m := range masters {
		clients = append(clients, connect(t, &redis.Options{Addr: m.Addr()}))
	}
	count := func(command string) (n int) {
		for _, client := range clients {
			n += executed(t, client, command)
		}
		return n
	}
	for end, fault := range ends {
		for _, w := range lostWrites {
			t.Run(w.name+"/"+end, func(t *testing.T) {
				for _, key := range []string{"a", "b"} {
					if err := store.Set(ctx, key, []byte("1"), 0); err != nil {
						t.Fatal(err)
					}
				}
				warmUp(t, store, clients[0], w.carrier == "eval")
				before := count(w.counted)
				way.Strike(w.carrier, fault)
				err := w.call(ctx, store)
				if !way.Struck() {
					t.Fatalf("the proxy saw no %q", w.carrier)
				}
				if !errors.Is(err, storage.ErrUnknownOutcome) || !errors.Is(err, storage.ErrUnavailable) {
					t.Errorf("got %v, want ErrUnknownOutcome and ErrUnavailable", err)
				}
				if err != nil && strings.Contains(err.Error(), "sent again") {
					t.Errorf("got %v, want what broke: the client has tried to send it again", err)
				}
				if n := count(w.counted) - before; n != w.times {
					t.Errorf("%s was executed %d times, want %d", w.counted, n, w.times)
				}
			})
		}
	}
}

// A read whose reply is lost is sent again if the client is set up so, and an
// error that leaves nothing in doubt otherwise.
func TestLostReplyOfRead(t *testing.T) {
	server := redistest.Start(t)
	through := redistest.NewProxy(t, server.Addr())
	for retries, want := range map[int]error{3: nil, -1: storage.ErrUnavailable} {
		store := borrow(t, &redis.Options{Addr: through.Addr(), MaxRetries: retries})
		if err := store.Set(t.Context(), "a", []byte("1"), 0); err != nil {
			t.Fatal(err)
		}
		through.Strike("get", ends["reset"])
		_, err := store.Get(t.Context(), "a")
		if !errors.Is(err, want) || errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("MaxRetries %d: got %v, want %v", retries, err, want)
		}
	}
}

// warmUp loads the scripts, or takes care that they are not there, and fills
// the pools, so that the next call sends its command at once. ({a} is where a is.)
func warmUp(t *testing.T, store *redisstore.Store, admin *redis.Client, flushed bool) {
	t.Helper()
	if _, err := store.CompareAndSwap(t.Context(), "a", version1, []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if err := store.Touch(t.Context(), "a", storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	if err := store.DeleteMany(t.Context(), []string{"c", "{a}"}); err != nil {
		t.Fatal(err)
	}
	if !flushed {
		return
	}
	if err := admin.ScriptFlush(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
}

// executed returns how many times the server has executed command, also in
// scripts.
func executed(tb testing.TB, admin *redis.Client, command string) int {
	tb.Helper()
	stats, err := admin.Info(tb.Context(), "commandstats").Result()
	if err != nil {
		tb.Fatal(err)
	}
	_, after, ok := strings.Cut(stats, "cmdstat_"+command+":calls=")
	if !ok {
		return 0
	}
	var n int
	if _, err := fmt.Sscanf(after, "%d", &n); err != nil {
		tb.Fatal(err)
	}
	return n
}

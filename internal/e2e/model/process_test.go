package model

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// envProcess makes this test binary one of the processes of a team: it holds
// the task as JSON.
const envProcess = "TUNICA_MODEL_PROCESS"

// task is what a process of a team does.
type task struct {
	Addr    string
	Stack   string // of teamStacks
	Updates int    // by each of the workers
	Workers int
	Tokens  int
	Claims  int
}

// result is what came of it.
type result struct {
	Updates  int   // that succeeded
	Swaps    int   // that succeeded, of a counter of their own
	Taken    []int // tokens, by number
	Claimed  []int // keys that it created, by number
	Conflict int   // swaps that another process had forestalled
	Error    string
}

// teamStacks reach the same keys, each in its way.
var teamStacks = map[string]func(*parts, *redis.Client) store{
	"redisstore": func(_ *parts, client *redis.Client) store {
		return redisstore.New(client, redisstore.Prefix("team:"))
	},
	"Namespace(Cache(redisstore))": func(p *parts, client *redis.Client) store {
		return namespace.New(cached[[]byte](p, redisstore.New(client), cache.Options{}), "team")
	},
	"Namespace(Cache with NegativeTTL(redisstore))": func(p *parts, client *redis.Client) store {
		return namespace.New(cached[[]byte](p, redisstore.New(client), cache.Options{NegativeTTL: time.Minute}), "team")
	},
	takeInSteps: func(_ *parts, client *redis.Client) store {
		return takesInTwoSteps{whole{redisstore.New(client, redisstore.Prefix("team:"))}}
	},
	swapInSteps: func(_ *parts, client *redis.Client) store {
		return swapsInTwoSteps{whole{redisstore.New(client, redisstore.Prefix("team:"))}}
	},
}

// TestProcess is not a test: it is a process of a team. It says that it is
// ready, waits for a line, and prints its result.
func TestProcess(t *testing.T) {
	text := os.Getenv(envProcess)
	if text == "" {
		t.Skip("runs in the processes of a team only")
	}
	var todo task
	if err := json.Unmarshal([]byte(text), &todo); err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(&redis.Options{Addr: todo.Addr, ReadTimeout: time.Minute})
	defer client.Close()
	parts := new(parts)
	s := teamStacks[todo.Stack](parts, client)
	defer parts.close()
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	var done result
	if err := todo.do(t.Context(), s, &done); err != nil {
		done.Error = err.Error()
	}
	out, err := json.Marshal(done)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("result %s\n", out)
	_, _ = io.Copy(io.Discard, os.Stdin) // until it is let go
}

func tokenKey(i int) string { return fmt.Sprint("token ", i) }
func claimKey(i int) string { return fmt.Sprint("claim ", i) }

// do does the task with many workers.
func (todo task) do(ctx context.Context, s store, done *result) error {
	var mu sync.Mutex
	var failed error
	var wg sync.WaitGroup
	for range todo.Workers {
		wg.Go(func() {
			one, err := todo.work(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			done.Updates += one.Updates
			done.Swaps += one.Swaps
			done.Conflict += one.Conflict
			done.Taken = append(done.Taken, one.Taken...)
			done.Claimed = append(done.Claimed, one.Claimed...)
		})
	}
	wg.Wait()
	return failed
}

// work mixes everything: what one process reads, the other has just written.
func (todo task) work(ctx context.Context, s store) (done result, err error) {
	for i := range max(todo.Updates, todo.Tokens, todo.Claims) {
		if i < todo.Tokens {
			if err := done.take(ctx, s, i); err != nil {
				return done, err
			}
		}
		if i < todo.Claims {
			if err := done.claim(ctx, s, i); err != nil {
				return done, err
			}
		}
		if i < todo.Updates {
			if err := done.count(ctx, s); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// take takes a token, after a look that leaves it in the caches.
func (done *result) take(ctx context.Context, s store, i int) error {
	if _, err := s.Get(ctx, tokenKey(i)); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	switch _, err := storage.Take(ctx, s, tokenKey(i)); {
	case err == nil:
		done.Taken = append(done.Taken, i)
	case !errors.Is(err, storage.ErrNotFound):
		return err
	}
	return nil
}

// claim creates a key, after a look that leaves its absence in the caches.
func (done *result) claim(ctx context.Context, s store, i int) error {
	if _, err := s.Get(ctx, claimKey(i)); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	switch _, err := storage.CompareAndSwap(ctx, s, claimKey(i), "", []byte("mine"), storage.NoExpiry); {
	case err == nil:
		done.Claimed = append(done.Claimed, i)
	case !errors.Is(err, storage.ErrConflict):
		return err
	}
	return nil
}

// count adds one to a counter by Update, and to another by a swap, which is
// tried once.
func (done *result) count(ctx context.Context, s store) error {
	if _, err := s.Get(ctx, "updated"); err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	_, err := storage.Update(ctx, s, "updated", func(e storage.Entry[[]byte]) ([]byte, time.Duration, error) {
		value, err := plusOne(e.Value)
		return value, e.TTL(), err
	})
	if err != nil {
		return err
	}
	done.Updates++
	e, err := storage.GetEntry(ctx, s, "swapped")
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	value, err := plusOne(e.Value)
	if err != nil {
		return err
	}
	switch _, err := storage.CompareAndSwap(ctx, s, "swapped", e.Version, value, storage.NoExpiry); {
	case err == nil:
		done.Swaps++
	case errors.Is(err, storage.ErrConflict):
		done.Conflict++
	default:
		return err
	}
	return nil
}

func plusOne(value []byte) ([]byte, error) {
	if len(value) == 0 {
		value = []byte("0")
	}
	n, err := strconv.Atoi(string(value))
	return strconv.AppendInt(nil, int64(n+1), 10), err
}

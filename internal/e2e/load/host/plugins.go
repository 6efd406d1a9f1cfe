package main

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// ttl is how long everything lives that the plugins store.
const ttl = time.Second

// An operation is what a plugin does for a request.
type operation func(ctx context.Context, key string) error

type session struct {
	User   string
	Rights []string
}

// plugins returns the operations of all plugins by name. Each plugin has its
// namespace, and nothing else of the stack.
func plugins(s *stack) map[string]operation {
	all := make(map[string]operation)
	sessions(all, namespace.New(s.traced, "sessions"))
	pages(all, namespace.New[[]byte](s.cache, "pages")) // under the fence of GetOrLoad
	counts(all, namespace.New(s.traced, "counts"))
	tokens(all, namespace.New(s.traced, "tokens"))
	quotas(all, namespace.New(s.shared, "quotas"))
	tenants(all, s.traced)
	return all
}

func sessions(all map[string]operation, store storage.ByteStore) {
	s := codec.New(store, codec.JSON[*session](), codec.Memo())
	all["sessions-get"] = func(ctx context.Context, key string) error { return second(s.Get(ctx, key)) }
	all["sessions-set"] = func(ctx context.Context, key string) error {
		return s.Set(ctx, key, &session{key, []string{"read", "write"}}, ttl)
	}
	all["sessions-touch"] = func(ctx context.Context, key string) error { return storage.Touch(ctx, s, key, ttl) }
	all["sessions-delete"] = s.Delete
	all["sessions-many"] = func(ctx context.Context, key string) error {
		return second(storage.GetMany(ctx, s, several(key)))
	}
}

func pages(all map[string]operation, s storage.ByteStore) {
	page := func(key string) []byte { return bytes.Repeat([]byte(key), 100) }
	all["pages-load"] = func(ctx context.Context, key string) error {
		return second(cache.GetOrLoad(ctx, s, key, ttl, func(context.Context) ([]byte, error) { return page(key), nil }))
	}
	// slow is for those who leave before the end, and those who share it with them.
	all["pages-slow"] = func(ctx context.Context, key string) error {
		return second(cache.GetOrLoad(ctx, s, "slow"+key[:1], ttl/10, func(ctx context.Context) ([]byte, error) {
			select {
			case <-time.After(3 * time.Millisecond):
				return page(key), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}))
	}
	all["pages-many"] = func(ctx context.Context, key string) error {
		return second(storage.GetMany(ctx, s, several(key)))
	}
	all["pages-store"] = func(ctx context.Context, key string) error {
		values := make(map[string][]byte)
		for _, k := range several(key) {
			values[k] = page(k)
		}
		return storage.SetMany(ctx, s, values, ttl)
	}
	all["pages-delete"] = s.Delete
	// endless is for a caller who cannot leave, and so reads itself.
	all["pages-endless"] = func(ctx context.Context, key string) error {
		return second(s.Get(context.WithoutCancel(ctx), key))
	}
}

func counts(all map[string]operation, store storage.ByteStore) {
	s := codec.New(store, codec.JSON[int]())
	all["counts-add"] = func(ctx context.Context, key string) error {
		return second(storage.Update(ctx, s, key, func(e storage.Entry[int]) (int, time.Duration, error) {
			return e.Value + 1, ttl, nil
		}))
	}
	all["counts-create"] = func(ctx context.Context, key string) error {
		return second(storage.CompareAndSwap(ctx, s, key, "", 1, ttl))
	}
	all["counts-get"] = func(ctx context.Context, key string) error { return second(s.Get(ctx, key)) }
}

func tokens(all map[string]operation, s storage.ByteStore) {
	all["tokens-issue"] = func(ctx context.Context, key string) error { return s.Set(ctx, key, []byte(key), ttl) }
	all["tokens-take"] = func(ctx context.Context, key string) error { return second(storage.Take(ctx, s, key)) }
	all["tokens-keys"] = func(ctx context.Context, key string) error {
		n := 0
		for _, err := range storage.Keys(ctx, s, key[:1]) {
			if n++; err != nil || n > 100 {
				return err
			}
		}
		return nil
	}
	all["tokens-clear"] = func(ctx context.Context, key string) error { return storage.DeletePrefix(ctx, s, key[:1]) }
}

func quotas(all map[string]operation, s storage.ByteStore) {
	all["quotas-get"] = func(ctx context.Context, key string) error { return second(s.Get(ctx, key)) }
	all["quotas-set"] = func(ctx context.Context, key string) error { return s.Set(ctx, key, []byte(key), ttl) }
}

// tenants makes a view for each request.
func tenants(all map[string]operation, s storage.ByteStore) {
	all["tenants-get"] = func(ctx context.Context, key string) error {
		return second(namespace.Dynamic(s, "tenants", key).Get(ctx, "plan"))
	}
	all["tenants-set"] = func(ctx context.Context, key string) error {
		return namespace.Dynamic(s, "tenants", key).Set(ctx, "plan", []byte(key), ttl)
	}
}

// several returns key and others.
func several(key string) []string {
	keys := make([]string, 10)
	for i := range keys {
		keys[i] = key[:len(key)-1] + strconv.Itoa(i)
	}
	return keys
}

func second[T any](_ T, err error) error { return err }

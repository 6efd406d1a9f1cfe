package model

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// Caches as they are written in an afternoon.
var cacheSpecimens = []specimen{
	{"a cache that views share by their own keys", false, caching, afternoon(naive{relative: true})},
	{"a cache that each view has for itself", false, caching, afternoon(naive{private: true})},
	{"a cache that forgets to forget at Delete", false, caching, afternoon(naive{keepsAt: storage.OpDelete})},
	{"a cache that forgets to forget at DeleteMany", false, caching, afternoon(naive{keepsAt: storage.OpDeleteMany})},
	{"a cache that forgets to forget at SetMany", false, caching, afternoon(naive{keepsAt: storage.OpSetMany})},
	{"a cache that forgets to forget at CompareAndSwap", false, caching, afternoon(naive{keepsAt: storage.OpCompareAndSwap})},
	{"a cache that forgets to forget at Take", false, caching, afternoon(naive{keepsAt: storage.OpTake})},
	{"a cache that forgets to forget at DeletePrefix", false, caching, afternoon(naive{keepsAt: storage.OpDeletePrefix})},
	{"a cache that forgets to forget an absence at Set", false, caching, afternoon(naive{negative: true})},
	{"a cache that forgets to forget at Touch", true, caching, afternoon(naive{keepsAt: storage.OpTouch})},
	{"a cache that outlives the ttl", true, caching, afternoon(naive{forever: true})},
	{"a cache that counts the ttl from the read", true, caching, afternoon(naive{restarts: true})},
}

var caching = traits{shares: true}

// naive caches what Get returns. Without any of the defects it is good.
type naive struct {
	whole
	relative bool       // it holds values by the keys of its views
	private  bool       // each view holds values of its own
	negative bool       // it holds absences, which a Set leaves
	forever  bool       // it holds values that have expired
	restarts bool       // it holds a value for a second at least
	keepsAt  storage.Op // at which it forgets nothing

	prefix string
	held   map[string]holding
}

type holding struct {
	value  []byte
	absent bool
	until  time.Time
}

// afternoon returns what makes a cache like c.
func afternoon(c naive) func(store) store {
	return func(s store) store {
		made := c
		made.whole, made.held = whole{s}, make(map[string]holding)
		return made
	}
}

func (c naive) In(scope storage.Scope) store {
	c.next = storage.In(c.next, scope)
	c.prefix += scope.Prefix
	if c.private {
		c.held = make(map[string]holding)
	}
	return c
}

func (c naive) name(key string) string {
	if c.relative {
		return key
	}
	return c.prefix + key
}

func (c naive) forget(op storage.Op, keys ...string) {
	for _, key := range keys {
		if op != c.keepsAt && !(c.negative && c.held[c.name(key)].absent) {
			delete(c.held, c.name(key))
		}
	}
}

func (c naive) Get(ctx context.Context, key string) ([]byte, error) {
	if key == "" {
		return nil, storage.ErrInvalidKey
	}
	if h, ok := c.held[c.name(key)]; ok && (h.until.IsZero() || time.Now().Before(h.until)) {
		if h.absent {
			return nil, storage.ErrNotFound
		}
		return h.value, nil
	}
	e, err := storage.GetEntry(ctx, c.next, key)
	switch {
	case err == nil:
		h := holding{value: e.Value}
		if !c.forever {
			h.until = e.Expires
		}
		if c.restarts && !e.Expires.IsZero() {
			h.until = time.Now().Add(max(time.Until(e.Expires), time.Second))
		}
		c.held[c.name(key)] = h
	case c.negative && errors.Is(err, storage.ErrNotFound):
		c.held[c.name(key)] = holding{absent: true}
	}
	return e.Value, err
}

func (c naive) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	defer c.forget(storage.OpSet, key)
	return c.next.Set(ctx, key, value, ttl)
}

func (c naive) Delete(ctx context.Context, key string) error {
	defer c.forget(storage.OpDelete, key)
	return c.next.Delete(ctx, key)
}

func (c naive) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	defer c.forget(storage.OpSetMany, sorted(values)...)
	return storage.SetMany(ctx, c.next, values, ttl)
}

func (c naive) DeleteMany(ctx context.Context, keys []string) error {
	defer c.forget(storage.OpDeleteMany, keys...)
	return storage.DeleteMany(ctx, c.next, keys)
}

func (c naive) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	defer c.forget(storage.OpCompareAndSwap, key)
	return storage.CompareAndSwap(ctx, c.next, key, old, value, ttl)
}

func (c naive) Take(ctx context.Context, key string) ([]byte, error) {
	defer c.forget(storage.OpTake, key)
	return storage.Take(ctx, c.next, key)
}

func (c naive) Touch(ctx context.Context, key string, ttl time.Duration) error {
	defer c.forget(storage.OpTouch, key)
	return storage.Touch(ctx, c.next, key, ttl)
}

func (c naive) DeletePrefix(ctx context.Context, prefix string) error {
	if c.keepsAt != storage.OpDeletePrefix {
		clear(c.held)
	}
	return storage.DeletePrefix(ctx, c.next, prefix)
}

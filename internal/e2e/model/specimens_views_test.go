package model

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

var viewSpecimens = []specimen{
	{"views do not nest", false, plainly, func(s store) store { return flat{whole{s}, s} }},
	{"a view loses its separator", false, plainly, func(s store) store { return rooted{whole{s}} }},
	{"Keys of a view are those of the base", false, plainly, func(s store) store { return absolute{whole{s}, ""} }},
	{"an empty key passes in a view", false, plainly, func(s store) store { return loose{whole{s}, ""} }},
	{"DeletePrefix takes the prefix along", false, plainly, func(s store) store { return foreign[[]byte]{s} }},
	{"what is embedded bypasses the view", false, traits{prefix: "ns:"}, func(s store) store {
		return bypassing{s.(*memstore.Store[[]byte]), "ns:"}
	}},
	{"a namespace reaches its siblings", false, traits{prefix: "ns:"}, func(s store) store {
		return greedy{whole{storage.In(s, storage.Scope{Prefix: "ns:"})}, s}
	}},
}

// flat forgets the prefix of the view in which a view is made.
type flat struct {
	whole
	base store
}

func (s flat) In(scope storage.Scope) store {
	return flat{whole{storage.In(s.base, scope)}, s.base}
}

type rooted struct{ whole }

func (s rooted) In(scope storage.Scope) store {
	scope.Prefix = strings.TrimSuffix(scope.Prefix, ":")
	return rooted{whole{storage.In(s.next, scope)}}
}

type absolute struct {
	whole
	prefix string
}

func (s absolute) In(scope storage.Scope) store {
	return absolute{whole{storage.In(s.next, scope)}, s.prefix + scope.Prefix}
}

func (s absolute) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range storage.Keys(ctx, s.next, prefix) {
			if !yield(s.prefix+key, err) {
				return
			}
		}
	}
}

// loose puts the prefix before any key, and so before none.
type loose struct {
	whole
	prefix string
}

func (s loose) In(scope storage.Scope) store { return loose{s.whole, s.prefix + scope.Prefix} }

func (s loose) Get(ctx context.Context, key string) ([]byte, error) {
	return s.next.Get(ctx, s.prefix+key)
}

func (s loose) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, s.prefix+key, value, ttl)
}

func (s loose) Delete(ctx context.Context, key string) error {
	return s.next.Delete(ctx, s.prefix+key)
}

// bypassing embeds a store and overrides three methods of it.
type bypassing struct {
	*memstore.Store[[]byte]
	prefix string
}

func (s bypassing) Get(ctx context.Context, key string) ([]byte, error) {
	return s.Store.Get(ctx, s.prefix+key)
}

func (s bypassing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.Store.Set(ctx, s.prefix+key, value, ttl)
}

func (s bypassing) Delete(ctx context.Context, key string) error {
	return s.Store.Delete(ctx, s.prefix+key)
}

// greedy empties itself by the name without the separator.
type greedy struct {
	whole
	base store
}

func (s greedy) In(scope storage.Scope) store {
	if scope.Prefix == "" {
		return s
	}
	return storage.In(s.next, scope)
}

func (s greedy) DeletePrefix(ctx context.Context, prefix string) error {
	if prefix == "" {
		return storage.DeletePrefix(ctx, s.base, "ns")
	}
	return storage.DeletePrefix(ctx, s.next, prefix)
}

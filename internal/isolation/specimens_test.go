package isolation

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

// sound is a view without a leak, for the specimens to embed.
type sound struct{ next storage.ByteStore }

func (s sound) Get(ctx context.Context, key string) ([]byte, error) { return s.next.Get(ctx, key) }

func (s sound) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, key, value, ttl)
}

func (s sound) Delete(ctx context.Context, key string) error { return s.next.Delete(ctx, key) }

func (s sound) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return storage.Keys(ctx, s.next, prefix)
}

type (
	withField struct{ Next storage.ByteStore }
	fielded   struct {
		sound
		withFieldInside
	}
	withFieldIn struct{ Deep map[string][]any }
	deep        struct {
		sound
		Settings *withFieldIn
	}
	withClient struct {
		sound
		Conn *redis.Client
	}
	unwraps struct {
		sound
		base storage.ByteStore
	}
	says  struct{ sound }
	gives struct {
		sound
		Open func() (storage.ByteStore, error)
	}
	promises struct {
		sound
		Open func(string) storage.ByteStore
	}
	sends struct {
		sound
		Stores chan storage.ByteStore
	}
	holds struct {
		sound
		Current *atomic.Value
	}
	purges struct{ sound }
	widens struct {
		sound
		base storage.ByteStore
	}
	wide struct {
		sound
		Base storage.ByteStore
	}
	array struct {
		sound
		Last [1]any
	}
	ofAnother struct {
		sound
		Ints *memstore.Store[int]
	}
	keyed struct {
		sound
		Users map[storage.ByteStore]bool
	}
	byValue struct {
		sound
		Inner sound
	}
	lazily struct {
		sound
		Get1 func() func() any
	}
	onceAndMutex struct {
		sound
		Mu *sync.Mutex
	}
)

type withFieldInside = withField

func (s unwraps) Unwrap() storage.ByteStore { return s.base }

func (says) Promise(context.Context) storage.ByteStore { return nil }

func (purges) Purge() {}

func (s widens) In(storage.Scope) storage.ByteStore { return &wide{sound{s.base}, s.base} }

// The walk finds every way that a specimen has, and none in what is sound.
func TestWalkFinds(t *testing.T) {
	base := memstore.New[[]byte]()
	view := sound{namespace.New(base, "mine")}
	box := new(atomic.Value)
	box.Store(storage.ByteStore(base))
	for _, test := range []struct {
		view storage.ByteStore
		want string // a part of what is found; "" if nothing is
	}{
		{&view, ""},
		{&onceAndMutex{view, new(sync.Mutex)}, ""},
		{&fielded{view, withField{base}}, ".Next is a store"},
		{&deep{view, &withFieldIn{map[string][]any{"a": {1, base}}}}, ".Settings.Deep[…][1] is a store"},
		{&withClient{view, redis.NewClient(&redis.Options{})}, ".Conn is a client"},
		{&unwraps{view, base}, "has a method Unwrap"},
		{&unwraps{view, base}, ".Unwrap() 0 is a store"},
		{&says{view}, ".Promise(…) is a storage.Store"},
		{&gives{view, func() (storage.ByteStore, error) { return base, nil }}, ".Open() 0 is a store"},
		{&promises{view, func(string) storage.ByteStore { return base }}, ".Open(…) is a storage.Store"},
		{&sends{view, make(chan storage.ByteStore)}, ".Stores element is a storage.Store"},
		{&holds{view, box}, ".Current.Load() 0 is a store"},
		{&purges{view}, "has a method Purge"},
		{&widens{view, base}, `.In("")`},
		{&array{view, [1]any{base}}, ".Last[0] is a store"},
		{&ofAnother{view, memstore.New[int]()}, ".Ints is a store"},
		{&keyed{view, map[storage.ByteStore]bool{base: true}}, ".Users key is a store"},
		{&byValue{view, sound{base}}, ".Inner is a store"},
		{&lazily{view, func() func() any { return func() any { return base } }}, ".Get1() 0() 0 is a store"},
	} {
		found := leaks(test.view)
		if test.want == "" && len(found) != 0 || test.want != "" && !strings.Contains(strings.ReplaceAll(strings.Join(found, "\n"), "*", ""), test.want) {
			t.Errorf("in a %T found %q, want %q", test.view, found, test.want)
		}
	}
	if found := leaksOf("an error", fmt.Errorf("wrapped: %w", telltale{base})); len(found) != 1 || !strings.Contains(found[0], ".Unwrap() 0.Store is a store") {
		t.Errorf("in an error found %q", found)
	}
}

// telltale is an error that has the store with it.
type telltale struct{ Store storage.ByteStore }

func (telltale) Error() string { return "telltale" }

// ways are views under "mine:" that leak to who tries hard.
var ways = map[string]func(base storage.ByteStore) storage.ByteStore{
	"In makes a view of the base": func(base storage.ByteStore) storage.ByteStore {
		return &inBase{sound{namespace.New(base, "mine")}, base}
	},
	"an operation without the prefix": func(base storage.ByteStore) storage.ByteStore {
		return &touchesBase{sound{namespace.New(base, "mine")}, base}
	},
	"a batch without the prefix": func(base storage.ByteStore) storage.ByteStore {
		return &batchBase{sound{namespace.New(base, "mine")}, base}
	},
	"Has without the prefix": func(base storage.ByteStore) storage.ByteStore {
		return &hasBase{sound{namespace.New(base, "mine")}, base}
	},
	"an empty prefix deletes it all": func(base storage.ByteStore) storage.ByteStore {
		return &emptiesBase{sound{namespace.New(base, "mine")}, base}
	},
	"a path is cleaned": func(base storage.ByteStore) storage.ByteStore {
		return &cleans{sound{namespace.New(base, "mine")}, base}
	},
	"a write beside the view": func(base storage.ByteStore) storage.ByteStore {
		return &writesBase{sound{namespace.New(base, "mine")}, base}
	},
	"an error that has the store in it": func(base storage.ByteStore) storage.ByteStore {
		return &tells{sound{namespace.New(base, "mine")}, base}
	},
}

type (
	inBase struct {
		sound
		base storage.ByteStore
	}
	touchesBase struct {
		sound
		base storage.ByteStore
	}
	batchBase struct {
		sound
		base storage.ByteStore
	}
	hasBase struct {
		sound
		base storage.ByteStore
	}
	emptiesBase struct {
		sound
		base storage.ByteStore
	}
	cleans struct {
		sound
		base storage.ByteStore
	}
	writesBase struct {
		sound
		base storage.ByteStore
	}
	tells struct {
		sound
		base storage.ByteStore
	}
)

func (s *inBase) In(scope storage.Scope) storage.ByteStore { return storage.In(s.base, scope) }

func (s *touchesBase) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return storage.Touch(ctx, s.base, key, ttl)
}

func (s *batchBase) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	return storage.GetMany(ctx, s.base, keys)
}

func (s *hasBase) Has(ctx context.Context, key string) (bool, error) {
	return storage.Has(ctx, s.base, key)
}

func (s *emptiesBase) DeletePrefix(ctx context.Context, _ string) error {
	for key, err := range storage.Keys(ctx, s.base, "") {
		if err == nil {
			_ = s.base.Delete(ctx, key)
		}
	}
	return nil
}

func (s *cleans) Get(ctx context.Context, key string) ([]byte, error) {
	if outer, ok := strings.CutPrefix(key, "../"); ok {
		return s.base.Get(ctx, outer)
	}
	return s.sound.Get(ctx, key)
}

func (s *writesBase) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	for key := range values {
		_ = s.base.Set(ctx, "beside "+key, nil, ttl)
	}
	return nil
}

func (s *tells) Touch(context.Context, string, time.Duration) error { return telltale{s.base} }

func TestCanariesFind(t *testing.T) {
	for name, way := range ways {
		raw := memstore.New[[]byte]()
		if found := escapes(t.Context(), t, raw, way(raw), scopes); len(found) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	raw := memstore.New[[]byte]()
	if found := escapes(t.Context(), t, raw, &sound{namespace.New(raw, "mine")}, scopes); len(found) != 0 {
		t.Errorf("in what is sound found %q", slices.Compact(found))
	}
}

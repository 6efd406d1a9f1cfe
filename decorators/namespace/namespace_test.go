package namespace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/storage"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"sessions":          true,
		"a":                 true,
		"A-b_c.d/e":         true,
		"with space":        true,
		"%3A":               true,
		"%":                 true,
		"*?[]\\^":           true,
		"{tag}":             true,
		"naïve 名前":          true,
		"\x00":              true,
		"":                  false,
		":":                 false,
		"a:":                false,
		":a":                false,
		"a:b":               false,
		"\xff":              false,
		"a\xc3":             false,
		"\xed\xa0\x80":      false, // half of a surrogate pair
		"fullwidth：is fine": true,
	} {
		if got := namespace.ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
		s := memstore.New[string]()
		for what, build := range map[string]func(){
			"New":     func() { namespace.New(s, name) },
			"Dynamic": func() { namespace.Dynamic(s, name, "id") },
		} {
			text := panicOf(build)
			if (text == "") != want {
				t.Errorf("%s with the name %q: panic %q, want one: %v", what, name, text, !want)
			}
			if text != "" && (!strings.HasPrefix(text, "namespace: ") || !strings.Contains(text, fmt.Sprintf("%q", name))) {
				t.Errorf("%s with the name %q: the panic %q does not say what is wrong", what, name, text)
			}
		}
	}
}

func panicOf(fn func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	fn()
	return ""
}

func TestNilStorePanics(t *testing.T) {
	for name, build := range map[string]func(){
		"New":     func() { namespace.New[string](nil, "name") },
		"Dynamic": func() { namespace.Dynamic[string](nil, "group", "id") },
	} {
		if text := panicOf(build); !strings.HasPrefix(text, "namespace: ") || !strings.Contains(text, "nil store") {
			t.Errorf("%s of a nil store: panic %q", name, text)
		}
	}
}

// scopes notes the scope of each call.
type scopes struct{ seen []storage.Scope }

func (s *scopes) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	s.seen = append(s.seen, call.Scope)
	return next(ctx)
}

func TestScopeReachesTheLayersBelow(t *testing.T) {
	for _, test := range []struct {
		name  string
		build func(storage.ByteStore) storage.ByteStore
		want  storage.Scope
	}{
		{"New", func(s storage.ByteStore) storage.ByteStore {
			return namespace.New(s, "sessions")
		}, storage.Scope{Prefix: "sessions:", Name: "sessions"}},
		{"Dynamic", func(s storage.ByteStore) storage.ByteStore {
			return namespace.Dynamic(s, "tenants", "a:b%")
		}, storage.Scope{Prefix: "tenants:a%3Ab%25:", Name: "tenants"}},
		{"Dynamic with an empty id", func(s storage.ByteStore) storage.ByteStore {
			return namespace.Dynamic(s, "tenants", "")
		}, storage.Scope{Prefix: "tenants::", Name: "tenants"}},
		{"nested", func(s storage.ByteStore) storage.ByteStore {
			return namespace.New(namespace.Dynamic(namespace.New(s, "app"), "tenants", "42"), "sessions")
		}, storage.Scope{Prefix: "app:tenants:42:sessions:", Name: "app:tenants:sessions"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var seen scopes
			raw := memstore.New[[]byte]()
			s := test.build(storage.Intercept(raw, &seen))
			must(t, s.Set(ctx, "key", []byte("value"), storage.NoExpiry))
			if !slices.Equal(seen.seen, []storage.Scope{test.want}) {
				t.Errorf("the interceptor below saw %q, want %q", seen.seen, test.want)
			}
			if value, err := raw.Get(ctx, test.want.Prefix+"key"); string(value) != "value" || err != nil {
				t.Errorf("at the base, under the prefix: %q, %v", value, err)
			}
			if !storage.Supports(s, storage.OpCompareAndSwap) {
				t.Error("a namespace lost a power of the store below")
			}
		})
	}
}

func TestSiblingsAndParents(t *testing.T) {
	base := memstore.New[string]()
	app := namespace.New(base, "app")
	one, two := namespace.New(app, "one"), namespace.New(app, "two")
	for where, s := range map[string]storage.Store[string]{"base": base, "app": app, "one": one, "two": two} {
		must(t, s.Set(ctx, "key", "in "+where, storage.NoExpiry))
	}
	for _, test := range []struct {
		s         storage.Store[string]
		key, want string // "" for none
	}{
		{base, "key", "in base"},
		{app, "key", "in app"},
		{one, "key", "in one"},
		{two, "key", "in two"},
		{app, "one:key", "in one"},
		{base, "app:two:key", "in two"},
		{one, "two:key", ""},
		{one, "app:two:key", ""},
		{one, "../two/key", ""},
		{app, "app:key", ""},
	} {
		value, err := test.s.Get(ctx, test.key)
		if value != test.want || errors.Is(err, storage.ErrNotFound) != (test.want == "") {
			t.Errorf("Get(%q) = %q, %v, want %q", test.key, value, err, test.want)
		}
	}
	must(t, storage.DeletePrefix(ctx, one, ""))
	if _, err := one.Get(ctx, "key"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("after DeletePrefix in the namespace: %v", err)
	}
	if value, err := two.Get(ctx, "key"); value != "in two" {
		t.Errorf("after DeletePrefix in its sibling: %q, %v", value, err)
	}
}

func TestDynamicIsInjective(t *testing.T) {
	ids := []string{"", ":", "%3A", "%253A", "%", "%25", "3A", "a", "a:", ":a", "a:b", "a%3Ab", "a%3ab", "\x00", "\xff", "\xff:", "名"}
	s := memstore.New[string]()
	for _, id := range ids {
		must(t, namespace.Dynamic(s, "group", id).Set(ctx, "key", id, storage.NoExpiry))
	}
	for _, id := range ids {
		if value, err := namespace.Dynamic(s, "group", id).Get(ctx, "key"); value != id || err != nil {
			t.Errorf("under the id %q there is %q, %v", id, value, err)
		}
	}
	group := namespace.New(s, "group")
	n := 0
	for key, err := range storage.Keys(ctx, group, "") {
		must(t, err)
		if strings.Count(key, ":") != 1 || !strings.HasSuffix(key, ":key") {
			t.Errorf("the group has the key %q, want an escaped id, a colon and the key", key)
		}
		n++
	}
	if n != len(ids) {
		t.Errorf("the group has %d keys, want %d", n, len(ids))
	}
	if text := panicOf(func() { namespace.Dynamic(s, "group", "a:b") }); text != "" {
		t.Errorf("Dynamic of an id with a colon panics: %s", text)
	}
}

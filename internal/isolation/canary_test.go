package isolation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// canaries are keys beside a view under "mine:", and the names under which
// its holder may look for them.
var canaries = []string{
	"canary", "mine", "mine2:canary", "min:canary", "other:mine:canary", ":canary", "../canary", "\x00canary", "*",
	"host", "host:canary", "host:mine", "host:mine2:canary",
}

// secret is what no holder of a view reads.
var secret = []byte("the canary's")

// outside returns what there is beside the views: all keys but theirs.
func outside(ctx context.Context, t *testing.T, raw storage.ByteStore) map[string]storage.Entry[[]byte] {
	t.Helper()
	var keys []string
	for key, err := range storage.Keys(ctx, raw, "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(key, "mine:") && !strings.HasPrefix(key, "host:mine:") {
			keys = append(keys, key)
		}
	}
	entries, err := storage.GetEntries(ctx, raw, keys)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// attack does everything with a view, and returns the secrets that it reads,
// in words, and the errors that it gets.
func attack(ctx context.Context, view storage.ByteStore) (read []string, errs []error) {
	saw := func(op storage.Op, key string, value []byte, err error) {
		if bytes.Equal(value, secret) {
			read = append(read, fmt.Sprintf("%v of %q reads a canary", op, key))
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	names := slices.Concat(canaries, []string{"", "../mine", "..", "a\nb", strings.Repeat("k", 2000)})
	for _, name := range names {
		value, err := view.Get(ctx, name)
		saw(storage.OpGet, name, value, err)
		entry, err := storage.GetEntry(ctx, view, name)
		saw(storage.OpGetEntry, name, entry.Value, err)
		if has, err := storage.Has(ctx, view, name); has {
			saw(storage.OpHas, name, secret, err)
		}
		many, err := storage.GetMany(ctx, view, []string{name, "x"})
		for _, value := range many {
			saw(storage.OpGetMany, name, value, err)
		}
		entries, err := storage.GetEntries(ctx, view, []string{name, "x"})
		for _, entry := range entries {
			saw(storage.OpGetEntries, name, entry.Value, err)
		}
		saw(storage.OpTouch, name, nil, storage.Touch(ctx, view, name, time.Hour))
		value, err = storage.Take(ctx, view, name)
		saw(storage.OpTake, name, value, err)
		for key, err := range storage.Keys(ctx, view, name) {
			if value, _ := view.Get(ctx, key); err == nil {
				saw(storage.OpKeys, key, value, nil)
			}
		}
	}
	mine := []byte("the plugin's")
	for _, name := range names {
		_, err := storage.CompareAndSwap(ctx, view, name, "", mine, time.Hour)
		saw(storage.OpCompareAndSwap, name, nil, err)
		saw(storage.OpSet, name, nil, view.Set(ctx, name, mine, time.Hour))
		saw(storage.OpSet, name, nil, view.Set(ctx, name, mine, -1))
		saw(storage.OpSetMany, name, nil, storage.SetMany(ctx, view, map[string][]byte{name: mine}, 0))
		saw(storage.OpDelete, name, nil, view.Delete(ctx, name))
		saw(storage.OpDeleteMany, name, nil, storage.DeleteMany(ctx, view, []string{name, name}))
		saw(storage.OpSet, name, nil, view.Set(ctx, name, mine, 0))
		saw(storage.OpDeletePrefix, name, nil, storage.DeletePrefix(ctx, view, name))
	}
	saw(storage.OpDeletePrefix, "", nil, storage.DeletePrefix(ctx, view, ""))
	for _, name := range names { // for the next attack, which takes what is there for a canary
		_ = view.Delete(ctx, name)
	}
	if err := storage.Close(view); err != nil {
		errs = append(errs, err)
	}
	return read, errs
}

// escapes attacks through views in views, and returns what came of it.
func escapes(ctx context.Context, t *testing.T, raw, view storage.ByteStore, scopes []storage.Scope) (found []string) {
	t.Helper()
	for _, key := range canaries {
		if err := raw.Set(ctx, key, secret, 24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	before := outside(ctx, t, raw)
	try := func(how string, view storage.ByteStore) {
		read, errs := attack(ctx, view)
		for _, what := range read {
			found = append(found, how+": "+what)
		}
		for _, err := range errs {
			for _, leak := range leaksOf("an error", err) {
				found = append(found, how+": "+leak)
			}
			if strings.Contains(err.Error(), string(secret)) {
				found = append(found, how+": an error tells a secret")
			}
		}
		after := outside(ctx, t, raw)
		for key, entry := range before {
			now, ok := after[key]
			moved := now.Expires.Sub(entry.Expires).Abs() > time.Minute // Redis is not exact
			if !ok || moved || now.Version != entry.Version || !bytes.Equal(now.Value, entry.Value) {
				found = append(found, fmt.Sprintf("%s: the canary %q has changed", how, key))
			}
		}
		for key := range after {
			if _, ok := before[key]; !ok {
				found = append(found, fmt.Sprintf("%s: there is a key %q", how, key))
			}
		}
		before = after
	}
	try("the view", view)
	for _, outer := range scopes {
		in := storage.In(view, outer)
		try(fmt.Sprintf("In %q", outer.Prefix), in)
		try(fmt.Sprintf("In %q in %q", "../", outer.Prefix), storage.In(in, storage.Scope{Prefix: "../"}))
	}
	return found
}

func TestCanaries(t *testing.T) {
	for layer, over := range layers {
		for part, in := range parts {
			t.Run(part+" over "+layer, func(t *testing.T) {
				raw := memstore.New[[]byte]()
				scopes := scopes
				if part != "New" {
					scopes = scopes[:2]
				}
				for _, what := range escapes(t.Context(), t, raw, in(over(raw)), scopes) {
					t.Error(what)
				}
			})
		}
	}
}

func TestCanariesOnRedis(t *testing.T) {
	server := redistest.Shared(t)
	for i, layer := range slices.Sorted(maps.Keys(layers)) {
		t.Run(layer, func(t *testing.T) {
			raw, err := redisstore.Open(t.Context(), server.URL(), redisstore.Prefix(fmt.Sprint(server.Prefix(), i, "-")))
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			for _, what := range escapes(t.Context(), t, raw, parts["New"](layers[layer](raw)), scopes[:4]) {
				t.Error(what)
			}
		})
	}
}

// The attack does reach what is in the view, so it would reach the rest.
func TestAttackReaches(t *testing.T) {
	raw := memstore.New[[]byte]()
	view := parts["New"](raw)
	if err := view.Set(t.Context(), "canary", secret, 0); err != nil {
		t.Fatal(err)
	}
	read, errs := attack(t.Context(), view)
	for _, op := range []storage.Op{storage.OpGet, storage.OpGetEntry, storage.OpHas, storage.OpGetMany, storage.OpGetEntries, storage.OpTake} {
		if !slices.ContainsFunc(read, func(s string) bool { return strings.HasPrefix(s, op.String()+" of") }) {
			t.Errorf("%v reads nothing: %q", op, read)
		}
	}
	if err := errors.Join(errs...); !errors.Is(err, storage.ErrInvalidKey) || !errors.Is(err, storage.ErrInvalidTTL) || !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("the errors are %v", err)
	}
}

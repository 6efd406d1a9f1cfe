package redisstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// Keys pages through more keys than one step of a SCAN looks at, and a loop that
// ends early ends the scan.
func TestKeysPages(t *testing.T) {
	server := redistest.Shared(t)
	store := open(t, server, redisstore.Prefix(server.Prefix()))
	values, want := make(map[string][]byte), []string(nil)
	for i := range 3000 {
		key := fmt.Sprintf("%d:%d", i%3, i)
		values[key] = nil
		if i%3 == 1 {
			want = append(want, key)
		}
	}
	if err := store.SetMany(t.Context(), values, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if got := list(t, store, "1:"); !slices.Equal(got, want) {
		t.Errorf("%d keys, want %d", len(got), len(want))
	}
	for range store.Keys(t.Context(), "") {
		break
	}
	if err := store.DeletePrefix(t.Context(), "1:"); err != nil {
		t.Fatal(err)
	}
	if got := list(t, store, ""); len(got) != 2000 {
		t.Errorf("%d keys are left, want 2000", len(got))
	}
}

// To a server that was restarted, the position of a scan means another one.
func TestKeysOverRestart(t *testing.T) {
	const keys = 3000
	server := redistest.Start(t, kept...)
	store := open(t, server)
	values := make(map[string][]byte)
	for i := range keys {
		values[fmt.Sprint(i)] = nil
	}
	if err := store.SetMany(t.Context(), values, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]bool)
	restarts := 0
	for key, err := range store.Keys(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if found[key] = true; restarts == 0 {
			restarts++
			server.Restart()
		}
	}
	if len(found) != keys {
		t.Errorf("found %d keys, want %d", len(found), keys)
	}
}

// A user who may not ask for the id of the run lists keys nevertheless.
func TestKeysWithoutInfo(t *testing.T) {
	server := redistest.Start(t)
	store := open(t, server)
	if err := store.Set(t.Context(), "k", nil, storage.NoExpiry); err != nil {
		t.Fatal(err)
	}
	do(t, server, "acl", "setuser", "default", "-info")
	if got := list(t, store, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("got %q, want k", got)
	}
}

// Whatever a server takes for a match, Keys and DeletePrefix check it.
func TestForeignMatch(t *testing.T) {
	server := redistest.Shared(t)
	prefix := server.Prefix()
	client := connect(t, &redis.Options{Addr: server.Addr()})
	client.AddHook(after(func(cmd redis.Cmder) {
		if scan, ok := cmd.(*redis.ScanCmd); ok {
			page, cursor := scan.Val()
			scan.SetVal(append(page, prefix+"other:k", "", prefix, prefix+"mine:"), cursor)
		}
	}))
	store := redisstore.New(client, redisstore.Prefix(prefix))
	defer store.Close()
	for _, key := range []string{"mine:k", "other:k"} {
		if err := store.Set(t.Context(), key, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	mine := store.In(storage.Scope{Prefix: "mine:"})
	if got := list(t, mine, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("Keys: %q, want k", got)
	}
	if err := storage.DeletePrefix(t.Context(), mine, ""); err != nil {
		t.Fatal(err)
	}
	if ok, err := store.Has(t.Context(), "other:k"); err != nil || !ok {
		t.Errorf("DeletePrefix removed a key without the prefix, %v", err)
	}
}

// Nobody flushes a server by mistake.
func TestDeleteEverything(t *testing.T) {
	server := redistest.Start(t)
	whole := open(t, server)
	part := open(t, server, redisstore.Prefix("part:"))
	if err := whole.SetMany(t.Context(), map[string][]byte{"k": nil, "part:k": nil, "view:k": nil}, 0); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]storage.ByteStore{"the base": whole, "a view without a prefix": whole.In(storage.Scope{Name: "n"})} {
		if err := storage.DeletePrefix(t.Context(), s, ""); !errors.Is(err, storage.ErrInvalidKey) {
			t.Errorf("%s: %v, want ErrInvalidKey", name, err)
		}
	}
	if got := list(t, whole, ""); len(got) != 3 {
		t.Errorf("left: %q", got)
	}
	for _, s := range []storage.ByteStore{part, whole.In(storage.Scope{Prefix: "view:"})} {
		if err := storage.DeletePrefix(t.Context(), s, ""); err != nil {
			t.Error(err)
		}
	}
	if got := list(t, whole, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("left: %q, want k", got)
	}
}

// FuzzGlobEscaping checks that prefixes are literal: of some keys, Keys lists
// those that begin with the prefix, and DeletePrefix removes them and no other.
func FuzzGlobEscaping(f *testing.F) {
	for _, s := range [][3]string{
		{"", "a*b:", "axb:\x00a*b:\x00a*b:c"},
		{"t:", "?", "?a\x00ba\x00?"},
		{"[a]", "[a-c]", "[a-c]x\x00bx\x00a"},
		{"*", "[^a]", "[^a]b\x00bb"},
		{`\`, `\`, "\\\\\x00\\a\x00\\*"},
		{`a\`, "*", "*\x00b"},
		{"", "]", "]\x00[]]\x00a"},
		{"^-", "a-", "a-b\x00ab"},
		{"\xff", "\xfe*", "\xfe*\x80\x00\xfex"},
		{"", "\n", "\nx\x00\r\n"},
		{"{tag}", "{a}*", "{a}*b\x00{a}b"},
		{"", "", "a\x00b"},
		{"[", "[", "[[\x00["},
		{"[^", "[^]", "[^]\x00a"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	server := redistest.Start(f)
	whole := open(f, server)
	f.Fuzz(func(t *testing.T, scope, prefix, joined string) {
		keys := strings.Split(joined, "\x00")
		keys = append(keys, prefix, prefix+"x", "x"+prefix, strings.ToUpper(prefix), prefix+"\x00"+joined, joined)
		keys = slices.DeleteFunc(keys, func(key string) bool { return key == "" })
		slices.Sort(keys)
		keys = slices.Compact(keys)

		// Each run has the server to itself.
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		do(whole.DeleteMany(t.Context(), list(t, whole, "")))
		view := whole.In(storage.Scope{Prefix: scope})
		decoys := []string{"decoy", "x" + scope + prefix, scope}
		for _, key := range append(decoys, "y") {
			if key != "" && (key == scope || !strings.HasPrefix(key, scope+prefix)) {
				do(whole.Set(t.Context(), key, nil, 0))
			}
		}
		for _, key := range keys {
			do(view.Set(t.Context(), key, nil, 0))
		}
		before := list(t, whole, "")

		want := slices.DeleteFunc(slices.Clone(before), func(key string) bool {
			return !strings.HasPrefix(key, scope+prefix) || key == scope
		})
		for i := range want {
			want[i] = want[i][len(scope):]
		}
		slices.Sort(want)
		if got := list(t, view, prefix); !slices.Equal(got, want) {
			t.Fatalf("Keys(%q) in %q: %q, want %q", prefix, scope, got, want)
		}

		err := storage.DeletePrefix(t.Context(), view, prefix)
		if scope+prefix == "" {
			if !errors.Is(err, storage.ErrInvalidKey) {
				t.Fatalf("DeletePrefix: %v, want ErrInvalidKey", err)
			}
			return
		}
		do(err)
		left := slices.DeleteFunc(before, func(key string) bool { return strings.HasPrefix(key, scope+prefix) && key != scope })
		if got := list(t, whole, ""); !slices.Equal(got, left) {
			t.Fatalf("DeletePrefix(%q) in %q left %q, want %q", prefix, scope, got, left)
		}
	})
}

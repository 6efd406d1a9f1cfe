package storage_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

func TestMemo(t *testing.T) {
	var m storage.Memo
	ours, theirs := new(int), new(int)
	if made, ok := m.Load(ours); ok || made != nil {
		t.Errorf("a new Memo has %v", made)
	}
	m.Store(ours, "made")
	if made, ok := m.Load(ours); !ok || made != "made" {
		t.Errorf("got %v, %v, want what was left", made, ok)
	}
	if made, ok := m.Load(theirs); ok || made != nil {
		t.Errorf("got %v, which somebody else has left", made)
	}
	m.Store(theirs, nil)
	if made, ok := m.Load(theirs); !ok || made != nil {
		t.Errorf("got %v, %v, want the nil that was left", made, ok)
	}
	if _, ok := m.Load(ours); ok {
		t.Error("two things are kept")
	}
}

// keeper is a store whose values have memos, by key.
type keeper struct {
	storage.Store[string]
	memos map[string]*storage.Memo
	err   error
}

func (k keeper) GetMemo(_ context.Context, key string) (string, *storage.Memo, error) {
	return "value", k.memos[key], k.err
}

func TestGetMemo(t *testing.T) {
	memo := new(storage.Memo)
	base := keeper{Store: storeOf("base"), memos: map[string]*storage.Memo{"n:k": memo}}
	passed := 0
	count := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		err := next(ctx)
		if call.Op == storage.OpGet && call.Key == "k" && (err != nil || call.Hits == 1 && call.Size == 5) {
			passed++
		}
		return err
	})
	view := storage.In(storage.Intercept[string](storage.In[string](base, storage.Scope{Prefix: "n:"}), count, count), storage.Scope{})
	value, got, err := storage.GetMemo(t.Context(), view, "k")
	if value != "value" || got != memo || err != nil || passed != 2 {
		t.Errorf("through a view and interceptors: %q, %v, %v, %d interceptors", value, got, err, passed)
	}
	if value, err := view.Get(t.Context(), "k"); value != "base" || err != nil {
		t.Errorf("Get: %q, %v, want that of the store", value, err)
	}
	if _, got, err := storage.GetMemo(t.Context(), view, "other"); got != nil || err != nil {
		t.Errorf("of a value without a memo: %v, %v", got, err)
	}
	if _, _, err := storage.GetMemo(t.Context(), view, ""); !errors.Is(err, storage.ErrInvalidKey) {
		t.Errorf("without a key: %v", err)
	}
	if value, got, err := storage.GetMemo(t.Context(), storeOf("plain"), "k"); value != "plain" || got != nil || err != nil {
		t.Errorf("of a store that has none: %q, %v, %v", value, got, err)
	}
	failing := storage.Intercept[string](keeper{Store: storeOf("base"), memos: map[string]*storage.Memo{"k": memo}, err: storage.ErrUnavailable}, count)
	if value, got, err := storage.GetMemo(t.Context(), failing, "k"); value != "" || got != nil || !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("of a store that fails: %q, %v, %v", value, got, err)
	}
}

// storeOf is a store of three methods with value under a few keys.
func storeOf(value string) storage.Store[string] {
	s := newThree()
	for _, key := range []string{"k", "n:k"} {
		s.values[key] = value
	}
	return s
}

package memstore_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// model is a bounded store with expiry in the plainest form.
type model struct {
	maxEntries, maxBytes int
	evict                bool
	values               map[string]modelValue
	uses                 []string // the keys, by last use
}

type modelValue struct {
	value   string
	expires time.Time
}

func (m *model) reclaim() {
	for key, v := range m.values {
		if !v.expires.IsZero() && !v.expires.After(time.Now()) {
			m.delete(key)
		}
	}
}

func (m *model) delete(key string) {
	delete(m.values, key)
	m.uses = slices.DeleteFunc(m.uses, func(k string) bool { return k == key })
}

func (m *model) use(key string) {
	m.uses = append(slices.DeleteFunc(m.uses, func(k string) bool { return k == key }), key)
}

func (m *model) get(key string) (modelValue, error) {
	v, ok := m.values[key]
	if !ok {
		return v, storage.ErrNotFound
	}
	m.use(key)
	return v, nil
}

func (m *model) fits(key, value string) bool {
	entries, size := 1, len(key)+len(value)
	for k, v := range m.values {
		if k != key {
			entries++
			size += len(k) + len(v.value)
		}
	}
	return (m.maxEntries == 0 || entries <= m.maxEntries) && (m.maxBytes == 0 || size <= m.maxBytes)
}

func (m *model) set(key, value string, ttl time.Duration) error {
	if m.maxBytes > 0 && len(key)+len(value) > m.maxBytes {
		return storage.ErrTooLarge
	}
	for !m.fits(key, value) {
		if !m.evict {
			return storage.ErrOverloaded
		}
		if _, ok := m.values[key]; ok {
			m.use(key)
		}
		m.delete(m.uses[0])
	}
	v := modelValue{value: value}
	if ttl > 0 {
		v.expires = time.Now().Add(ttl)
	}
	m.values[key] = v
	m.use(key)
	return nil
}

func TestModel(t *testing.T) {
	for name, test := range map[string]struct {
		model model
		opts  []memstore.Option
	}{
		"unbounded":         {model{}, nil},
		"refusing":          {model{maxEntries: 12}, []memstore.Option{memstore.MaxEntries(12)}},
		"refusing by bytes": {model{maxEntries: 12, maxBytes: 100}, []memstore.Option{memstore.MaxEntries(12), memstore.MaxBytes(100)}},
		"evicting":          {model{maxEntries: 12, evict: true}, []memstore.Option{memstore.MaxEntries(12), memstore.Evict()}},
		"evicting by bytes": {model{maxBytes: 100, evict: true}, []memstore.Option{memstore.MaxBytes(100), memstore.Evict()}},
	} {
		for range 5 {
			seed := rand.Uint64()
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := rand.New(rand.NewPCG(seed, 0))
					s, m := memstore.New[string](test.opts...), test.model
					m.values = map[string]modelValue{}
					for range 1000 {
						compare(t, s, &m, r)
						s.Verify(t)
					}
				})
			})
		}
	}
}

// compare does some operation on both.
func compare(t *testing.T, s *memstore.Store[string], m *model, r *rand.Rand) {
	t.Helper()
	ctx := t.Context()
	key := fmt.Sprint("key", r.IntN(20))
	value := fmt.Sprintf("%.*s", r.IntN(32), "an arbitrary value of some length")
	if r.IntN(50) == 0 {
		value = strings.Repeat("x", 100)
	}
	ttl := time.Duration(r.IntN(8))
	m.reclaim()
	check := func(what string, got, want any) {
		t.Helper()
		if err, ok := got.(error); ok {
			target, _ := want.(error)
			if errors.Is(err, target) {
				return
			}
		} else if got == want {
			return
		}
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	switch r.IntN(10) {
	default:
		check("Set", s.Set(ctx, key, value, ttl), m.set(key, value, ttl))
	case 0:
		time.Sleep(ttl)
	case 1:
		got, err := s.GetEntry(ctx, key)
		want, wantErr := m.get(key)
		check("GetEntry error", err, wantErr)
		check("GetEntry", got.Value, want.value)
		check("GetEntry expiry", got.Expires.Equal(want.expires), true)
	case 2:
		got, err := s.Take(ctx, key)
		want, wantErr := m.get(key)
		m.delete(key)
		check("Take error", err, wantErr)
		check("Take", got, want.value)
	case 3:
		want, wantErr := m.get(key)
		if wantErr == nil {
			want.expires = time.Time{}
			if ttl > 0 {
				want.expires = time.Now().Add(ttl)
			}
			m.values[key] = want
		}
		check("Touch", s.Touch(ctx, key, ttl), wantErr)
	case 4:
		check("Delete", s.Delete(ctx, key), nil)
		m.delete(key)
	case 5:
		_, err := s.CompareAndSwap(ctx, key, "", value, ttl)
		wantErr := storage.ErrConflict
		if _, ok := m.values[key]; !ok {
			wantErr = m.set(key, value, ttl)
		} else if m.maxBytes > 0 && len(key)+len(value) > m.maxBytes {
			wantErr = storage.ErrTooLarge
		}
		check("CompareAndSwap", err, wantErr)
	case 6:
		var got []string
		for key, err := range s.Keys(ctx, "") {
			check("Keys", err, nil)
			got = append(got, key)
		}
		slices.Sort(got)
		check("Keys", fmt.Sprint(got), fmt.Sprint(slices.Sorted(maps.Keys(m.values))))
	}
}

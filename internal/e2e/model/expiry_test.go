package model

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// A mortal is a key with a real ttl, and what has been seen of it.
type mortal struct {
	view     int
	key      string
	value    string
	ttl      time.Duration // 0: it stays
	earliest time.Time     // of its end
	gone     bool          // a read has found nothing
}

// expiry gives keys real ttls, by every write that the stack has, and looks at
// them by every read until they are gone: none is gone too early, none comes
// back, and those without a ttl stay. It returns how many looks it took.
func (p *playerOf[V]) expiry(ctx context.Context, r *rand.Rand, keys int) (looks int, difference string) {
	var all []*mortal
	for i := range keys {
		m := &mortal{
			view: r.IntN(len(views)), key: fmt.Sprintf("%s~%d", names[r.IntN(len(names))], i), value: fmt.Sprint(i),
			ttl: [...]time.Duration{0, 1, time.Millisecond, 1500 * time.Microsecond, 30 * time.Millisecond, 80 * time.Millisecond}[i%6],
		}
		if err := p.bear(ctx, m, r); err != nil {
			return looks, fmt.Sprintf("a write of %s with a ttl of %v: %v", show(m.key), m.ttl, err)
		}
		all = append(all, m)
	}
	deadline := time.Now().Add(20 * time.Second)
	for left := keys; left > 0; {
		left = 0
		for _, m := range all {
			looks++
			found, err := p.look(ctx, m, r)
			now := time.Now()
			switch {
			case err != nil:
				return looks, fmt.Sprintf("a read of %s with a ttl of %v: %v", show(m.key), m.ttl, err)
			case found && m.gone:
				return looks, fmt.Sprintf("%s with a ttl of %v is back", show(m.key), m.ttl)
			case !found && (m.ttl == 0 || now.Before(m.earliest)):
				return looks, fmt.Sprintf("%s with a ttl of %v is gone too early", show(m.key), m.ttl)
			case found && m.ttl > 0 && now.After(deadline):
				return looks, fmt.Sprintf("%s with a ttl of %v is still there", show(m.key), m.ttl)
			case found && m.ttl > 0:
				left++
			}
			m.gone = !found
		}
	}
	return looks, ""
}

// bear stores the value of m with its ttl.
func (p *playerOf[V]) bear(ctx context.Context, m *mortal, r *rand.Rand) (err error) {
	s, value := p.views[m.view], p.to([]byte(m.value))
	writes := []func() error{
		func() error { return s.Set(ctx, m.key, value, m.ttl) },
		func() error { return storage.SetMany(ctx, s, map[string]V{m.key: value}, m.ttl) },
	}
	if len(p.lacks) == 0 {
		writes = append(
			writes,
			func() error {
				_, err := storage.CompareAndSwap(ctx, s, m.key, "", value, m.ttl)
				return err
			},
			func() error {
				_, err := storage.Update(ctx, s, m.key, func(storage.Entry[V]) (V, time.Duration, error) { return value, m.ttl, nil })
				return err
			},
			func() error {
				if err := s.Set(ctx, m.key, value, time.Hour); err != nil {
					return err
				}
				if _, err := s.Get(ctx, m.key); err != nil { // now the caches hold it
					return err
				}
				m.earliest = time.Now().Add(m.ttl)
				return storage.Touch(ctx, s, m.key, m.ttl)
			},
		)
	}
	m.earliest = time.Now().Add(m.ttl)
	return writes[r.IntN(len(writes))]()
}

// look reads m in one way or another.
func (p *playerOf[V]) look(ctx context.Context, m *mortal, r *rand.Rand) (found bool, err error) {
	s := p.views[m.view]
	reads := []func() (V, bool, error){
		func() (V, bool, error) {
			value, err := s.Get(ctx, m.key)
			return value, err == nil, err
		},
		func() (V, bool, error) {
			has, err := storage.Has(ctx, s, m.key)
			return p.to([]byte(m.value)), has, err
		},
		func() (V, bool, error) {
			values, err := storage.GetMany(ctx, s, []string{m.key, m.key})
			value, ok := values[m.key]
			return value, ok, err
		},
	}
	if len(p.lacks) == 0 {
		reads = append(
			reads,
			func() (V, bool, error) {
				e, err := storage.GetEntry(ctx, s, m.key)
				return e.Value, err == nil, err
			},
			func() (V, bool, error) {
				entries, err := storage.GetEntries(ctx, s, []string{m.key})
				e, ok := entries[m.key]
				return e.Value, ok, err
			},
			func() (value V, found bool, err error) {
				for key, e := range storage.Keys(ctx, s, m.key) {
					found, err = found || key == m.key, e
				}
				return p.to([]byte(m.value)), found, err
			},
		)
	}
	value, found, err := reads[r.IntN(len(reads))]()
	if errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	if found && p.from(value) != m.value {
		err = fmt.Errorf("it is %s, want %s", show(p.from(value)), show(m.value))
	}
	return found, err
}

// On Redis time passes for real.
func TestExpiryOnRedis(t *testing.T) {
	const keys = 60
	there := onRedis(t)
	for _, st := range there.stacks {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			seed := rand.Uint64()
			raw, err := there.open(t.Context(), st)
			if err != nil {
				t.Fatal(err)
			}
			p := st.begin(st.traits, raw)
			defer p.close()
			looks, difference := p.expiry(t.Context(), rand.New(rand.NewPCG(seed, 0)), keys)
			if difference != "" {
				t.Errorf("seed %d: %s", seed, difference)
			}
			t.Logf("%d keys, %d looks", keys, looks)
		})
	}
}

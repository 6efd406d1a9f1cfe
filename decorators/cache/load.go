package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tunica-go/tunica/internal/flight"
	"github.com/tunica-go/tunica/storage"
)

// result is what a load found.
type result[V any] struct {
	value   V
	absent  bool
	expires time.Time // zero: never
	begun   int64     // before it was read
	tally   *tally[V] // of the view that loaded it
}

// miss is Get for a key that is not held.
func (v *view[V]) miss(ctx context.Context, key string) (value V, err error) {
	if ctx.Err() != nil {
		return value, fmt.Errorf("cache: get: %w", ctx.Err())
	}
	sh, wire, h := v.lock(key)
	now := v.core.now()
	if e := sh.fresh(v.core, h, v.prefix, key); e != nil { // loaded since lookup
		v.hit(h)
		sh.Unlock()
		return v.deliver(e.value, e.absent)
	}
	v.tally(h).Misses++
	p, err := sh.loads.Join(ctx, wire, (*source[V])(v))
	sh.Unlock()
	if err != nil {
		return value, err
	}
	r, err := await(ctx, p, "get")
	if err == nil && v.core.overBefore(r, now) {
		r, err = v.reload(ctx, key, "get")
	}
	flight.Rethrow(err)
	if err != nil {
		return value, err
	}
	return v.deliver(r.value, r.absent)
}

// overBefore reports whether a shared load tells a caller who came at now of a
// value that was over by then: the load had read it before.
func (c *core[V]) overBefore(r result[V], now int64) bool {
	return !r.expires.IsZero() && int64(r.expires.Sub(c.base)) <= now && r.begun < now
}

// reload waits for a load that begins now, whatever that tells.
func (v *view[V]) reload(ctx context.Context, key, op string) (r result[V], err error) {
	sh, wire, _ := v.lock(key)
	p, err := sh.loads.Join(ctx, wire, (*source[V])(v))
	sh.Unlock()
	if err != nil {
		return r, err
	}
	return await(ctx, p, op)
}

// await waits for a load and wraps the error of ctx.
func await[R any](ctx context.Context, p flight.Place[R], op string) (R, error) {
	r, err := p.Wait(ctx)
	if err != nil && err == ctx.Err() {
		err = fmt.Errorf("cache: %s: %w", op, err)
	}
	return r, err
}

// source is a view as that which its loads are from.
type source[V any] view[V]

// Load reads one key.
func (s *source[V]) Load(ctx context.Context, l *flight.Load[result[V]]) (result[V], error) {
	v := (*view[V])(s)
	r := v.begin(l.Key)
	entry, err := v.read(ctx, l.Key[len(v.prefix):])
	if isAbsent(err) {
		r.absent = true
		return r, nil
	}
	r.value, r.expires = flight.Clip(entry.Value), entry.Expires
	return r, err
}

// begin counts a load of wire, and returns what is known of its result before.
func (v *view[V]) begin(wire string) result[V] {
	sh, h := v.core.shard(wire)
	t := v.tally(h)
	sh.Lock()
	t.Loads++
	sh.Unlock()
	return result[V]{begun: v.core.now(), tally: t}
}

// read reads one key with its remaining ttl, where the store below tells it.
func (v *view[V]) read(ctx context.Context, key string) (storage.Entry[V], error) {
	if v.core.tells {
		return storage.GetEntry(ctx, v.next, key)
	}
	value, err := v.next.Get(ctx, key)
	return storage.Entry[V]{Value: value}, err
}

// waiting is a key of a batch whose load is awaited.
type waiting[V any] struct {
	key   string
	place flight.Place[result[V]]
	since int64
}

// GetMany returns the values of keys: those that are held from memory, those
// that are being loaded from there, the rest by one batch.
func (v *view[V]) GetMany(ctx context.Context, keys []string) (map[string]V, error) {
	if slices.Contains(keys, "") {
		return nil, storage.ErrInvalidKey
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("cache: get many: %w", ctx.Err())
	}
	values := make(map[string]V, len(keys))
	waits, err := v.joinMany(ctx, keys, values)
	take := func(key string, r result[V], e error) {
		switch {
		case e != nil:
			err = first(err, e)
		case !r.absent:
			values[key] = r.value
		}
	}
	var over []waiting[V]
	for _, w := range waits {
		r, e := await(ctx, w.place, "get many")
		if e == nil && v.core.overBefore(r, w.since) {
			over = append(over, w)
			continue
		}
		take(w.key, r, e)
	}
	for _, w := range over {
		r, e := v.reload(ctx, w.key, "get many")
		take(w.key, r, e)
	}
	flight.Rethrow(err)
	for key, value := range values {
		values[key] = v.core.handOut(value)
	}
	return values, err
}

// joinMany puts what is held into values and joins or begins a load for each
// other key. It calls nothing of the user's: a panic between the joining and
// the beginning of a load would leave its callers waiting.
func (v *view[V]) joinMany(ctx context.Context, keys []string, values map[string]V) (waits []waiting[V], err error) {
	var led []*flight.Load[result[V]]
	seen := make(map[string]struct{}, len(keys))
	for _, key := range keys {
		if _, ok := seen[key]; ok {
			continue
		}
		seen[key] = struct{}{}
		sh, wire, h := v.lock(key)
		now := v.core.now()
		if e := sh.fresh(v.core, h, v.prefix, key); e != nil {
			v.hit(h)
			sh.Unlock()
			if !e.absent {
				values[key] = e.value
			}
			continue
		}
		v.tally(h).Misses++
		p, lead, e := sh.loads.JoinBatch(ctx, wire, (*source[V])(v))
		sh.Unlock()
		if e != nil {
			err = first(err, e)
			continue
		}
		waits = append(waits, waiting[V]{key, p, now})
		if lead != nil {
			led = append(led, lead)
		}
	}
	v.loadMany(ctx, led)
	return waits, err
}

// loadMany performs the loads of led as one.
func (v *view[V]) loadMany(ctx context.Context, led []*flight.Load[result[V]]) {
	if len(led) == 0 {
		return
	}
	keys := make([]string, len(led))
	for i, l := range led {
		keys[i] = l.Key[len(v.prefix):]
	}
	flight.RunBatch(ctx, led, func(ctx context.Context) func(string) (result[V], error) {
		begun := v.begin(led[0].Key).begun
		entries, err := v.readMany(ctx, keys)
		return func(wire string) (result[V], error) {
			_, h := v.core.shard(wire)
			r := result[V]{begun: begun, tally: v.tally(h)}
			if entry, ok := entries[wire[len(v.prefix):]]; ok {
				r.value, r.expires = flight.Clip(entry.Value), entry.Expires
				return r, nil
			}
			r.absent = err == nil
			return r, err
		}
	})
}

// readMany is read for many keys.
func (v *view[V]) readMany(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	if v.core.tells {
		entries, err := storage.GetEntries(ctx, v.next, keys)
		if errors.Is(err, errors.ErrUnsupported) {
			return v.readEach(ctx, keys)
		}
		return entries, err
	}
	values, err := storage.GetMany(ctx, v.next, keys)
	entries := make(map[string]storage.Entry[V], len(values))
	for key, value := range values {
		entries[key] = storage.Entry[V]{Value: value}
	}
	return entries, err
}

// readEach is readMany over a store that tells the remaining ttl of one key
// and refuses the batch.
func (v *view[V]) readEach(ctx context.Context, keys []string) (map[string]storage.Entry[V], error) {
	entries := make(map[string]storage.Entry[V], len(keys))
	for _, key := range keys {
		switch entry, err := storage.GetEntry(ctx, v.next, key); {
		case err == nil:
			entries[key] = entry
		case !isAbsent(err):
			return entries, err
		}
	}
	return entries, nil
}

// first is the error that came first, but a panic before any other.
func first(err, e error) error {
	if _, ok := e.(*flight.PanicError); err == nil || ok {
		return e
	}
	return err
}

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
	tally   *tally[V] // of the view that loaded it
}

// miss is Get for a key that is not held.
func (v *view[V]) miss(ctx context.Context, key string) (value V, err error) {
	if ctx.Err() != nil {
		return value, fmt.Errorf("cache: get: %w", ctx.Err())
	}
	sh, wire, h := v.lock(key)
	t := v.tally(h)
	now := v.core.now()
	if e := sh.fresh(v.core, h, v.prefix, key); e != nil { // loaded since lookup
		t.hits.Add(1)
		sh.Unlock()
		return v.deliver(e.value, e.absent)
	}
	t.Misses++
	l, err := sh.loads.Join(ctx, wire, v.loader(key, sh, t))
	sh.Unlock()
	if err != nil {
		return value, err
	}
	r, err := v.await(ctx, sh, l, "get")
	if err == nil && v.core.overBefore(l, r, now) {
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
func (c *core[V]) overBefore(l *flight.Load[result[V]], r result[V], now int64) bool {
	return !r.expires.IsZero() && int64(r.expires.Sub(c.base)) <= now && int64(l.Started().Sub(c.base)) < now
}

// reload waits for a load that begins now, whatever that tells.
func (v *view[V]) reload(ctx context.Context, key, op string) (r result[V], err error) {
	sh, wire, h := v.lock(key)
	l, err := sh.loads.Join(ctx, wire, v.loader(key, sh, v.tally(h)))
	sh.Unlock()
	if err != nil {
		return r, err
	}
	return v.await(ctx, sh, l, op)
}

// await waits for a load and wraps the error of ctx.
func (v *view[V]) await(ctx context.Context, sh *shard[V], l *flight.Load[result[V]], op string) (result[V], error) {
	r, err := sh.loads.Wait(ctx, l)
	if err != nil && err == ctx.Err() {
		err = fmt.Errorf("cache: %s: %w", op, err)
	}
	return r, err
}

// loader reads one key.
func (v *view[V]) loader(key string, sh *shard[V], t *tally[V]) flight.Func[result[V]] {
	return func(ctx context.Context, _ *flight.Load[result[V]]) (result[V], error) {
		v.countLoad(sh, t)
		entry, err := v.read(ctx, key)
		if isAbsent(err) {
			return result[V]{absent: true, tally: t}, nil
		}
		return result[V]{value: flight.Clip(entry.Value), expires: entry.Expires, tally: t}, err
	}
}

// read reads one key with its remaining ttl, where the store below tells it.
func (v *view[V]) read(ctx context.Context, key string) (storage.Entry[V], error) {
	if v.core.tells {
		return storage.GetEntry(ctx, v.next, key)
	}
	value, err := v.next.Get(ctx, key)
	return storage.Entry[V]{Value: value}, err
}

func (v *view[V]) countLoad(sh *shard[V], t *tally[V]) {
	sh.Lock()
	t.Loads++
	sh.Unlock()
}

// waiting is a key of a batch whose load is awaited.
type waiting[V any] struct {
	key   string
	sh    *shard[V]
	load  *flight.Load[result[V]]
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
		r, e := v.await(ctx, w.sh, w.load, "get many")
		if e == nil && v.core.overBefore(w.load, r, w.since) {
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
	var led []waiting[V]
	seen := make(map[string]struct{}, len(keys))
	for _, key := range keys {
		if _, ok := seen[key]; ok {
			continue
		}
		seen[key] = struct{}{}
		sh, wire, h := v.lock(key)
		t := v.tally(h)
		now := v.core.now()
		if e := sh.fresh(v.core, h, v.prefix, key); e != nil {
			t.hits.Add(1)
			sh.Unlock()
			if !e.absent {
				values[key] = e.value
			}
			continue
		}
		t.Misses++
		l, lead, e := sh.loads.JoinBatch(ctx, wire, v.loader(key, sh, t))
		sh.Unlock()
		if e != nil {
			err = first(err, e)
			continue
		}
		w := waiting[V]{key, sh, l, now}
		waits = append(waits, w)
		if lead {
			led = append(led, w)
		}
	}
	v.loadMany(ctx, led)
	return waits, err
}

// loadMany performs the loads of led as one.
func (v *view[V]) loadMany(ctx context.Context, led []waiting[V]) {
	if len(led) == 0 {
		return
	}
	loads := make([]*flight.Load[result[V]], len(led))
	keys := make([]string, len(led))
	for i, w := range led {
		loads[i], keys[i] = w.load, w.key
	}
	flight.RunBatch(ctx, loads, func(ctx context.Context) func(string) (result[V], error) {
		sh, h := v.core.shard(loads[0].Key)
		v.countLoad(sh, v.tally(h))
		entries, err := v.readMany(ctx, keys)
		return func(wire string) (result[V], error) {
			_, h := v.core.shard(wire)
			t := v.tally(h)
			if entry, ok := entries[wire[len(v.prefix):]]; ok {
				return result[V]{value: flight.Clip(entry.Value), expires: entry.Expires, tally: t}, nil
			}
			return result[V]{absent: err == nil, tally: t}, err
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

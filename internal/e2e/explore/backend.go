package explore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tunica-go/tunica/internal/full"
	"github.com/tunica-go/tunica/storage"
)

// item is a value in the backend.
type item struct {
	value   string
	expires time.Time  // zero: never
	by      *operation // that gave the expiry
}

// backend is a store whose calls take effect and return when the schedule says
// so. Its views share the world.
type backend struct {
	w      *world
	prefix string
}

var _ full.Adapter[string] = (*backend)(nil)

// call is one call that has reached the backend.
type call struct {
	name    string // the operation and its wire keys
	keys    []string
	write   bool
	op      *operation // of the client, or of the client that began the load
	ctx     context.Context
	effect  func()     // performs it on the state
	applied bool       // it has taken effect,
	at      int        // in this step
	late    bool       // its client has been told that the outcome is unknown
	reply   chan error // what it returns; errPanic makes it panic
}

var errPanic = errors.New("explore: a panic in the backend")

// do passes a call to the schedule and returns when that says so.
func (b *backend) do(ctx context.Context, op storage.Op, keys []string, effect func()) error {
	return b.w.pass(ctx, op.String(), !op.ReadOnly(), keys, effect)
}

// pass is do for calls of any name.
func (w *world) pass(ctx context.Context, name string, write bool, keys []string, effect func()) error {
	c := &call{
		name: name + " " + strings.Join(keys, ","), keys: keys, write: write,
		op: operationOf(ctx), ctx: ctx, effect: effect, reply: make(chan error, 1),
	}
	if w.arrive(c) {
		return nil
	}
	err := <-c.reply
	if err == errPanic {
		panic(errPanic)
	}
	return err
}

func (b *backend) wire(keys ...string) []string {
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = b.prefix + key
	}
	return full
}

func version(value string) storage.Version { return storage.Version("version of " + value) }

func (b *backend) Get(ctx context.Context, key string) (value string, err error) {
	wire := b.wire(key)
	var there bool
	err = b.do(ctx, storage.OpGet, wire, func() { value, there = b.w.look(wire[0]) })
	return value, missing(err, there)
}

// missing is the error of a read that may have found nothing.
func missing(err error, there bool) error {
	if err == nil && !there {
		return storage.ErrNotFound
	}
	return err
}

func (b *backend) Has(ctx context.Context, key string) (there bool, err error) {
	wire := b.wire(key)
	err = b.do(ctx, storage.OpHas, wire, func() { _, there = b.w.look(wire[0]) })
	return there, err
}

func (b *backend) GetEntry(ctx context.Context, key string) (entry storage.Entry[string], err error) {
	wire := b.wire(key)
	var there bool
	err = b.do(ctx, storage.OpGetEntry, wire, func() { entry, there = b.w.entry(wire[0]) })
	return entry, missing(err, there)
}

func (b *backend) GetEntries(ctx context.Context, keys []string) (map[string]storage.Entry[string], error) {
	wire := b.wire(keys...)
	entries := make(map[string]storage.Entry[string])
	err := b.do(ctx, storage.OpGetEntries, wire, func() {
		for i, key := range keys {
			if entry, there := b.w.entry(wire[i]); there {
				entries[key] = entry
			}
		}
	})
	return entries, err
}

func (b *backend) GetMany(ctx context.Context, keys []string) (map[string]string, error) {
	wire := b.wire(keys...)
	values := make(map[string]string)
	err := b.do(ctx, storage.OpGetMany, wire, func() {
		for i, key := range keys {
			if value, there := b.w.look(wire[i]); there {
				values[key] = value
			}
		}
	})
	return values, err
}

func (b *backend) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	wire := b.wire(key)
	return b.do(ctx, storage.OpSet, wire, func() { b.w.put(wire[0], value, ttl, operationOf(ctx)) })
}

func (b *backend) SetMany(ctx context.Context, values map[string]string, ttl time.Duration) error {
	keys := slices.Sorted(maps.Keys(values))
	wire := b.wire(keys...)
	return b.do(ctx, storage.OpSetMany, wire, func() {
		for i, key := range keys {
			b.w.put(wire[i], values[key], ttl, operationOf(ctx))
		}
	})
}

func (b *backend) Delete(ctx context.Context, key string) error {
	wire := b.wire(key)
	return b.do(ctx, storage.OpDelete, wire, func() { delete(b.w.items, wire[0]) })
}

func (b *backend) DeleteMany(ctx context.Context, keys []string) error {
	wire := b.wire(keys...)
	return b.do(ctx, storage.OpDeleteMany, wire, func() {
		for _, key := range wire {
			delete(b.w.items, key)
		}
	})
}

func (b *backend) CompareAndSwap(ctx context.Context, key string, old storage.Version, value string, ttl time.Duration) (storage.Version, error) {
	wire := b.wire(key)
	conflict := false
	err := b.do(ctx, storage.OpCompareAndSwap, wire, func() {
		if entry, _ := b.w.entry(wire[0]); entry.Version != old {
			conflict = true
			if o := operationOf(ctx); o != nil {
				o.conflicted = true
			}
			return
		}
		b.w.put(wire[0], value, ttl, operationOf(ctx))
	})
	if err == nil && conflict {
		err = storage.ErrConflict
	}
	return version(value), err
}

func (b *backend) Take(ctx context.Context, key string) (value string, err error) {
	wire := b.wire(key)
	var there bool
	err = b.do(ctx, storage.OpTake, wire, func() {
		value, there = b.w.look(wire[0])
		delete(b.w.items, wire[0])
	})
	return value, missing(err, there)
}

func (b *backend) Touch(ctx context.Context, key string, ttl time.Duration) error {
	wire := b.wire(key)
	there := false
	err := b.do(ctx, storage.OpTouch, wire, func() {
		var value string
		if value, there = b.w.look(wire[0]); there {
			b.w.put(wire[0], value, ttl, operationOf(ctx))
		}
	})
	return missing(err, there)
}

func (b *backend) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var keys []string
		err := b.do(ctx, storage.OpKeys, b.wire(prefix), func() {
			for key := range b.w.items {
				if rest, ok := strings.CutPrefix(key, b.prefix); ok && strings.HasPrefix(rest, prefix) {
					keys = append(keys, rest)
				}
			}
		})
		if err != nil {
			yield("", err)
			return
		}
		slices.Sort(keys)
		for _, key := range keys {
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (b *backend) DeletePrefix(ctx context.Context, prefix string) error {
	wire := b.wire(prefix)
	return b.do(ctx, storage.OpDeletePrefix, wire, func() {
		maps.DeleteFunc(b.w.items, func(key string, _ item) bool { return strings.HasPrefix(key, wire[0]) })
	})
}

func (b *backend) Ping(ctx context.Context) error { return ctx.Err() }

func (b *backend) In(scope storage.Scope) storage.Store[string] {
	return &backend{w: b.w, prefix: b.prefix + scope.Prefix}
}

package explore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/storage"
)

// A Step is one operation of a client's program.
type Step struct {
	name    string
	view    string   // the namespace it goes through, "" for the base
	keys    []string // of the view
	loads   bool     // it waits for a load, which others may share
	cancels bool     // its context may be cancelled
	pauses  bool     // it may pause after it has found nothing in memory
	run     func(context.Context, storage.Store[string], *operation) error
}

// In makes s go through a namespace.
func (s Step) In(view string) Step {
	s.view = view
	s.name += " through " + view
	return s
}

// MayCancel lets the schedule cancel the context of s.
func (s Step) MayCancel() Step {
	s.cancels = true
	return s
}

// MayPause lets the schedule go on with other steps when s has looked at its
// context for the first time, which a cache does between its look into memory
// and joining a load.
func (s Step) MayPause() Step {
	s.pauses = true
	return s
}

// operation is a step that a client has begun.
type operation struct {
	Step
	client int
	ctx    context.Context
	cancel context.CancelFunc

	resume chan struct{} // ends the pause; nil if there is none now
	calls  []*call       // of writes that reached the backend
	struck bool          // a call that it waits for has failed
	call   int64
	ret    int64 // 0 while it runs
	err    error
	panics any
	events []event // what it has learnt of the keys, without a time
	wrote  []event // what it does to the keys if it takes effect

	conflicted bool // it took effect and changed nothing
}

type operationKey struct{}

func operationOf(ctx context.Context) *operation {
	o, _ := ctx.Value(operationKey{}).(*operation)
	return o
}

func (o *operation) running() bool { return o.ret == 0 }

func (o *operation) prefix() string {
	if o.view == "" {
		return ""
	}
	return o.view + ":"
}

func (o *operation) wire(key string) string { return o.prefix() + key }

// read notes the answer of a read of one key.
func (o *operation) read(key, value string, err error) error {
	if err == nil || errors.Is(err, storage.ErrNotFound) {
		o.events = append(o.events, event{kind: reads, key: o.wire(key), value: value})
		return nil
	}
	return err
}

// readMany notes the answer of a batch. What is missing after an error is not
// known to be absent.
func (o *operation) readMany(keys []string, values map[string]string, err error) error {
	for _, key := range keys {
		if value, ok := values[key]; ok || err == nil {
			o.events = append(o.events, event{kind: reads, key: o.wire(key), value: value})
		}
	}
	return err
}

func (o *operation) writes(key, value string) {
	o.wrote = append(o.wrote, event{kind: writes, key: o.wire(key), value: value})
}

// Get reads a key.
func Get(key string) Step {
	return Step{name: "Get " + key, keys: []string{key}, loads: true, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		value, err := s.Get(ctx, key)
		return o.read(key, value, err)
	}}
}

// GetMany reads keys as a batch.
func GetMany(keys ...string) Step {
	return Step{name: "GetMany " + strings.Join(keys, ","), keys: keys, loads: true, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		values, err := storage.GetMany(ctx, s, keys)
		return o.readMany(keys, values, err)
	}}
}

// Has asks for the presence of a key.
func Has(key string) Step {
	return Step{name: "Has " + key, keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		switch has, err := storage.Has(ctx, s, key); {
		case err != nil:
			return err
		case has:
			o.events = append(o.events, event{kind: exists, key: o.wire(key)})
		default:
			o.events = append(o.events, event{kind: reads, key: o.wire(key)})
		}
		return nil
	}}
}

// GetEntry reads a key from the backend.
func GetEntry(key string) Step {
	return Step{name: "GetEntry " + key, keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		entry, err := storage.GetEntry(ctx, s, key)
		return o.read(key, entry.Value, err)
	}}
}

// GetEntries reads keys from the backend as a batch.
func GetEntries(keys ...string) Step {
	return Step{name: "GetEntries " + strings.Join(keys, ","), keys: keys, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		entries, err := storage.GetEntries(ctx, s, keys)
		values := make(map[string]string)
		for key, entry := range entries {
			values[key] = entry.Value
		}
		return o.readMany(keys, values, err)
	}}
}

// Keys lists the keys that begin with prefix, of which there are no others than
// keys.
func Keys(prefix string, keys ...string) Step {
	return Step{name: "Keys " + prefix, keys: keys, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		listed := make(map[string]bool)
		for key, err := range storage.Keys(ctx, s, prefix) {
			if err != nil {
				return err
			}
			listed[key] = true
		}
		for _, key := range keys {
			e := event{kind: exists, key: o.wire(key)}
			if !listed[key] {
				// It was absent at some time. When, nobody promises: a cache
				// may still tell a value that others have removed.
				e.kind, e.ret = reads, forever
			}
			o.events = append(o.events, e)
		}
		return nil
	}}
}

// Set writes a key.
func Set(key, value string) Step { return SetFor(key, value, storage.NoExpiry) }

// SetFor writes a key with a ttl.
func SetFor(key, value string, ttl time.Duration) Step {
	return Step{name: fmt.Sprintf("Set %s=%s", key, value), keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		o.writes(key, value)
		return s.Set(ctx, key, value, ttl)
	}}
}

// SetMany writes the same value to keys as a batch.
func SetMany(value string, keys ...string) Step {
	return Step{name: fmt.Sprintf("SetMany %s=%s", strings.Join(keys, ","), value), keys: keys, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		values := make(map[string]string)
		for _, key := range keys {
			values[key] = value
			o.writes(key, value)
		}
		return storage.SetMany(ctx, s, values, storage.NoExpiry)
	}}
}

// Delete removes a key.
func Delete(key string) Step {
	return Step{name: "Delete " + key, keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		o.writes(key, "")
		return s.Delete(ctx, key)
	}}
}

// Forget deletes a key whose value comes from the source, so that no reader
// can tell.
func Forget(key string) Step {
	return Step{name: "Delete " + key, keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], _ *operation) error {
		return s.Delete(ctx, key)
	}}
}

// DeleteMany removes keys as a batch.
func DeleteMany(keys ...string) Step {
	return Step{name: "DeleteMany " + strings.Join(keys, ","), keys: keys, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		for _, key := range keys {
			o.writes(key, "")
		}
		return storage.DeleteMany(ctx, s, keys)
	}}
}

// DeletePrefix removes what begins with prefix, which are the given keys.
func DeletePrefix(prefix string, keys ...string) Step {
	return Step{name: "DeletePrefix " + prefix, keys: keys, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		for _, key := range keys {
			o.writes(key, "")
		}
		return storage.DeletePrefix(ctx, s, prefix)
	}}
}

// Swap writes a key if it has the value old.
func Swap(key, old, value string) Step {
	return Step{name: fmt.Sprintf("CompareAndSwap %s %s=%s", key, old, value), keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		swapped := event{kind: swaps, key: o.wire(key), value: value, old: old}
		o.wrote = append(o.wrote, swapped)
		was := version(old)
		if old == "" {
			was = ""
		}
		_, err := storage.CompareAndSwap(ctx, s, key, was, value, storage.NoExpiry)
		if errors.Is(err, storage.ErrConflict) {
			o.wrote = nil
			swapped.kind = keepsOff
			o.events = append(o.events, swapped)
			return nil
		}
		return err
	}}
}

// Take reads and removes a key.
func Take(key string) Step {
	return Step{name: "Take " + key, keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		o.writes(key, "")
		value, err := storage.Take(ctx, s, key)
		if err == nil || errors.Is(err, storage.ErrNotFound) {
			o.wrote = nil
			o.events = append(o.events, event{kind: takes, key: o.wire(key), value: value})
			return nil
		}
		return err
	}}
}

// Touch gives a key a new ttl.
func Touch(key string, ttl time.Duration) Step {
	return Step{name: fmt.Sprintf("Touch %s for %v", key, ttl), keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		switch err := storage.Touch(ctx, s, key, ttl); {
		case err == nil:
			o.events = append(o.events, event{kind: exists, key: o.wire(key)})
		case errors.Is(err, storage.ErrNotFound):
			o.events = append(o.events, event{kind: reads, key: o.wire(key)})
		default:
			return err
		}
		return nil
	}}
}

// Purge drops what a cache holds.
func Purge() Step {
	return Step{name: "Purge", run: func(_ context.Context, s storage.Store[string], _ *operation) error {
		s.(interface{ Purge() }).Purge()
		return nil
	}}
}

// Theirs is a write by another process, at once and past the stack.
func Theirs(key, value string) Step {
	return Step{name: fmt.Sprintf("another process sets %s=%s", key, value), keys: []string{key}, run: func(ctx context.Context, _ storage.Store[string], o *operation) error {
		w := o.ctx.Value(worldKey{}).(*world)
		w.mu.Lock()
		defer w.mu.Unlock()
		if value == "" {
			delete(w.items, key)
		} else {
			w.put(key, value, storage.NoExpiry, nil)
		}
		// A cache may serve what was there before for a while, but not again
		// after it has served this.
		w.extra = append(w.extra, event{kind: writes, key: key, value: value, call: 2 * w.step, ret: forever})
		return nil
	}}
}

// sourceName is the name of the calls that GetOrLoad's function makes.
const sourceName = "source"

// GetOrLoad reads a key, or makes its value from the source.
func GetOrLoad(key string) Step {
	return Step{name: "GetOrLoad " + key, keys: []string{key}, loads: true, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		w := o.ctx.Value(worldKey{}).(*world)
		value, err := cache.GetOrLoad(ctx, s, key, storage.NoExpiry, func(ctx context.Context) (made string, err error) {
			err = w.pass(ctx, sourceName, false, []string{o.wire(key)}, func() { made = w.source[o.wire(key)] })
			return made, err
		})
		return o.read(key, value, err)
	}}
}

// Change changes the source of a key and then deletes the key.
func Change(key, value string) Step {
	return Step{name: fmt.Sprintf("change the source of %s to %s, Delete", key, value), keys: []string{key}, run: func(ctx context.Context, s storage.Store[string], o *operation) error {
		w := o.ctx.Value(worldKey{}).(*world)
		w.mu.Lock()
		w.source[o.wire(key)] = value
		w.mu.Unlock()
		o.events = append(o.events, event{kind: writes, key: o.wire(key), value: value})
		return s.Delete(ctx, key)
	}}
}

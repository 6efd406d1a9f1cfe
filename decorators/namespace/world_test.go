package namespace_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// world is all that a run of FuzzIsolation has.
type world struct {
	*testing.T
	raw   *memstore.Store[[]byte]
	below int // which store the namespaces are over
	keys  []string
	count int
	now   content // of raw
}

// value returns a value that nobody else has.
func (w *world) value() []byte {
	w.count++
	return fmt.Append(nil, w.count)
}

// set stores a value at the base.
func (w *world) set(key string) {
	w.Helper()
	if key != "" {
		must(w, w.raw.Set(ctx, key, w.value(), storage.NoExpiry))
	}
}

// fill stores a value under each key in p.
func (w *world) fill(p place) {
	w.Helper()
	for _, key := range w.keys {
		if key == "" {
			continue
		}
		value := w.value()
		must(w, p.store.Set(ctx, key, value, storage.NoExpiry))
		if got, err := w.raw.Get(ctx, p.prefix+key); string(got) != string(value) {
			w.Fatalf("Set of %q in %q: under the joined key there is %q, %v", key, p.prefix, got, err)
		}
	}
}

// all returns the content of the raw store.
func (w *world) all() content {
	all := make(content, len(w.now))
	for key, err := range w.raw.Keys(ctx, "") {
		entry, errGet := w.raw.GetEntry(ctx, key)
		if err != nil || errGet != nil {
			w.Fatal(err, errGet)
		}
		all[key] = entry
	}
	return all
}

func equal(a, b storage.Entry[[]byte]) bool {
	return string(a.Value) == string(b.Value) && a.Version == b.Version && a.Expires.Equal(b.Expires)
}

// parentSees checks that p has what is in child, under child's prefix.
func (w *world) parentSees(p place, prefix string, child place) {
	w.Helper()
	for key, entry := range w.all().in(child) {
		if value, err := p.store.Get(ctx, prefix+key); string(value) != string(entry.Value) || err != nil {
			w.Fatalf("in %q under %q: %q, %v, want the child's %q", p.prefix, prefix+key, value, err, entry.Value)
		}
	}
}

// do performs an operation in p and checks its result, that what is inside
// changed as it should, and that nothing outside did.
func (w *world) do(p place, op, at, at2 byte) {
	w.Helper()
	key, key2 := w.keys[int(at)%len(w.keys)], w.keys[int(at2)%len(w.keys)]
	before := w.now
	c := &call{world: w, s: p.store, before: before.in(p), want: before.in(p), key: key, key2: key2}
	step := steps[int(op)%len(steps)]
	c.name = fmt.Sprintf("%v(%q, %q) in %q", step.op, key, key2, p.prefix)
	err := step.do(c)
	switch {
	case step.power && w.below == threeMethods:
		c.want = c.before
		if !errors.Is(err, errors.ErrUnsupported) && !(c.invalid() && errors.Is(err, storage.ErrInvalidKey)) {
			w.Fatalf("%s: %v, want errors.ErrUnsupported", c.name, err)
		}
	case c.invalid():
		c.want = c.before
		if !errors.Is(err, storage.ErrInvalidKey) {
			w.Fatalf("%s: %v, want ErrInvalidKey", c.name, err)
		}
	default:
		if !errors.Is(err, c.wantErr) {
			w.Fatalf("%s: %v, want %v", c.name, err, c.wantErr)
		}
		for _, fault := range c.faults {
			w.Fatalf("%s: %s", c.name, fault)
		}
	}

	w.now = w.all()
	after := maps.Clone(w.now)
	for raw, entry := range before {
		if p.has(raw) {
			continue
		}
		got, ok := after[raw]
		if raw == p.prefix && step.op == storage.OpDeletePrefix && key == "" && w.below == noScoper {
			// The store below removes what begins with the prefix, and that
			// is the parent's key which is the prefix itself, too.
			after[raw], got, ok = entry, entry, true
		}
		if !ok || !equal(got, entry) {
			w.Fatalf("%s: outside, %q was %v and is %v (there: %v)", c.name, raw, entry, got, ok)
		}
	}
	inside := after.in(p)
	for key, want := range c.want {
		got, ok := inside[key]
		if !ok || string(got.Value) != string(want.Value) || got.Expires.IsZero() != want.Expires.IsZero() {
			w.Fatalf("%s: inside, %q is %v, want %v (there: %v)", c.name, key, got, want, ok)
		}
		delete(inside, key)
		delete(after, p.prefix+key)
	}
	for key := range inside {
		w.Fatalf("%s: inside there is %q, want none", c.name, key)
	}
	for raw := range after {
		if _, ok := before[raw]; !ok {
			w.Fatalf("%s: outside there is %q, which was not there", c.name, raw)
		}
	}
}

// call is an operation in a namespace: what was there before and what it
// should come to.
type call struct {
	*world
	name         string
	s            storage.ByteStore
	key, key2    string
	batch        []string
	before, want content
	wantErr      error
	faults       []string
}

// keysOf makes the keys of the call a batch.
func (c *call) keysOf() []string {
	c.batch = []string{c.key, c.key2, c.key}
	return slices.Clone(c.batch)
}

// invalid reports whether the call has an empty key.
func (c *call) invalid() bool {
	return slices.Contains(c.batch, "") || c.batch == nil && c.key == ""
}

// mustHave says that the call fails if its key has no value.
func (c *call) mustHave() {
	if _, ok := c.before[c.key]; !ok {
		c.wantErr = storage.ErrNotFound
	}
}

// got checks a value that was read.
func (c *call) got(key string, value []byte, ok bool) {
	want, there := c.before[key]
	if ok != there || string(value) != string(want.Value) {
		c.faults = append(c.faults, fmt.Sprintf("%q is %q (there: %v), want %q (there: %v)", key, value, ok, want.Value, there))
	}
}

// onlyAsked checks that a batch was answered with none but its own keys.
func (c *call) onlyAsked(keys []string) {
	for _, key := range keys {
		if !slices.Contains(c.batch, key) {
			c.faults = append(c.faults, fmt.Sprintf("there is an answer for %q", key))
		}
	}
}

func (c *call) put(key string, value []byte, ttl time.Duration) {
	entry := storage.Entry[[]byte]{Value: value}
	if ttl > 0 {
		entry.Expires = time.Now().Add(ttl)
	}
	c.want[key] = entry
}

func (c *call) listed(prefix string, err error, keys []string) error {
	slices.Sort(keys)
	if want := c.before.under(prefix); err == nil && !slices.Equal(keys, want) {
		c.faults = append(c.faults, fmt.Sprintf("listed %q, want %q", keys, want))
	}
	c.batch = []string{"no key"}
	return err
}

// cut is a prefix of key, for what takes a prefix.
func cut(key, like string) string {
	return strings.ToValidUTF8(key[:min(len(key), len(like)/2)], "")
}

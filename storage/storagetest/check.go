package storagetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// A law is one case: a promise, and the function that finds it broken.
type law[V any] struct {
	number int
	name   string
	why    string       // the promise, and why a caller needs it
	needs  []storage.Op // the case is left out if one of them does not work
	run    func(*check[V])
}

func (l law[V]) path() string { return fmt.Sprintf("law%d/%s", l.number, l.name) }

// lockers are the cases in which a broken store leaves a lock locked. In a
// bubble that would stop the clock, and with it the patience of the case.
var lockers = []string{"law5/keys-loop", "law5/keys-are-streamed", "law7/panics-come-out"}

// bubble reports whether l runs in a bubble.
func (l law[V]) bubble(opts Options) bool { return opts.Bubble && !slices.Contains(lockers, l.path()) }

// check is one run of a law. What it reports ends with the law.
type check[V any] struct {
	testing.TB
	open       func(testing.TB) storage.Store[V]
	openOutage func(testing.TB) (storage.Store[V], Outage)
	value      func(i int) V
	opts       Options
	law        law[V]
	errors     atomic.Int32
}

// manyErrors is how many failures of a case are worth reading.
const manyErrors = 8

// run runs laws as subtests of t: those of one number at the same time.
func run[V any](t *testing.T, laws []law[V], opts Options, begin func(testing.TB) *check[V]) {
	t.Helper()
	for name := range opts.Skip {
		if !slices.ContainsFunc(laws, func(l law[V]) bool { return l.path() == name }) {
			t.Errorf("Options.Skip: there is no case %q", name)
		}
	}
	for _, group := range groups(laws) {
		t.Run(fmt.Sprintf("law%d", group[0].number), func(t *testing.T) {
			for _, l := range group {
				if !begin(t).worksAll(l.needs) {
					continue
				}
				t.Run(l.name, func(t *testing.T) {
					if reason, ok := opts.Skip[l.path()]; ok {
						t.Skip(reason)
					}
					t.Parallel()
					one := func(t *testing.T) {
						c := begin(t)
						c.law = l
						l.run(c)
					}
					if l.bubble(opts) {
						synctest.Test(t, one)
					} else {
						one(t)
					}
				})
			}
		})
	}
}

// groups splits laws where the number changes.
func groups[V any](laws []law[V]) (all [][]law[V]) {
	for i, l := range laws {
		if i == 0 || l.number != laws[i-1].number {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], l)
	}
	return all
}

// Errorf reports a broken law: the first failures of a case, with the promise
// next to the first.
func (c *check[V]) Errorf(format string, args ...any) {
	c.TB.Helper()
	switch n := c.errors.Add(1); {
	case n <= manyErrors:
		c.TB.Errorf("%s%s", fmt.Sprintf(format, args...), c.explain(n))
	case n == manyErrors+1:
		c.TB.Errorf("and more")
	}
}

// Fatalf reports a broken law and ends the case.
func (c *check[V]) Fatalf(format string, args ...any) {
	c.TB.Helper()
	c.TB.Fatalf("%s%s", fmt.Sprintf(format, args...), c.explain(c.errors.Add(1)))
}

func (c *check[V]) explain(n int32) string {
	if n > 1 {
		return ""
	}
	return fmt.Sprintf("\n\tbroken: law %d, %s: %s", c.law.number, c.law.name, c.law.why)
}

// must ends the case if what prepares it failed.
func (c *check[V]) must(what string, err error) {
	c.TB.Helper()
	if err != nil {
		c.Fatalf("%s: %v", what, err)
	}
}

func (c *check[V]) new() storage.Store[V] { return c.open(c.TB) }

// native reports whether op was declared.
func (c *check[V]) native(op storage.Op) bool {
	switch op {
	case storage.OpGet, storage.OpSet, storage.OpDelete:
		return true
	}
	return slices.Contains(c.opts.Native, op)
}

// works reports whether a call of op is served, natively or not.
func (c *check[V]) works(op storage.Op) bool {
	if op == storage.OpGetEntries && c.native(storage.OpGetEntry) {
		return true
	}
	return c.native(op) || !slices.Contains(AllPowers, op)
}

func (c *check[V]) worksAll(ops []storage.Op) bool {
	return !slices.ContainsFunc(ops, func(op storage.Op) bool { return !c.works(op) })
}

func (c *check[V]) equal(a, b V) bool {
	if c.opts.Equal != nil {
		return c.opts.Equal(a, b)
	}
	if reflect.DeepEqual(a, b) {
		return true
	}
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	switch va.Kind() {
	case reflect.Slice, reflect.Map:
		return vb.Kind() == va.Kind() && va.Len() == 0 && vb.Len() == 0
	}
	return false
}

func (c *check[V]) granularity() time.Duration {
	return max(c.opts.Granularity, time.Millisecond)
}

// patience is how long a case waits for what must happen some time.
func (c *check[V]) patience() time.Duration {
	if c.opts.patience > 0 {
		return c.opts.patience
	}
	return 10 * time.Second
}

// short is a ttl that a case waits for.
func (c *check[V]) short() time.Duration { return 20 * c.granularity() }

// set stores a value, to prepare a case.
func (c *check[V]) set(s storage.Store[V], key string, value V, ttl time.Duration) {
	c.TB.Helper()
	c.must("Set", s.Set(c.Context(), key, value, ttl))
}

// wantValue checks that every way to read key finds want.
func (c *check[V]) wantValue(s storage.Store[V], key string, want V, when string) {
	c.TB.Helper()
	for _, r := range c.reads() {
		switch found, value, err := r.do(c.Context(), s, key); {
		case err != nil:
			c.Errorf("%s of %s, %s: %v", r.name, printable(key), when, err)
		case !found:
			c.Errorf("%s of %s, %s: found nothing, want the value", r.name, printable(key), when)
		case r.valued && !c.equal(value, want):
			c.Errorf("%s of %s, %s: got %s, want %s", r.name, printable(key), when, show(value), show(want))
		}
	}
}

// wantAbsent checks that no way to read key finds anything.
func (c *check[V]) wantAbsent(s storage.Store[V], key, when string) {
	c.TB.Helper()
	for _, r := range c.reads() {
		switch found, value, err := r.do(c.Context(), s, key); {
		case err != nil:
			c.Errorf("%s of %s, %s: %v, want a miss", r.name, printable(key), when, err)
		case found && r.valued:
			c.Errorf("%s of %s, %s: got %s, want a miss", r.name, printable(key), when, show(value))
		case found:
			c.Errorf("%s of %s, %s: found it, want a miss", r.name, printable(key), when)
		}
	}
}

// printable shows a key, or as much of it as is helpful.
func printable(key string) string {
	if len(key) > 40 {
		return fmt.Sprintf("%q and %d bytes more", key[:40], len(key)-40)
	}
	return fmt.Sprintf("%q", key)
}

func show(value any) string {
	text := fmt.Sprintf("%v", value)
	switch value.(type) {
	case []byte, string:
		text = fmt.Sprintf("%q", value)
	}
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

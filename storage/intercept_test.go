package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
)

// pass is an interceptor that does nothing.
var pass = storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
	return next(ctx)
})

// watch calls see after each operation.
func watch(see func(call *storage.Call, err error)) storage.Interceptor {
	return storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		err := next(ctx)
		see(call, err)
		return err
	})
}

func TestInterceptOrder(t *testing.T) {
	var log []string
	named := func(name string) storage.Interceptor {
		return storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			log = append(log, "enter "+name)
			defer func() { log = append(log, "leave "+name) }()
			return next(ctx)
		})
	}
	s := storage.Intercept[string](newThree(), named("a"), named("b"))
	s = storage.Intercept(s, named("outermost"))
	if err := s.Set(t.Context(), "k", "v", 0); err != nil {
		t.Fatal(err)
	}
	want := []string{"enter outermost", "enter a", "enter b", "leave b", "leave a", "leave outermost"}
	if !slices.Equal(log, want) {
		t.Errorf("got %q, want %q", log, want)
	}
	inner := newThree()
	if got := storage.Intercept[string](inner); got != storage.Store[string](inner) {
		t.Error("no interceptor makes another store")
	}
}

func TestInterceptSeesCalls(t *testing.T) {
	var got storage.Call
	s := storage.Intercept[string](newSpy(), watch(func(call *storage.Call, _ error) {
		got = *call
		got.Keys = slices.Sorted(slices.Values(call.Keys))
	}))
	want := map[storage.Op]storage.Call{
		storage.OpGet:            {Key: "k", Size: 1, Hits: 1},
		storage.OpSet:            {Key: "k", TTL: time.Minute, Size: 1},
		storage.OpDelete:         {Key: "k"},
		storage.OpHas:            {Key: "k", Hits: 1},
		storage.OpGetMany:        {Keys: []string{"a", "b"}, Size: 20, Hits: 2},
		storage.OpSetMany:        {Keys: []string{"a", "b"}, TTL: time.Minute, Size: 2},
		storage.OpDeleteMany:     {Keys: []string{"a", "b"}},
		storage.OpGetEntry:       {Key: "k", Size: 10, Hits: 1},
		storage.OpGetEntries:     {Keys: []string{"a"}, Size: 10, Hits: 1},
		storage.OpCompareAndSwap: {Key: "k", TTL: time.Minute, Size: 1},
		storage.OpTake:           {Key: "k", Size: 10, Hits: 1},
		storage.OpTouch:          {Key: "k", TTL: time.Minute},
		storage.OpKeys:           {Key: "k", Hits: 3},
		storage.OpDeletePrefix:   {Key: "k"},
		storage.OpPing:           {},
	}
	if err := s.Set(t.Context(), "k", "v", 0); err != nil {
		t.Fatal(err)
	}
	for _, o := range operations {
		got = storage.Call{}
		if o.op == storage.OpGet {
			_ = s.Set(t.Context(), "k", "v", 0)
		}
		if _, err := o.call(t.Context(), s); err != nil {
			t.Errorf("%v: %v", o.op, err)
		}
		expect := want[o.op]
		expect.Op = o.op
		if len(got.Keys) == 0 {
			got.Keys = nil
		}
		if !reflect.DeepEqual(got, expect) {
			t.Errorf("%v: the interceptor saw %+v, want %+v", o.op, got, expect)
		}
	}
}

func TestInterceptHitsAndSizeOfMisses(t *testing.T) {
	ctx := t.Context()
	var got storage.Call
	record := watch(func(call *storage.Call, _ error) { got = *call })
	s := storage.Intercept[[]byte](memstore.New[[]byte](), record)
	if err := s.Set(ctx, "k", []byte("four"), 0); err != nil || got.Size != 4 {
		t.Errorf("Set: size %d, %v", got.Size, err)
	}
	if _, err := s.Get(ctx, "absent"); !errors.Is(err, storage.ErrNotFound) || got.Hits != 0 || got.Size != 0 {
		t.Errorf("Get of an absent key: %+v, %v", got, err)
	}
	if _, err := storage.Has(ctx, s, "absent"); err != nil || got.Hits != 0 {
		t.Errorf("Has of an absent key: %+v, %v", got, err)
	}
	if _, err := storage.GetMany(ctx, s, []string{"k", "absent"}); err != nil || got.Hits != 1 || got.Size != 4 {
		t.Errorf("GetMany of one present key: %+v, %v", got, err)
	}
	numbers := storage.Intercept[int](memstore.New[int](), record)
	if err := numbers.Set(ctx, "k", 7, 0); err != nil || got.Size != 0 {
		t.Errorf("Set of a number: size %d, %v", got.Size, err)
	}
}

func TestInterceptTTL(t *testing.T) {
	inner := newSpy()
	half := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		call.TTL /= 2
		call.Key, call.Keys, call.Op = "forged", []string{"forged"}, storage.OpDelete
		return next(ctx)
	})
	s := storage.Intercept[string](inner, half, half)
	for _, o := range operations {
		if _, err := o.call(t.Context(), s); err != nil && o.op != storage.OpGet {
			t.Errorf("%v: %v", o.op, err)
		}
		want := strings.ReplaceAll(o.native, "1m0s", "15s")
		if calls := inner.calls(); calls != want {
			t.Errorf("%v: the store was asked %q, want %q: the ttl changes, and nothing else", o.op, calls, want)
		}
	}
}

func TestInterceptScope(t *testing.T) {
	var above, below storage.Scope
	see := func(scope *storage.Scope) storage.Interceptor {
		return watch(func(call *storage.Call, _ error) { *scope = call.Scope })
	}
	a, b := storage.Scope{Prefix: "a:", Name: "a"}, storage.Scope{Prefix: "b:", Name: "b"}
	inner := storage.In(storage.Intercept[string](memstore.New[string](), see(&below)), a)
	s := storage.In(storage.Intercept(inner, see(&above)), b)
	if err := s.Set(t.Context(), "k", "v", 0); err != nil {
		t.Fatal(err)
	}
	if above != b || below != a.Join(b) {
		t.Errorf("the scopes are %v and %v, want what was scoped above each: %v and %v", above, below, b, a.Join(b))
	}
	// The base has none, also after its views were used.
	base := storage.Intercept[string](memstore.New[string](), see(&above))
	view := storage.In(base, a)
	for range 3 {
		_ = view.Set(t.Context(), "k", "v", 0)
		_ = base.Set(t.Context(), "k", "v", 0)
		if above != (storage.Scope{}) {
			t.Errorf("the scope of the base is %v", above)
		}
	}
}

func TestInterceptRefuses(t *testing.T) {
	inner := newSpy()
	s := storage.Intercept[string](inner, storage.InterceptorFunc(func(context.Context, *storage.Call, func(context.Context) error) error {
		return errBoom
	}))
	for _, o := range operations {
		if _, err := o.call(t.Context(), s); !errors.Is(err, errBoom) {
			t.Errorf("%v: %v, want the interceptor's error", o.op, err)
		}
	}
	if calls := inner.calls(); calls != "" {
		t.Errorf("the store was asked %q", calls)
	}
	if value, err := s.Get(t.Context(), "k"); value != "" || !errors.Is(err, errBoom) {
		t.Errorf("Get: %q, %v", value, err)
	}
}

// An interceptor may fail what has succeeded, a write with an unknown outcome;
// then no value comes out.
func TestInterceptFailsAfterSuccess(t *testing.T) {
	inner := newSpy()
	inner.values["k"] = "v"
	s := storage.Intercept[string](inner, storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
		return errors.Join(next(ctx), errBoom, storage.ErrUnknownOutcome)
	}))
	for _, o := range operations {
		got, err := o.call(t.Context(), s)
		if !errors.Is(err, errBoom) {
			t.Errorf("%v: error %v", o.op, err)
		}
		if keys, ok := got.([]string); ok && len(keys) == 3 {
			continue // came before the error
		}
		if got != nil && !reflect.ValueOf(got).IsZero() {
			t.Errorf("%v: got %v with an error", o.op, got)
		}
	}
}

func TestInterceptRetries(t *testing.T) {
	for _, o := range operations {
		inner := newSpy()
		inner.values["k"] = "v"
		inner.err = errBoom
		tries := 0
		var size, hits [4]int // after each try
		retry := storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			for {
				if tries++; tries == 3 {
					inner.err = nil
				}
				err := next(ctx)
				size[tries], hits[tries] = call.Size, call.Hits
				if err == nil || tries == 3 {
					return err
				}
			}
		})
		s := storage.Intercept[string](inner, retry)
		got, err := o.call(t.Context(), s)
		if o.op == storage.OpKeys { // what was yielded before a failure comes again
			if len(got.([]string)) != 9 {
				t.Errorf("keys: got %v", got)
			}
			got = o.result
		}
		if err != nil || tries != 3 || !reflect.DeepEqual(got, o.result) {
			t.Errorf("%v: got %v, %v after %d tries, want %v after 3", o.op, got, err, tries, o.result)
		}
		if o.op.Batch() && size[3] != size[1] || o.op == storage.OpKeys && hits[3] != hits[1] {
			t.Errorf("%v: Size is %v and Hits is %v after the tries, want those of the last", o.op, size[1:], hits[1:])
		}
		if calls := inner.calls(); calls != strings.Join([]string{o.native, o.native, o.native}, "; ") {
			t.Errorf("%v: the store was asked %q", o.op, calls)
		}
	}
}

type contextKey struct{}

func TestInterceptPassesContext(t *testing.T) {
	seen := false
	s := storage.Intercept[string](newThree(),
		storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			return next(context.WithValue(ctx, contextKey{}, fmt.Sprint(ctx.Value(contextKey{}), " and more")))
		}),
		storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			seen = ctx.Value(contextKey{}) == "some and more"
			return next(ctx)
		}))
	if err := s.Set(context.WithValue(t.Context(), contextKey{}, "some"), "k", "v", 0); err != nil || !seen {
		t.Errorf("%v, or the context was lost", err)
	}
}

// closer is an interceptor that notes its Close.
type closer struct {
	storage.Interceptor
	log  *[]string
	name string
	err  error
}

func (c closer) Close() error {
	*c.log = append(*c.log, c.name)
	return c.err
}

func TestInterceptClose(t *testing.T) {
	var log []string
	inner := newSpy()
	s := storage.Intercept[string](inner, closer{pass, &log, "a", errBoom}, pass, closer{pass, &log, "b", io.ErrClosedPipe})
	view := storage.In(s, storage.Scope{Prefix: "v:"})
	if err := storage.Close(view); err != nil || len(log) != 0 {
		t.Errorf("Close of a view: %v, closed %q", err, log)
	}
	if err := storage.Close(s); !errors.Is(err, errBoom) {
		t.Errorf("Close: %v, want the first error", err)
	}
	if !slices.Equal(log, []string{"a", "b"}) {
		t.Errorf("closed %q, want each interceptor once, the outermost first", log)
	}
	inner.calls()
	outer := storage.Intercept(s, pass)
	if err := storage.Close(outer); err != nil || len(log) != 2 {
		t.Errorf("Close of a store above: %v, closed %q", err, log)
	}
}

func TestInterceptMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"a nil store":       func() { storage.Intercept[string](nil, pass) },
		"a nil interceptor": func() { storage.Intercept[string](newThree(), pass, nil) },
	} {
		if got := recovered(f); got == nil {
			t.Errorf("Intercept of %s does not panic", name)
		}
	}
}

// recovered returns what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

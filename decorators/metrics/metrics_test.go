package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/metrics"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/internal/intercepttest"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

const bounds = " [0.0001 0.0005 0.001 0.005 0.01 0.05 0.1 0.5 1 5 10]"

func TestLaws(t *testing.T) {
	storagetest.TestStore(t, func(testing.TB) storage.ByteStore {
		return metrics.New(memstore.New[[]byte](), metrics.Options{MeterProvider: newRecorder()})
	}, storagetest.Options{Native: storagetest.AllOps, Granularity: time.Nanosecond, Bubble: true})
}

func TestDecorator(t *testing.T) {
	storagetest.TestDecorator(t, func(_ testing.TB, next storage.ByteStore) storage.ByteStore {
		return metrics.New(next, metrics.Options{MeterProvider: newRecorder()})
	}, storagetest.Options{Native: storagetest.AllOps, Bubble: true})
}

// failing is a store whose Get fails, or panics with the error.
type failing struct {
	storage.Store[string]
	err    error
	panics bool
	during func()
}

func (f failing) Get(context.Context, string) (string, error) {
	if f.during != nil {
		f.during()
	}
	if f.panics {
		panic(f.err)
	}
	return "", f.err
}

func TestOperations(t *testing.T) {
	for op := range intercepttest.Operations(failing{}) {
		t.Run(op.String(), func(t *testing.T) {
			provider := newRecorder()
			view := namespace.New(metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider}), "sessions")
			if err := view.Set(t.Context(), "k", "value", 0); err != nil {
				t.Fatal(err)
			}
			provider.taken()
			_ = intercepttest.Operations(view)[op](t.Context())
			want := map[string]float64{
				"tunica.operation.active tunica.namespace=sessions":                                        0,
				"tunica.operation.duration tunica.namespace=sessions,tunica.operation.name=" + op.String(): 1,
			}
			if got := provider.taken(); !maps.Equal(got, want) {
				t.Errorf("figures %v\nwant    %v", got, want)
			}
		})
	}
}

func TestLayer(t *testing.T) {
	provider := newRecorder()
	attributes := make([]attribute.KeyValue, 1, 8)
	attributes[0] = attribute.String("host", "one")
	store := metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider, Layer: "plugin", Attributes: attributes})
	attributes[0] = attribute.String("host", "changed")
	_, _ = store.Get(t.Context(), "k")
	want := map[string]float64{
		"tunica.operation.active host=one,tunica.layer=plugin":                             0,
		"tunica.operation.duration host=one,tunica.layer=plugin,tunica.operation.name=get": 1,
	}
	if got := provider.taken(); !maps.Equal(got, want) {
		t.Errorf("figures %v\nwant    %v", got, want)
	}
	units := map[string]string{"tunica.operation.active": "{operation}", "tunica.operation.duration": "s" + bounds}
	if !maps.Equal(provider.about, units) {
		t.Errorf("instruments %v\nwant        %v", provider.about, units)
	}
}

func TestEdge(t *testing.T) {
	provider := newRecorder()
	store := namespace.New(metrics.New(memstore.New[string](), metrics.Options{
		MeterProvider: provider, System: "redis",
		Attributes: []attribute.KeyValue{semconv.ServerAddress("redis.example")},
	}), "sessions")
	_, _ = storage.GetMany(t.Context(), store, []string{"a", "b"})
	const common = "db.collection.name=sessions,"
	want := map[string]float64{
		"tunica.operation.active db.system.name=redis,server.address=redis.example,tunica.namespace=sessions":                     0,
		"db.client.operation.duration " + common + "db.operation.name=get_many,db.system.name=redis,server.address=redis.example": 1,
	}
	if got := provider.taken(); !maps.Equal(got, want) {
		t.Errorf("figures %v\nwant    %v", got, want)
	}
	if got := provider.about["db.client.operation.duration"]; got != "s"+bounds {
		t.Errorf("the instrument is %q", got)
	}
}

func TestFailures(t *testing.T) {
	for _, row := range []struct {
		store failing
		word  string
	}{
		{failing{err: storage.ErrNotFound}, ""},
		{failing{err: context.Canceled}, ""},
		{failing{err: storage.ErrUnavailable}, "unavailable"},
		{failing{err: errors.Join(storage.ErrUnavailable, context.DeadlineExceeded)}, "timeout"},
		{failing{err: errors.New("secret-key")}, "_OTHER"},
		{failing{err: errors.New("secret-key"), panics: true}, "panic"},
	} {
		provider := newRecorder()
		store := metrics.New[string](row.store, metrics.Options{MeterProvider: provider})
		func() {
			defer func() {
				if row.store.panics && recover() != row.store.err {
					t.Error("the panic is another one")
				}
			}()
			if _, err := store.Get(t.Context(), "secret-key"); !errors.Is(err, row.store.err) {
				t.Errorf("the error became %v", err)
			}
		}()
		want := "tunica.operation.duration tunica.operation.name=get"
		if row.word != "" {
			want = "tunica.operation.duration error.type=" + row.word + ",tunica.operation.name=get"
		}
		got := provider.taken()
		if got[want] != 1 || got["tunica.operation.active "] != 0 || len(got) != 2 {
			t.Errorf("%v: figures %v, want %s", row.store.err, got, want)
		}
		for figure := range got {
			if strings.Contains(figure, "secret") {
				t.Errorf("a figure tells a key: %s", figure)
			}
		}
	}
}

func TestActive(t *testing.T) {
	provider := newRecorder()
	var during map[string]float64
	store := metrics.New[string](failing{during: func() { during = provider.taken() }}, metrics.Options{MeterProvider: provider})
	_, _ = store.Get(t.Context(), "k")
	if want := map[string]float64{"tunica.operation.active ": 1}; !maps.Equal(during, want) {
		t.Errorf("during an operation: %v, want %v", during, want)
	}
	if got := provider.taken()["tunica.operation.active "]; got != -1 {
		t.Errorf("after it: %v", got)
	}
}

func TestOff(t *testing.T) {
	store := storage.Store[string](memstore.New[string]())
	if metrics.New(store, metrics.Options{MeterProvider: noop.NewMeterProvider()}) != store {
		t.Error("a provider that is off leaves a layer")
	}
	provider := newRecorder()
	provider.off = true
	store = metrics.New(store, metrics.Options{MeterProvider: provider})
	_, _ = store.Get(t.Context(), "k")
	if got := provider.taken(); len(got) != 0 {
		t.Errorf("instruments that are not enabled have %v", got)
	}
}

// To prepare the figures of another namespace costs the same however many there
// are.
func TestManyNamespaces(t *testing.T) {
	base := metrics.New[string](failing{}, metrics.Options{MeterProvider: silent{}})
	made := 0
	more := func(n int) (bytes uint64) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range n {
			made++
			_, _ = namespace.New(base, fmt.Sprint("plugin", made)).Get(t.Context(), "k")
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	first := more(1000)
	more(3000)
	if later := more(1000); later > 2*first {
		t.Errorf("1000 namespaces took %d bytes, and after 4000 others %d", first, later)
	}
}

// One that the global provider makes works from when that is set.
func TestGlobalProvider(t *testing.T) {
	before := metrics.New[string](failing{}, metrics.Options{})
	_, _ = before.Get(t.Context(), "k")
	provider := newRecorder()
	otel.SetMeterProvider(provider)
	for name, store := range map[string]storage.Store[string]{
		"made before it is set": before,
		"made after":            metrics.New[string](failing{}, metrics.Options{}),
	} {
		_, _ = store.Get(t.Context(), "k")
		if n := provider.taken()["tunica.operation.duration tunica.operation.name=get"]; n != 1 {
			t.Errorf("%s: %v operations", name, n)
		}
	}
}

func TestNilStorePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New of a nil store does not panic")
		}
	}()
	metrics.New[string](nil, metrics.Options{MeterProvider: noop.NewMeterProvider()})
}

// A provider that makes no instruments is reported, and the store serves.
func TestBrokenProvider(t *testing.T) {
	defer otel.SetErrorHandler(otel.GetErrorHandler())
	var reported []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { reported = append(reported, err) }))
	provider := newRecorder()
	provider.broken = errors.New("no instruments")
	for _, opts := range []metrics.Options{{MeterProvider: provider}, {MeterProvider: provider, System: "redis"}} {
		if err := metrics.New(memstore.New[string](), opts).Set(t.Context(), "k", "v", 0); err != nil {
			t.Error(err)
		}
	}
	if want := slices.Repeat([]error{provider.broken}, 4); !reflect.DeepEqual(reported, want) {
		t.Errorf("reported %v, want %v", reported, want)
	}
}

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	store := metrics.New[string](failing{}, metrics.Options{MeterProvider: silent{}, System: "redis"})
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _, _ = store.Get(ctx, "k") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestConcurrently(t *testing.T) {
	provider := newRecorder()
	base := metrics.New(memstore.New[string](), metrics.Options{MeterProvider: provider})
	const callers = 8
	done := make(chan struct{})
	for range callers {
		go func() {
			defer func() { done <- struct{}{} }()
			for _, name := range []string{"a", "b", "c"} {
				_, _ = namespace.New(base, name).Get(t.Context(), "k")
			}
		}()
	}
	for range callers {
		<-done
	}
	got := provider.taken()
	for _, name := range []string{"a", "b", "c"} {
		if n := got["tunica.operation.duration tunica.namespace="+name+",tunica.operation.name=get"]; n != callers {
			t.Errorf("%v operations of %s, want %d", n, name, callers)
		}
	}
}

package metrics

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/dbconv"

	"github.com/tunica-go/tunica/internal/outcome"
	"github.com/tunica-go/tunica/storage"
)

const scopeName = "github.com/tunica-go/tunica/decorators/metrics"

const (
	layerKey     = attribute.Key("tunica.layer")
	operationKey = attribute.Key("tunica.operation")
	namespaceKey = attribute.Key("tunica.namespace")
)

// buckets are the bounds that the semantic conventions advise for
// db.client.operation.duration, in seconds, with two more below: a server nearby
// answers faster than the least of those.
var buckets = []float64{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10}

// Options say where figures go and what they are. The zero value has the figures
// of a layer without a name, with the global provider.
type Options struct {
	// MeterProvider makes the instruments. nil is the global provider, which may
	// be set later. One of package noop turns them off: New returns the store as
	// it is.
	MeterProvider metric.MeterProvider

	// System is the db.system.name of the backend, such as "redis". Set it where
	// the interceptor stands right above an adapter of another process.
	System string

	// Layer names the place of the interceptor in the stack, such as "plugin", if
	// there are several above the edge. "" is no name.
	Layer string

	// Attributes are on every figure, such as semconv.ServerAddress.
	Attributes []attribute.KeyValue
}

// New returns next with its operations measured. It is
// storage.Intercept(next, Interceptor(opts)).
func New[V any](next storage.Store[V], opts Options) storage.Store[V] {
	if _, off := opts.MeterProvider.(noop.MeterProvider); off && next != nil {
		return next
	}
	return storage.Intercept(next, Interceptor(opts))
}

// Interceptor returns an interceptor that measures every call, for stores of any
// type. An instrument that the provider does not make is reported by
// [otel.Handle], and its figures are missing.
func Interceptor(opts Options) storage.Interceptor {
	m := &interceptor{
		operation: operationKey,
		namespace: namespaceKey,
		common:    slices.Clone(opts.Attributes),
	}
	meter := meterOf(opts.MeterProvider)
	m.active = made(meter.Int64UpDownCounter("tunica.operation.active",
		metric.WithUnit("{operation}"), metric.WithDescription("Operations that are under way.")))
	if opts.Layer != "" {
		m.common = append(m.common, layerKey.String(opts.Layer))
	}
	bounds := metric.WithExplicitBucketBoundaries(buckets...)
	if opts.System == "" {
		m.duration = made(meter.Float64Histogram("tunica.operation.duration",
			metric.WithUnit("s"), metric.WithDescription("Duration of operations of a layer."), bounds))
		return m
	}
	m.duration = made(dbconv.NewClientOperationDuration(meter, bounds)).Inst()
	m.operation, m.namespace = semconv.DBOperationNameKey, semconv.DBCollectionNameKey
	m.common = append(m.common, semconv.DBSystemNameKey.String(opts.System))
	return m
}

func meterOf(provider metric.MeterProvider) metric.Meter {
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	return provider.Meter(scopeName, metric.WithSchemaURL(semconv.SchemaURL))
}

// made returns an instrument, and reports why it is none.
func made[I any](instrument I, err error) I {
	if err != nil {
		otel.Handle(err)
	}
	return instrument
}

type interceptor struct {
	duration             metric.Float64Histogram
	active               metric.Int64UpDownCounter
	operation, namespace attribute.Key
	common               []attribute.KeyValue

	durations prepared[ending, metric.RecordOption]
	actives   prepared[string, metric.AddOption]
}

// ending is what figures of durations are told apart by.
type ending struct {
	op        storage.Op
	namespace string
	failure   string
}

func (m *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if !m.duration.Enabled(ctx) && !m.active.Enabled(ctx) {
		return next(ctx)
	}
	end := ending{call.Op, call.Scope.Name, outcome.Panic}
	active := m.actives.get(end.namespace, m.describeActive)
	m.active.Add(ctx, 1, active...)
	begun := time.Now()
	defer func() {
		m.duration.Record(ctx, time.Since(begun).Seconds(), m.durations.get(end, m.describe)...)
		m.active.Add(ctx, -1, active...)
	}()
	err := next(ctx)
	end.failure = outcome.Failure(err)
	return err
}

func (m *interceptor) describe(end ending) metric.RecordOption {
	attributes := append(m.in(end.namespace), m.operation.String(end.op.String()))
	if end.failure != "" {
		attributes = append(attributes, semconv.ErrorTypeKey.String(end.failure))
	}
	return metric.WithAttributeSet(attribute.NewSet(attributes...))
}

func (m *interceptor) describeActive(namespace string) metric.AddOption {
	return metric.WithAttributeSet(attribute.NewSet(m.in(namespace)...))
}

// in returns the attributes of all figures of a namespace.
func (m *interceptor) in(namespace string) []attribute.KeyValue {
	attributes := slices.Clone(m.common)
	if namespace != "" {
		attributes = append(attributes, m.namespace.String(namespace))
	}
	return attributes
}

// prepared are the options of figures, made once for each kind, so that to record
// one allocates nothing.
type prepared[K comparable, O any] struct {
	options atomic.Pointer[map[K][]O]
	adding  sync.Mutex
}

// get returns the options of figures of a kind, which are made by describe.
func (p *prepared[K, O]) get(kind K, describe func(K) O) []O {
	if known := p.options.Load(); known != nil {
		if options, ok := (*known)[kind]; ok {
			return options
		}
	}
	p.adding.Lock()
	defer p.adding.Unlock()
	more := make(map[K][]O)
	if known := p.options.Load(); known != nil {
		maps.Copy(more, *known)
	}
	more[kind] = []O{describe(kind)}
	p.options.Store(&more)
	return more[kind]
}

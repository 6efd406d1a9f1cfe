package metrics

import (
	"context"
	"slices"
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
	operationKey = attribute.Key("tunica.operation.name")
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

	// Attributes are on every figure. At the edge the conventions want
	// semconv.ServerAddress, semconv.ServerPort and semconv.DBNamespace, which is
	// the number of Redis' database, where they are known.
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
	m := new(interceptor)
	m.names = names{operationKey, namespaceKey}
	m.common = slices.Clone(opts.Attributes)
	if opts.Layer != "" {
		m.common = append(m.common, layerKey.String(opts.Layer))
	}
	if opts.System != "" {
		m.common = append(m.common, semconv.DBSystemNameKey.String(opts.System))
	}
	meter := meterOf(opts.MeterProvider)
	active, err := meter.Int64UpDownCounter("tunica.operation.active",
		metric.WithUnit("{operation}"), metric.WithDescription("Operations that are under way."))
	m.active = made[metric.Int64UpDownCounter](active, err, noop.Int64UpDownCounter{})

	bounds := metric.WithExplicitBucketBoundaries(buckets...)
	var duration metric.Float64Histogram
	if opts.System != "" {
		m.names = names{semconv.DBOperationNameKey, semconv.DBCollectionNameKey}
		var edge dbconv.ClientOperationDuration
		edge, err = dbconv.NewClientOperationDuration(meter, bounds)
		duration = edge.Inst()
	} else {
		duration, err = meter.Float64Histogram("tunica.operation.duration",
			metric.WithUnit("s"), metric.WithDescription("Duration of operations of a layer."), bounds)
	}
	m.duration = made[metric.Float64Histogram](duration, err, noop.Float64Histogram{})
	return m
}

func meterOf(provider metric.MeterProvider) metric.Meter {
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	return provider.Meter(scopeName, metric.WithSchemaURL(semconv.SchemaURL))
}

// made returns an instrument, or one that does nothing, and reports why.
func made[I any](instrument I, err error, nothing I) I {
	if err != nil {
		otel.Handle(err)
		return nothing
	}
	return instrument
}

type interceptor struct {
	duration metric.Float64Histogram
	active   metric.Int64UpDownCounter
	prepared
}

func (m *interceptor) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	if !m.duration.Enabled(ctx) && !m.active.Enabled(ctx) {
		return next(ctx)
	}
	in, end := m.in(call.Scope.Name), ending{call.Op, outcome.Panic}
	m.active.Add(ctx, 1, in.active...)
	begun := time.Now()
	defer func() {
		m.duration.Record(ctx, time.Since(begun).Seconds(), in.duration(end)...)
		m.active.Add(ctx, -1, in.active...)
	}()
	err := next(ctx)
	end.failure = outcome.Failure(err)
	return err
}

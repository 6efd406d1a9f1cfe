package metrics_test

import (
	"context"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// recorder is a provider that keeps its figures. The tests with OpenTelemetry's
// SDK, which this module does not require, are in internal/e2e/metrics.
type recorder struct {
	noop.MeterProvider
	mu        sync.Mutex
	figures   map[string]float64 // by name and attributes: what was added, or how often something was recorded
	about     map[string]string  // units, by name
	callbacks map[*registration]metric.Callback
	off       bool // instruments are not enabled
	broken    error
}

func newRecorder() *recorder {
	return &recorder{
		figures:   make(map[string]float64),
		about:     make(map[string]string),
		callbacks: make(map[*registration]metric.Callback),
	}
}

func (r *recorder) Meter(string, ...metric.MeterOption) metric.Meter { return meter{provider: r} }

func (r *recorder) add(name string, n float64, attributes attribute.Set) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures[name+" "+attributes.Encoded(attribute.DefaultEncoder())] += n
}

// taken returns the figures since the last call.
func (r *recorder) taken() map[string]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	figures := r.figures
	r.figures = make(map[string]float64)
	return figures
}

// collect asks the callbacks.
func (r *recorder) collect(ctx context.Context) error {
	for _, callback := range r.callbacks {
		if err := callback(ctx, observer{provider: r}); err != nil {
			return err
		}
	}
	return nil
}

type meter struct {
	noop.Meter
	provider *recorder
}

func (m meter) Float64Histogram(name string, options ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	config := metric.NewFloat64HistogramConfig(options...)
	m.provider.about[name] = fmt.Sprint(config.Unit(), " ", config.ExplicitBucketBoundaries())
	if m.provider.broken != nil {
		return nil, m.provider.broken
	}
	return histogram{instrument: instrument{m.provider, name}}, nil
}

func (m meter) Int64UpDownCounter(name string, options ...metric.Int64UpDownCounterOption) (metric.Int64UpDownCounter, error) {
	m.provider.about[name] = metric.NewInt64UpDownCounterConfig(options...).Unit()
	if m.provider.broken != nil {
		return nil, m.provider.broken
	}
	return upDownCounter{instrument: instrument{m.provider, name}}, nil
}

func (m meter) Int64ObservableCounter(name string, options ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	m.provider.about[name] = "rises, " + metric.NewInt64ObservableCounterConfig(options...).Unit()
	return observableCounter{instrument: instrument{m.provider, name}}, m.provider.broken
}

func (m meter) Int64ObservableUpDownCounter(name string, options ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	m.provider.about[name] = metric.NewInt64ObservableUpDownCounterConfig(options...).Unit()
	return observableUpDownCounter{instrument: instrument{m.provider, name}}, m.provider.broken
}

func (m meter) RegisterCallback(callback metric.Callback, _ ...metric.Observable) (metric.Registration, error) {
	r := &registration{provider: m.provider}
	m.provider.callbacks[r] = callback
	return r, nil
}

// An instrument has its own name in what the NoOp ones of OpenTelemetry keep whole.
type instrument struct {
	provider *recorder
	name     string
}

type (
	histogram struct {
		noop.Float64Histogram
		instrument
	}
	upDownCounter struct {
		noop.Int64UpDownCounter
		instrument
	}
	observableCounter struct {
		noop.Int64ObservableCounter
		instrument
	}
	observableUpDownCounter struct {
		noop.Int64ObservableUpDownCounter
		instrument
	}
)

func (i instrument) Enabled(context.Context) bool { return !i.provider.off }

// Enabled is that of the instrument, not of the NoOp one.
func (h histogram) Enabled(ctx context.Context) bool { return h.instrument.Enabled(ctx) }

func (h histogram) Record(_ context.Context, seconds float64, options ...metric.RecordOption) {
	if seconds < 0 || seconds > 60 {
		panic(fmt.Sprintf("an operation of %v s", seconds))
	}
	h.provider.add(h.name, 1, metric.NewRecordConfig(options).Attributes())
}

func (c upDownCounter) Enabled(ctx context.Context) bool { return c.instrument.Enabled(ctx) }

func (c upDownCounter) Add(_ context.Context, n int64, options ...metric.AddOption) {
	c.provider.add(c.name, float64(n), metric.NewAddConfig(options).Attributes())
}

type observer struct {
	noop.Observer
	provider *recorder
}

func (o observer) ObserveInt64(observable metric.Int64Observable, n int64, options ...metric.ObserveOption) {
	var name string
	switch i := observable.(type) {
	case observableCounter:
		name = i.name
	case observableUpDownCounter:
		name = i.name
	}
	o.provider.add(name, float64(n), metric.NewObserveConfig(options).Attributes())
}

type registration struct {
	noop.Registration
	provider *recorder
}

func (r *registration) Unregister() error {
	delete(r.provider.callbacks, r)
	return nil
}

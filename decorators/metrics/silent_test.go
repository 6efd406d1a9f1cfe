package metrics_test

import (
	"context"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// silent is a provider whose instruments are enabled and do nothing, without an
// allocation.
type silent struct{ noop.MeterProvider }

func (silent) Meter(string, ...metric.MeterOption) metric.Meter { return silentMeter{} }

type silentMeter struct{ noop.Meter }

func (silentMeter) Float64Histogram(string, ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return silentHistogram{}, nil
}

type silentHistogram struct{ noop.Float64Histogram }

func (silentHistogram) Enabled(context.Context) bool { return true }

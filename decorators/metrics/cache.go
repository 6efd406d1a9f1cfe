package metrics

import (
	"context"
	"maps"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/tunica-go/tunica/decorators/cache"
)

const (
	cacheNameKey   = attribute.Key("tunica.cache.name")
	cacheResultKey = attribute.Key("tunica.cache.result")
)

// CacheOptions say where the figures of a cache go and what they are. The zero
// value has those of a cache without a name, with the global provider.
type CacheOptions struct {
	// MeterProvider makes the instruments. nil is the global provider, which may
	// be set later.
	MeterProvider metric.MeterProvider

	// Name tells the caches of a program apart. "" is no name.
	Name string

	// Attributes are on every figure.
	Attributes []attribute.KeyValue
}

// Cache shows what c counts, whatever its values are, to those who collect. It
// costs a cache nothing but when somebody does. Unregister the registration before
// the cache is forgotten: until then the provider keeps it.
//
// An error is the provider's: nothing is shown then.
func Cache(c interface{ Stats() cache.Stats }, opts CacheOptions) (metric.Registration, error) {
	o := &observer{stats: c.Stats, common: slices.Clone(opts.Attributes)}
	if opts.Name != "" {
		o.common = append(o.common, cacheNameKey.String(opts.Name))
	}
	meter := meterOf(opts.MeterProvider)
	figures := []struct {
		instrument *metric.Int64Observable
		name, unit string
		about      string
		rises      bool // and never falls
	}{
		{&o.requests, "tunica.cache.requests", "{key}", "Keys that a cache was asked for.", true},
		{&o.loads, "tunica.cache.loads", "{load}", "Reads of the store below a cache.", true},
		{&o.evictions, "tunica.cache.evictions", "{entry}", "Entries that had to go before their time.", true},
		{&o.entries, "tunica.cache.entry.count", "{entry}", "Entries that a cache holds.", false},
		{&o.size, "tunica.cache.size", "By", "Keys and values that a cache holds.", false},
	}
	instruments := make([]metric.Observable, 0, len(figures))
	for _, f := range figures {
		var err error
		unit, about := metric.WithUnit(f.unit), metric.WithDescription(f.about)
		if f.rises {
			*f.instrument, err = meter.Int64ObservableCounter(f.name, unit, about)
		} else {
			*f.instrument, err = meter.Int64ObservableUpDownCounter(f.name, unit, about)
		}
		if err != nil {
			return nil, err
		}
		instruments = append(instruments, *f.instrument)
	}
	return meter.RegisterCallback(o.observe, instruments...)
}

// observer shows the figures of a cache.
type observer struct {
	stats  func() cache.Stats
	common []attribute.KeyValue

	requests, loads, evictions, entries, size metric.Int64Observable
}

func (o *observer) observe(_ context.Context, to metric.Observer) error {
	names := o.stats().Names
	// In one order always: the SDK adds up what comes after the first 2000 sets of
	// attributes, and has to do so with the same ones each time.
	for _, namespace := range slices.Sorted(maps.Keys(names)) {
		counts := names[namespace]
		attributes := slices.Clone(o.common)
		if namespace != "" {
			attributes = append(attributes, namespaceKey.String(namespace))
		}
		plain := set(attributes)
		to.ObserveInt64(o.requests, int64(counts.Hits), set(attributes, cacheResultKey.String("hit")))
		to.ObserveInt64(o.requests, int64(counts.Misses), set(attributes, cacheResultKey.String("miss")))
		to.ObserveInt64(o.loads, int64(counts.Loads), plain)
		to.ObserveInt64(o.evictions, int64(counts.Evictions), plain)
		to.ObserveInt64(o.entries, int64(counts.Entries), plain)
		to.ObserveInt64(o.size, counts.Bytes, plain)
	}
	return nil
}

func set(attributes []attribute.KeyValue, more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(slices.Concat(attributes, more)...))
}

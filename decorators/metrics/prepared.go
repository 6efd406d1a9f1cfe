package metrics

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/tunica-go/tunica/storage"
)

// prepared are the options of all figures, each made once, so that to record one
// allocates nothing.
type prepared struct {
	names  names
	common []attribute.KeyValue // of all figures

	mu         sync.RWMutex
	namespaces map[string]*namespace
}

// names are the attributes of durations.
type names struct{ operation, namespace attribute.Key }

// namespace has the options of the figures of one.
type namespace struct {
	active    []metric.AddOption
	durations atomic.Pointer[map[ending][]metric.RecordOption]

	adding    sync.Mutex
	operation attribute.Key
	common    []attribute.KeyValue // of its durations
}

// ending is what the durations of a namespace are told apart by.
type ending struct {
	op      storage.Op
	failure string
}

// in returns the options of the figures of a namespace.
func (p *prepared) in(name string) *namespace {
	p.mu.RLock()
	n := p.namespaces[name]
	p.mu.RUnlock()
	if n != nil {
		return n
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.namespaces[name]; n != nil {
		return n
	}
	n = &namespace{operation: p.names.operation, common: p.common}
	active := slices.Clone(p.common)
	if name != "" {
		n.common = append(slices.Clone(p.common), p.names.namespace.String(name))
		active = append(active, namespaceKey.String(name))
	}
	n.active = []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(active...))}
	if p.namespaces == nil {
		p.namespaces = make(map[string]*namespace)
	}
	p.namespaces[name] = n
	return n
}

// duration returns the options of a duration. There are few endings.
func (n *namespace) duration(end ending) []metric.RecordOption {
	if options, ok := n.known()[end]; ok {
		return options
	}
	n.adding.Lock()
	defer n.adding.Unlock()
	known := n.known()
	if options, ok := known[end]; ok {
		return options
	}
	attributes := append(slices.Clone(n.common), n.operation.String(end.op.String()))
	if end.failure != "" {
		attributes = append(attributes, semconv.ErrorTypeKey.String(end.failure))
	}
	more := maps.Clone(known)
	if more == nil {
		more = make(map[ending][]metric.RecordOption)
	}
	more[end] = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(attributes...))}
	n.durations.Store(&more)
	return more[end]
}

func (n *namespace) known() map[ending][]metric.RecordOption {
	if known := n.durations.Load(); known != nil {
		return *known
	}
	return nil
}

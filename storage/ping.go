package storage

import "context"

// Pinger is the interface of a store with a native [Ping].
type Pinger interface {
	Ping(ctx context.Context) error
}

// Ping asks the backend whether it can serve now, for readiness checks.
//
// If s implements [Pinger], Ping calls s.Ping.
// Otherwise it returns an error that matches [errors.ErrUnsupported].
func Ping[V any](ctx context.Context, s Store[V]) error {
	if s, ok := s.(Pinger); ok {
		return s.Ping(ctx)
	}
	return Unsupported(OpPing, s)
}

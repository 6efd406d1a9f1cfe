package storage

import "io"

// Close ends what s itself started: goroutines, connections that it opened.
// It waits for them and may be called more than once. It does not close the
// store below, which belongs to whoever opened it.
//
// If s implements [io.Closer], Close calls s.Close.
// Otherwise there is nothing to do.
func Close[V any](s Store[V]) error {
	if s, ok := s.(io.Closer); ok {
		return s.Close()
	}
	return nil
}

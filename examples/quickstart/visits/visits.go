// Package visits is a plugin that counts visits.
package visits

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

// keep is how long a count lasts after the last visit.
const keep = 24 * time.Hour

// Plugin keeps a count for each visitor.
type Plugin struct {
	counts storage.Store[int]
}

// New returns the plugin. It keeps its counts in store, or in memory if store
// is nil.
func New(store storage.ByteStore) *Plugin {
	if store == nil {
		store = memstore.New[[]byte]()
	}
	return &Plugin{counts: codec.New(store, codec.JSON[int]())}
}

// Add counts a visit and returns how many there are now. Visits that come at
// the same time, also to other processes, are all counted.
func (p *Plugin) Add(ctx context.Context, visitor string) (int, error) {
	return storage.Update(ctx, p.counts, visitor, func(e storage.Entry[int]) (int, time.Duration, error) {
		return e.Value + 1, keep, nil // the count of an unknown visitor is 0
	})
}

// Count returns how many visits there were.
func (p *Plugin) Count(ctx context.Context, visitor string) (int, error) {
	n, err := p.counts.Get(ctx, visitor)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// Package sessions is a plugin that knows who is logged in.
//
// A session lasts as long as it is used: each use gives it its full time to
// live again. Sending that to the store with every request would make a write
// of every read, so it is only sent when half of the time has passed.
package sessions

import (
	"context"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/codec"
	"github.com/tunica-go/tunica/storage"
)

// TTL is how long a session lasts that nobody uses.
const TTL = 30 * time.Minute

// A Session is what the plugin keeps of a user.
type Session struct {
	User string `json:"user"`
}

// Plugin keeps sessions in a store.
type Plugin struct {
	sessions storage.Store[Session]

	// fresh has the ids of the sessions that still have more than half of
	// their time, as far as this process knows. An id that it does not know
	// costs one write, so it may forget: in a deploy, or when it is full.
	fresh storage.Store[struct{}]
}

// New returns the plugin. It keeps its sessions in store, or in memory if
// store is nil.
func New(store storage.ByteStore) *Plugin {
	if store == nil {
		store = memstore.New[[]byte]()
	}
	return &Plugin{
		sessions: codec.New(store, codec.JSON[Session]()),
		fresh:    memstore.New[struct{}](memstore.MaxEntries(10_000), memstore.Evict()),
	}
}

// Login begins the session id of user.
func (p *Plugin) Login(ctx context.Context, id, user string) error {
	if err := p.sessions.Set(ctx, id, Session{User: user}, TTL); err != nil {
		return err
	}
	return p.fresh.Set(ctx, id, struct{}{}, TTL/2)
}

// Resume returns the session id and makes it last. A session that ended, or
// never was, is an error that matches [storage.ErrNotFound].
func (p *Plugin) Resume(ctx context.Context, id string) (Session, error) {
	session, err := p.sessions.Get(ctx, id)
	if err != nil {
		return Session{}, err
	}
	if fresh, err := storage.Has(ctx, p.fresh, id); fresh || err != nil {
		return session, err
	}
	if err := storage.Touch(ctx, p.sessions, id, TTL); err != nil {
		return Session{}, err
	}
	return session, p.fresh.Set(ctx, id, struct{}{}, TTL/2)
}

// Logout ends the session id.
func (p *Plugin) Logout(ctx context.Context, id string) error {
	return p.sessions.Delete(ctx, id)
}

package storagetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/tunica-go/tunica/storage"
)

// failures are what a failing backend ends with: one of them at least.
var failures = []error{
	storage.ErrUnavailable, storage.ErrUnknownOutcome, storage.ErrReadOnly, storage.ErrUnauthorized,
	storage.ErrOverloaded, storage.ErrCorrupt, storage.ErrClosed, context.DeadlineExceeded,
}

// wantFailure checks the error of a call that cannot have reached a backend.
func (c *check[V]) wantFailure(what string, err error) {
	c.TB.Helper()
	switch {
	case err == nil:
		c.Errorf("%s: no error, but the backend is unreachable", what)
	case errors.Is(err, storage.ErrNotFound):
		c.Errorf("%s: %v: an outage looks like a miss", what, err)
	case !storage.Failed(err):
		c.Errorf("%s: Failed is false for %v", what, err)
	case !isAny(err, failures):
		c.Errorf("%s: %v matches no failure of package storage", what, err)
	}
}

func isAny(err error, targets []error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// patient returns a context for a call that must not hang.
func (c *check[V]) patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Context(), c.patience())
}

func (c *check[V]) unreachableIsAnError() {
	s, outage := c.openOutage(c.TB)
	view := storage.In(s, storage.Scope{Prefix: "view:", Name: "view"})
	stores := map[string]storage.Store[V]{"the base": s, "a view": view}
	for _, s := range stores {
		c.set(s, "read before", c.value(1), storage.NoExpiry)
		c.wantValue(s, "read before", c.value(1), "before the outage")
		for _, call := range c.calls() {
			c.set(s, call.name, c.value(1), storage.NoExpiry)
		}
	}
	outage.Cut()
	for where, s := range stores {
		for _, r := range c.reads() {
			// From memory a read may know: then it tells the truth.
			for _, key := range []string{"read before", r.name, "absent"} {
				what := fmt.Sprintf("%s of the key %q in %s", r.name, key, where)
				ctx, cancel := c.patient()
				ok, value, err := r.do(ctx, s, key)
				cancel()
				switch {
				case err != nil || !ok || key == "absent":
					c.wantFailure(what, err)
				case r.valued && !c.equal(value, c.value(1)):
					c.Errorf("%s: got %s, want %s or an error", what, show(value), show(c.value(1)))
				}
			}
		}
		for _, w := range c.writes() {
			ctx, cancel := c.patient()
			c.wantFailure(w.name+" in "+where, w.do(ctx, s, w.name, c.value(2), storage.NoExpiry))
			cancel()
		}
		if c.works(storage.OpPing) {
			ctx, cancel := c.patient()
			c.wantFailure("Ping in "+where, storage.Ping(ctx, s))
			cancel()
		}
		ctx, cancel := c.patient()
		_, err := storage.GetMany(ctx, s, []string{"cold 1", "cold 2"})
		cancel()
		c.wantFailure("GetMany in "+where, err)
	}
}

func (c *check[V]) failuresTellNoSecrets() {
	s, outage := c.openOutage(c.TB)
	value := c.secretValue()
	view := storage.In(s, storage.Scope{Prefix: secret + ":"})
	outage.Cut()
	for _, s := range []storage.Store[V]{s, view} {
		for _, call := range c.calls() {
			ctx, cancel := c.patient()
			c.tellsNothing(call.name, call.do(ctx, s, secret+" key", value))
			cancel()
		}
	}
}

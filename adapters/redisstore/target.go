package redisstore

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// defaultTimeout bounds, in a client of Open, one dial, one write, one reply
// and one wait for a free connection.
const defaultTimeout = 2 * time.Second

// A target is the settings of a client: one of them.
type target struct {
	server   *redis.Options
	cluster  *redis.ClusterOptions
	failover *redis.FailoverOptions
}

func (t target) client() redis.UniversalClient {
	switch {
	case t.cluster != nil:
		return redis.NewClusterClient(t.cluster)
	case t.failover != nil:
		return redis.NewFailoverClient(t.failover)
	}
	return redis.NewClient(t.server)
}

// tls returns the settings of its TLS, or nil.
func (t target) tls() *tls.Config {
	switch {
	case t.cluster != nil:
		return t.cluster.TLSConfig
	case t.failover != nil:
		return t.failover.TLSConfig
	}
	return t.server.TLSConfig
}

// timeouts returns the bounds of a dial, of the rest of a call, and of a wait
// for a connection.
func (t target) timeouts() (dial, read, write, pool *time.Duration) {
	switch {
	case t.cluster != nil:
		o := t.cluster
		return &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout
	case t.failover != nil:
		o := t.failover
		return &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout
	}
	o := t.server
	return &o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout
}

// setDefaults replaces the defaults of go-redis that make callers wait for a
// dead server, and keeps what the URL says.
func (t target) setDefaults() {
	dial, read, write, pool := t.timeouts()
	for _, timeout := range []*time.Duration{dial, read, write, pool} {
		if *timeout == 0 {
			*timeout = defaultTimeout
		}
	}
	switch {
	case t.cluster != nil:
		o := t.cluster
		o.DialerRetries, o.ContextTimeoutEnabled = 1, true
	case t.failover != nil:
		o := t.failover
		setRetries(&o.MaxRetries)
		o.DialerRetries, o.ContextTimeoutEnabled = 1, true
		findMaster(o)
	default:
		o := t.server
		setRetries(&o.MaxRetries)
		o.DialerRetries, o.ContextTimeoutEnabled = 1, true
	}
}

func setRetries(retries *int) {
	if *retries <= 0 { // with less than -1 go-redis sends no batch, and reports no error
		*retries = -1
	}
}

// findMaster gives go-redis a little more time for finding the master and dialling
// it than a Sentinel has to answer. With as much, it goes on asking the one that
// it knows while that is silent, instead of the others.
func findMaster(o *redis.FailoverOptions) {
	dial := &net.Dialer{Timeout: max(o.DialTimeout, 0)}
	o.Dialer = dial.DialContext
	if o.TLSConfig != nil {
		secure := &tls.Dialer{NetDialer: dial, Config: o.TLSConfig}
		o.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
			return secure.DialContext(ctx, network, addr)
		}
	}
	if o.DialTimeout > 0 && o.ReadTimeout > 0 {
		longest := max(o.DialTimeout, o.ReadTimeout)
		o.DialTimeout = longest + longest/4
	}
}

package redisstore

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Warning says that a setting of a client will hurt a store on it.
type Warning struct {
	Setting string // the field of [redis.Options] or [redis.ClusterOptions], or "the client"
	Value   string // what it is, as a program would set it
	Problem string // what comes of it
	Advice  string // what to do about it
}

// String returns the warning as one line, for a log. It ends without a full stop.
func (w Warning) String() string {
	return fmt.Sprintf("%s is %s: %s; %s", w.Setting, w.Value, w.Problem, w.Advice)
}

// Lint says which settings of client will hurt a store that [New] makes on it,
// and why: the most harmful first, always in the same order, and none for a
// client that is set up as [Open] does it. It asks no server. A warning holds
// no address, no name and no credentials, so that it can be logged:
//
//	for _, w := range redisstore.Lint(client) {
//		slog.Warn("redis client", "warning", w)
//	}
//
// A warning that says that New panics is about a client that New refuses; for one
// of a type that it refuses, such as a [*redis.Ring], that is the one warning.
// Lint panics if client is nil.
//
// Lint sees what the client shows of its options, with its defaults filled in.
// It cannot see hooks, which get keys and values and may record them (redisotel
// does, by default), nor what a Dialer, an OnConnect or a NewClient of the
// program does, nor ReplicaOnly and the other settings of a
// [redis.FailoverOptions] that are about Sentinel, nor the server's settings.
//
// The times in the warnings were measured with go-redis 9.23 and a server on the
// same machine. They are those of a call without a deadline; a caller whose
// context ends is back by then.
func Lint(client redis.UniversalClient) []Warning {
	var s settingsOf
	switch c := client.(type) {
	case nil:
		panic("redisstore: Lint: the client is nil")
	case *redis.Client:
		if c == nil {
			panic("redisstore: Lint: the client is nil")
		}
		s.Options = c.Options()
	case *redis.ClusterClient:
		if c == nil {
			panic("redisstore: Lint: the client is nil")
		}
		s.cluster = c.Options()
		s.Options = nodeOptions(s.cluster)
	case *redis.Ring:
		return []Warning{{"the client", "a *redis.Ring", "New panics, for a Ring reads from another server when one fails, so that what is stored seems to be absent", "use a *redis.Client or a *redis.ClusterClient"}}
	default:
		return []Warning{{"the client", fmt.Sprintf("a %T", client), "New panics, for it does not know what such a client does with a command", "use a *redis.Client or a *redis.ClusterClient"}}
	}
	var warnings []Warning
	for _, r := range rules {
		if value := r.value(s); value != "" {
			warnings = append(warnings, Warning{r.setting, value, r.problem, r.advice})
		}
	}
	return warnings
}

// settingsOf is what a client shows of its settings, after go-redis has filled
// in the defaults.
type settingsOf struct {
	*redis.Options                       // in a Cluster, those of the client of each node
	cluster        *redis.ClusterOptions // nil but for a Cluster
}

// redirects returns how often a Cluster's client tries again, or 0 if it is none.
func (s settingsOf) redirects() int {
	if s.cluster == nil {
		return 0
	}
	return s.cluster.MaxRedirects
}

// nodeOptions returns what rules read of the options that the clients of a
// Cluster's nodes have, by the rules of go-redis.
func nodeOptions(o *redis.ClusterOptions) *redis.Options {
	n := &redis.Options{
		ContextTimeoutEnabled: o.ContextTimeoutEnabled,
		MaxRetries:            o.MaxRetries,
		DialTimeout:           o.DialTimeout,
		DialerRetries:         o.DialerRetries,
		ReadTimeout:           o.ReadTimeout,
		WriteTimeout:          o.WriteTimeout,
		PoolSize:              o.PoolSize,
		PoolTimeout:           o.PoolTimeout,
		MaxActiveConns:        o.MaxActiveConns,
		ConnMaxIdleTime:       o.ConnMaxIdleTime,
		ConnMaxLifetime:       o.ConnMaxLifetime,
	}
	if n.MaxRetries == -1 { // none
		n.MaxRetries = 0
	}
	for _, timeout := range []*time.Duration{&n.ReadTimeout, &n.WriteTimeout} {
		if *timeout == -2 { // no deadline, which a client of one server keeps as -1
			*timeout = -1
		}
	}
	if n.DialerRetries <= 0 {
		n.DialerRetries = 5
	}
	if n.PoolTimeout == 0 {
		n.PoolTimeout = 30 * time.Second
		if n.ReadTimeout > 0 {
			n.PoolTimeout = n.ReadTimeout + time.Second
		}
	}
	if n.ConnMaxIdleTime == 0 {
		n.ConnMaxIdleTime = 30 * time.Minute
	}
	return n
}

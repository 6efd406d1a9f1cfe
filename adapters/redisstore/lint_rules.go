package redisstore

import (
	"fmt"
	"runtime"
	"time"
)

// A rule knows one harmful kind of value of one setting.
type rule struct {
	setting string
	value   func(settingsOf) string // the value if it hurts, or else ""
	problem string
	advice  string
}

// rules begins with what gives wrong answers, goes on with what hangs, with
// what fails although the server is well, and with what is slow when the server
// is not, and ends with what is slow always.
var rules = []rule{
	{
		"MaxRetries",
		func(s settingsOf) string { return when(s.MaxRetries < 0, s.MaxRetries) },
		"New panics, for go-redis sends no batch then, and reports no error", "set it to -1, for none",
	},
	{
		"MaxRedirects",
		func(s settingsOf) string { return when(s.redirects() < 0, s.redirects()) },
		"New panics, for go-redis sends nothing then, and reports no error", "leave it at 3",
	},
	{
		"ClusterSlots",
		func(s settingsOf) string { return when(s.cluster != nil && s.cluster.ClusterSlots != nil, "set") },
		"New panics, for the servers do not agree on whose the keys are; NewFailoverClusterClient sets it", "use redis.NewClusterClient without it, or redis.NewFailoverClient",
	},
	{
		"ClientSideCache",
		func(s settingsOf) string { return when(s.ClientSideCache != nil, "set") },
		staleCache, "leave it nil, and put decorators/cache above the store",
	},
	{
		"ClientSideCacheConfig",
		func(s settingsOf) string { return when(s.ClientSideCacheConfig != nil, "set") },
		staleCache, "leave it nil, and put decorators/cache above the store",
	},
	{
		"RouteRandomly",
		func(s settingsOf) string { return when(s.cluster != nil && s.cluster.RouteRandomly, true) },
		staleReplica, "leave it false",
	},
	{
		"RouteByLatency",
		func(s settingsOf) string { return when(s.cluster != nil && s.cluster.RouteByLatency, true) },
		staleReplica, "leave it false",
	},
	{
		"ReadOnly", // which the two above switch on
		func(s settingsOf) string {
			c := s.cluster
			return when(c != nil && c.ReadOnly && !c.RouteRandomly && !c.RouteByLatency, true)
		},
		staleReplica, "leave it false",
	},
	{
		"ReadTimeout",
		func(s settingsOf) string { return when(s.ReadTimeout <= 0, disabled(s.ReadTimeout)) },
		"a call without a deadline hangs as long as the server does, and so does Close if such a call was left", "set 2 seconds",
	},
	{
		"WriteTimeout",
		func(s settingsOf) string { return when(s.WriteTimeout <= 0, disabled(s.WriteTimeout)) },
		"a value that is larger than the buffers of the system hangs as long as the server does, and so does Close if such a call was left", "set 2 seconds",
	},
	{
		"DialTimeout",
		func(s settingsOf) string { return when(s.DialTimeout < 0, written(s.DialTimeout)) },
		"go-redis takes it for no time at all, and never connects", "set 2 seconds",
	},
	{
		"MaxRedirects",
		func(s settingsOf) string { return when(s.cluster != nil && s.redirects() == 0, -1) },
		"while slots move, and after a replica has taken over, calls fail with MOVED or ASK", "leave it at 3",
	},
	{
		"PoolTimeout",
		func(s settingsOf) string { return when(s.PoolTimeout < time.Millisecond, written(s.PoolTimeout)) },
		"a call that finds all connections busy fails at once with ErrOverloaded instead of waiting for one", "set 2 seconds",
	},
	{
		"MaxActiveConns",
		func(s settingsOf) string {
			return when(s.MaxActiveConns > 0 && s.MaxActiveConns < s.PoolSize, s.MaxActiveConns)
		},
		"it is less than PoolSize, so that a call that finds all connections busy fails at once with ErrOverloaded instead of waiting for one", "leave it at 0, for PoolSize is a bound already",
	},
	{
		"Limiter",
		func(s settingsOf) string { return when(s.Limiter != nil, "set") },
		"each miss is reported to it as a failure, so that a circuit breaker opens although the server is well; its refusals are ErrUnavailable", "leave it nil, and limit by an interceptor above the store",
	},
	{
		"ContextTimeoutEnabled",
		func(s settingsOf) string { return when(!s.ContextTimeoutEnabled, false) },
		"a caller whose deadline passes leaves a connection to a silent server occupied until ReadTimeout, so that a few callers empty the pool for all", "set it to true",
	},
	{
		"DialerRetries",
		func(s settingsOf) string { return when(s.DialerRetries > 1, s.DialerRetries) },
		"it is how often a dead server is dialled: 5 times take each call 0.4 seconds, with 3 MaxRetries a read 1.7 seconds, and if three Sentinels are dead 40 seconds", "set it to 1",
	},
	{
		"MaxRetries",
		func(s settingsOf) string { return when(s.cluster == nil && s.MaxRetries > 1, s.MaxRetries) },
		"a read is tried so many times more: with 3 it waits 4 times PoolTimeout where no connection is free, and a server in trouble gets 4 times the reads", "set it to -1, for 0 means 3",
	},
	{
		"MaxRedirects",
		func(s settingsOf) string { return when(s.redirects() > 5, s.redirects()) },
		"a batch for a dead master is tried so many times more, after pauses that double: 3 take 0.1 seconds, 8 take 2 and 16 take 10", "leave it at 3",
	},
	{
		"MinRetryBackoff",
		func(s settingsOf) string {
			return when(s.cluster == nil && s.MaxRetries > 0 && s.MinRetryBackoff == 0, -1)
		},
		noPause, "leave it at 10 milliseconds",
	},
	{
		"MaxRetryBackoff",
		func(s settingsOf) string {
			return when(s.cluster == nil && s.MaxRetries > 0 && s.MaxRetryBackoff == 0, -1)
		},
		noPause, "leave it at 1 second",
	},
	{
		"ReadTimeout",
		func(s settingsOf) string { return when(s.ReadTimeout > patience, s.ReadTimeout) },
		"it is how long a silent server holds a call without a deadline, and Close", "set 2 seconds",
	},
	{
		"WriteTimeout",
		func(s settingsOf) string { return when(s.WriteTimeout > patience, s.WriteTimeout) },
		"it is how long a silent server holds a call without a deadline, and Close", "set 2 seconds",
	},
	{
		"DialTimeout",
		func(s settingsOf) string { return when(s.DialTimeout > patience, s.DialTimeout) },
		"it is how long a call without a deadline waits for a server that cannot be reached", "set 2 seconds",
	},
	{
		"PoolTimeout",
		func(s settingsOf) string { return when(s.PoolTimeout > patience, s.PoolTimeout) },
		"it is how long a call without a deadline waits for a connection before it ends with ErrOverloaded", "set 2 seconds",
	},
	{
		"PoolSize",
		func(s settingsOf) string { return when(s.PoolSize < max(2, runtime.GOMAXPROCS(0)), s.PoolSize) },
		"a connection serves one call at a time, so that these serve no more a second than so many divided by the round trip, and one slow call holds up many", "leave it at 0, for 10 for each processor, in a Cluster 5",
	},
	{
		"ConnMaxIdleTime",
		func(s settingsOf) string {
			return when(s.ConnMaxIdleTime > 0 && s.ConnMaxIdleTime < time.Second, s.ConnMaxIdleTime)
		},
		shortLife, "leave it at 30 minutes",
	},
	{
		"ConnMaxLifetime",
		func(s settingsOf) string {
			return when(s.ConnMaxLifetime > 0 && s.ConnMaxLifetime < time.Second, s.ConnMaxLifetime)
		},
		shortLife, "leave it at 0",
	},
}

// Problems of more than one setting.
const (
	staleCache   = "a Get may return what was there before a Set that is over: with 16 writers every second one did"
	staleReplica = "New panics, for reads go to replicas, which lag behind: a Get would miss, or return what was there before a Set that is over"
	noPause      = "the retries of a read follow one another without a pause, and a server in trouble gets all of them at once"
	shortLife    = "nearly every call needs a new connection: 15 times fewer a second"
)

// patience is the longest timeout that is not remarked on.
const patience = 10 * time.Second

// when returns value as text, or "" if it does not hurt.
func when(hurts bool, value any) string {
	if !hurts {
		return ""
	}
	return fmt.Sprint(value)
}

// disabled returns what a program sets to get timeout: go-redis makes 0 of -1,
// and -1 of -2.
func disabled(timeout time.Duration) string {
	if timeout == 0 || timeout == -1 {
		timeout--
	}
	return written(timeout)
}

// written returns timeout as a program would write it.
func written(timeout time.Duration) string {
	if timeout < 0 {
		return fmt.Sprint(int64(timeout))
	}
	return timeout.String()
}

package redisstore

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// defaultTimeout bounds, in a client of Open, one dial, one write, one reply
// and one wait for a free connection.
const defaultTimeout = 2 * time.Second

// Open returns a store on the server that rawURL names, and closes its
// connections when the store is closed. It pings the server: a store that was
// opened has been reached. Without a deadline of ctx it gives up after some seconds.
//
//	redis://[[user]:password@]host[:port][/db][?parameter=value&…]
//	rediss://… (TLS)
//	unix://[[user]:password@]/path/to/socket[?db=0&…]
//
// Special characters of a password are percent-encoded (url.QueryEscape, or
// url.UserPassword). The errors of Open never contain any part of the URL but
// the name of a wrong parameter that exists, and the host and port that could not be
// reached.
//
// Parameters are the ones of [redis.ParseURL], of which these have other
// defaults here: dial_timeout, read_timeout, write_timeout and pool_timeout are
// 2s; max_retries is 0, so that a dead server costs a caller one dial, and means
// the retries of reads, for writes are never sent again. A dial is tried once,
// and the deadline of a caller's context is set on the connection.
func Open(ctx context.Context, rawURL string, opts ...Option) (*Store, error) {
	clientOptions, err := parseURL(rawURL)
	if err != nil {
		return nil, fmt.Errorf("redisstore: open: %w", err)
	}
	s := newStore(redis.NewClient(clientOptions), true, opts)
	if err := s.ping(ctx, step("open")); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// parameters are the query parameters that redis.ParseURL knows.
var parameters = map[string]bool{
	"db": true, "protocol": true, "client_name": true,
	"max_retries": true, "min_retry_backoff": true, "max_retry_backoff": true,
	"dial_timeout": true, "read_timeout": true, "write_timeout": true, "pool_timeout": true,
	"pool_fifo": true, "pool_size": true, "min_idle_conns": true, "max_idle_conns": true,
	"max_active_conns": true, "max_concurrent_dials": true, "pipeline_pool_size": true,
	"pipeline_read_buffer_size": true, "pipeline_write_buffer_size": true,
	"conn_max_idle_time": true, "idle_timeout": true, "conn_max_lifetime": true,
	"max_conn_age": true, "conn_max_lifetime_jitter": true, "skip_verify": true,
}

// parseURL says what is wrong in words of its own: those of net/url and of
// go-redis repeat what they were given, and a password with a character that
// is not encoded may be anywhere.
func parseURL(rawURL string) (*redis.Options, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("the URL cannot be parsed: want redis://user:password@host:port/db, with special characters of the password percent-encoded")
	}
	if u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		return nil, errors.New("the scheme of the URL is not supported: want redis://, rediss:// or unix://")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the query of the URL cannot be parsed")
	}
	for name := range query {
		if !parameters[name] {
			known := slices.Sorted(maps.Keys(parameters))
			return nil, fmt.Errorf("the URL has an unknown parameter: known are %s", strings.Join(known, ", "))
		}
	}
	o, err := redis.ParseURL(rawURL)
	if err != nil {
		for _, name := range slices.Sorted(maps.Keys(query)) {
			alone := url.URL{Scheme: "rediss", Host: "localhost", RawQuery: url.Values{name: query[name]}.Encode()}
			if _, err := redis.ParseURL(alone.String()); err != nil {
				return nil, fmt.Errorf("the parameter %s of the URL has an invalid value", name)
			}
		}
		return nil, errors.New("the path of the URL is invalid: want the number of a database after host:port, or the path of a socket after unix://")
	}
	setDefaults(o)
	return o, nil
}

// setDefaults replaces the defaults of go-redis that make callers wait for a
// dead server, and keeps what the URL says.
func setDefaults(o *redis.Options) {
	for _, timeout := range []*time.Duration{&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout} {
		if *timeout == 0 {
			*timeout = defaultTimeout
		}
	}
	if o.MaxRetries == 0 {
		o.MaxRetries = -1
	}
	o.DialerRetries = 1
	o.ContextTimeoutEnabled = true
}

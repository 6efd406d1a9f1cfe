package redisstore

import (
	"context"
	"fmt"
)

// Open returns a store on the servers that rawURL names, and closes its
// connections when the store is closed. It pings the server, or every master of
// a Cluster: a store that was opened has been reached. Without a deadline of ctx
// it gives up after some seconds.
//
//	redis://[[user]:password@]host[:port][/db][?parameter=value&…]
//	unix://[[user]:password@]/path/to/socket[?db=0&…]
//	redis-cluster://[[user]:password@]host[:port][?addr=host:port&addr=…&…]
//	redis-sentinel://[[user]:password@]host[:26379][/db]?master_name=name[&addr=host:port&…]
//
// With rediss, rediss-cluster and rediss-sentinel the connections are TLS 1.2 or
// newer. Of a Cluster and of Sentinels the host and the addrs are those that are
// asked for the others; one that answers is enough.
//
// Special characters of a password are percent-encoded (url.QueryEscape, or
// url.UserPassword). The errors of Open never contain any part of the URL but
// the name of a wrong parameter that exists, and the host and port that could not be
// reached.
//
// Parameters are the ones of [redis.ParseURL], and
//
//   - for TLS: tls_ca_file, with the certificates of the authorities that are
//     trusted instead of the system's, tls_cert_file and tls_key_file, with the
//     certificate that this client shows and its key, all PEM and read once, and
//     skip_verify=true, which trusts anybody. The certificate of each server must
//     be valid for the host of the URL.
//   - for a Cluster: addr, and max_redirects (3), how many times a command follows
//     MOVED or ASK. There are no db and no max_retries.
//   - for Sentinels: addr, master_name, sentinel_username and sentinel_password.
//     The user of the URL is for the servers.
//
// These have other defaults here than go-redis gives them: dial_timeout,
// read_timeout, write_timeout and pool_timeout are 2s; max_retries is 0, so that a
// dead server costs a caller one dial, and means the retries of reads, for writes
// are never sent again. A dial is tried once, and the deadline of a caller's
// context is set on the connection.
func Open(ctx context.Context, rawURL string, opts ...Option) (*Store, error) {
	t, err := parseURL(rawURL)
	if err != nil {
		return nil, fmt.Errorf("redisstore: open: %w", err)
	}
	s := newStore(t.client(), true, opts)
	if err := s.ping(ctx, step("open")); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

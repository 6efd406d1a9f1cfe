package redisstore

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
)

// A form is what URLs of a scheme look like.
type form struct {
	parse      func(url string) (target, error) // with the scheme redis, rediss or unix
	path       string                           // what its path is
	parameters []string                         // that go-redis and this package know, beyond those of all
}

// parameters are those of all forms.
var parameters = []string{
	"client_name", "conn_max_idle_time", "conn_max_lifetime", "conn_max_lifetime_jitter", "dial_timeout",
	"max_active_conns", "max_concurrent_dials", "max_idle_conns", "max_retry_backoff", "min_idle_conns",
	"min_retry_backoff", "pipeline_pool_size", "pipeline_read_buffer_size", "pipeline_write_buffer_size",
	"pool_fifo", "pool_size", "pool_timeout", "protocol", "read_timeout", "write_timeout",
}

var (
	serverForm = form{
		parse: func(url string) (target, error) {
			o, err := redis.ParseURL(url)
			return target{server: o}, err
		},
		path:       "the number of a database after host:port, or the path of a socket after unix://",
		parameters: []string{"db", "max_retries", "idle_timeout", "max_conn_age"},
	}
	clusterForm = form{
		parse: func(url string) (target, error) {
			o, err := redis.ParseClusterURL(url)
			return target{cluster: o}, err
		},
		path:       "none, for a Cluster has no numbered databases",
		parameters: []string{"addr", "max_redirects"},
	}
	sentinelForm = form{
		parse: func(url string) (target, error) {
			o, err := redis.ParseFailoverURL(url)
			return target{failover: o}, err
		},
		path:       "the number of a database after host:port",
		parameters: []string{"db", "max_retries", "addr", "master_name", "sentinel_username", "sentinel_password"},
	}
)

// forms are by scheme; with an s after redis, the connections are TLS.
var forms = map[string]form{
	"redis": serverForm, "rediss": serverForm, "unix": serverForm,
	"redis-cluster": clusterForm, "rediss-cluster": clusterForm,
	"redis-sentinel": sentinelForm, "rediss-sentinel": sentinelForm,
}

// parseURL says what is wrong in words of its own: those of net/url and of
// go-redis repeat what they were given, and a password with a character that
// is not encoded may be anywhere.
func parseURL(rawURL string) (target, error) {
	u, err := url.Parse(rawURL)
	if err != nil || severalHosts(u.Host) {
		return target{}, errors.New("the URL cannot be parsed: want redis://user:password@host:port/db, with special characters of the password percent-encoded and further hosts as addr parameters")
	}
	f, ok := forms[u.Scheme]
	if !ok {
		return target{}, errors.New("the scheme of the URL is not supported: want redis://, rediss://, unix://, redis-cluster://, rediss-cluster://, redis-sentinel:// or rediss-sentinel://")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, errors.New("the query of the URL cannot be parsed")
	}
	known := slices.Concat(parameters, tlsParameters, f.parameters)
	for name := range query {
		if !slices.Contains(known, name) {
			slices.Sort(known)
			return target{}, fmt.Errorf("the URL has an unknown parameter: known are %s", strings.Join(known, ", "))
		}
	}
	u.Scheme, _, _ = strings.Cut(u.Scheme, "-")
	secure, err := tlsOf(u, query)
	if err != nil {
		return target{}, err
	}
	t, err := f.read(u, query)
	if err != nil {
		return target{}, err
	}
	if config := t.tls(); config != nil {
		config.MinVersion = tlsMinVersion
		config.RootCAs, config.Certificates, config.InsecureSkipVerify = secure.RootCAs, secure.Certificates, secure.InsecureSkipVerify
	}
	t.setDefaults()
	return t, nil
}

// severalHosts reports whether host is a list, which some versions of net/url
// take for a name.
func severalHosts(host string) bool {
	return strings.Contains(host, ",") || !strings.HasPrefix(host, "[") && strings.Count(host, ":") > 1
}

// read has go-redis read a URL, whose parameters are query.
func (f form) read(u *url.URL, query url.Values) (target, error) {
	sentinel := url.UserPassword(take(query, "sentinel_username"), take(query, "sentinel_password"))
	u.RawQuery = query.Encode()
	t, err := f.parse(u.String())
	if err != nil {
		return target{}, f.wrong(query)
	}
	// To go-redis a dial_timeout of 0 is one in the past, with which no dial ends well.
	if dial, _, _, _ := t.timeouts(); *dial < 0 {
		return target{}, fmt.Errorf("%w: want a duration above 0, as 500ms or 2s", wrongValue("dial_timeout"))
	}
	switch {
	case t.cluster != nil:
		if strings.Trim(u.Path, "/") != "" {
			return target{}, f.wrongPath()
		}
		if t.cluster.MaxRedirects < 0 {
			return target{}, wrongValue("max_redirects")
		}
	case t.failover != nil:
		o := t.failover
		if o.MasterName == "" {
			return target{}, errors.New("the URL has no parameter master_name")
		}
		if u.Port() == "" {
			o.SentinelAddrs[0] = strings.TrimSuffix(o.SentinelAddrs[0], "6379") + "26379"
		}
		o.Username, o.Password = o.SentinelUsername, o.SentinelPassword
		o.SentinelUsername = sentinel.Username()
		o.SentinelPassword, _ = sentinel.Password()
	}
	return t, nil
}

// take removes a parameter from query and returns its value.
func take(query url.Values, name string) string {
	values := query[name]
	delete(query, name)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// wrong says what of a URL go-redis cannot read.
func (f form) wrong(query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		alone := url.URL{Scheme: "redis", Host: "localhost", RawQuery: url.Values{name: query[name]}.Encode()}
		if _, err := f.parse(alone.String()); err != nil {
			return wrongValue(name)
		}
	}
	return f.wrongPath()
}

func wrongValue(name string) error {
	return fmt.Errorf("the parameter %s of the URL has an invalid value", name)
}

func (f form) wrongPath() error { return fmt.Errorf("the path of the URL is invalid: want %s", f.path) }

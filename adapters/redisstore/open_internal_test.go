package redisstore

import (
	"crypto/tls"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Open replaces the defaults of go-redis, and nothing that the URL says.
func TestOpenDefaults(t *testing.T) {
	type settings struct {
		dial, read, write, pool time.Duration
		retries                 int
	}
	for query, want := range map[string]settings{
		"":                        {defaultTimeout, defaultTimeout, defaultTimeout, defaultTimeout, 0},
		"?max_retries=0":          {defaultTimeout, defaultTimeout, defaultTimeout, defaultTimeout, 0},
		"?max_retries=2":          {defaultTimeout, defaultTimeout, defaultTimeout, defaultTimeout, 2},
		"?dial_timeout=1s":        {time.Second, defaultTimeout, defaultTimeout, defaultTimeout, 0},
		"?read_timeout=7":         {defaultTimeout, 7 * time.Second, defaultTimeout, defaultTimeout, 0},
		"?write_timeout=3s":       {defaultTimeout, defaultTimeout, 3 * time.Second, defaultTimeout, 0},
		"?pool_timeout=4s":        {defaultTimeout, defaultTimeout, defaultTimeout, 4 * time.Second, 0},
		"?read_timeout=0&db=1":    {defaultTimeout, 0, defaultTimeout, defaultTimeout, 0},
		"?pool_size=7&protocol=2": {defaultTimeout, defaultTimeout, defaultTimeout, defaultTimeout, 0},
	} {
		target, err := parseURL("redis://localhost" + query)
		if err != nil {
			t.Errorf("%q: %v", query, err)
			continue
		}
		client := redis.NewClient(target.server)
		o := client.Options()
		_ = client.Close()
		if got := (settings{o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout, o.MaxRetries}); got != want {
			t.Errorf("%q: %+v, want %+v", query, got, want)
		}
		if o.DialerRetries != 1 || !o.ContextTimeoutEnabled {
			t.Errorf("%q: DialerRetries %d, ContextTimeoutEnabled %v", query, o.DialerRetries, o.ContextTimeoutEnabled)
		}
	}
}

// What a URL says of a Cluster and of Sentinels, and the defaults of the rest.
func TestParseURLs(t *testing.T) {
	target, err := parseURL("redis-cluster://u:p%40ss@h1?addr=h2:7000&addr=h3:7001&pool_timeout=4s&max_redirects=5")
	if err != nil {
		t.Fatal(err)
	}
	c := target.cluster
	if !slices.Equal(c.Addrs, []string{"h1:6379", "h2:7000", "h3:7001"}) || c.Username != "u" || c.Password != "p@ss" || c.MaxRedirects != 5 || c.TLSConfig != nil {
		t.Errorf("Cluster: %+v", c)
	}
	if c.DialTimeout != defaultTimeout || c.ReadTimeout != defaultTimeout || c.WriteTimeout != defaultTimeout || c.PoolTimeout != 4*time.Second || c.DialerRetries != 1 || !c.ContextTimeoutEnabled {
		t.Errorf("Cluster: %+v", c)
	}

	target, err = parseURL("redis-sentinel://u:p%40ss@h1/3?addr=h2:7000&master_name=m&sentinel_username=su&sentinel_password=s%40p&max_retries=2&read_timeout=1s")
	if err != nil {
		t.Fatal(err)
	}
	f := target.failover
	if !slices.Equal(f.SentinelAddrs, []string{"h1:26379", "h2:7000"}) || f.MasterName != "m" || f.DB != 3 || f.TLSConfig != nil {
		t.Errorf("Sentinel: %+v", f)
	}
	if f.Username != "u" || f.Password != "p@ss" || f.SentinelUsername != "su" || f.SentinelPassword != "s@p" {
		t.Errorf("Sentinel: %+v", f)
	}
	if f.ReadTimeout != time.Second || f.DialTimeout != defaultTimeout*5/4 || f.MaxRetries != 2 || f.DialerRetries != 1 || !f.ContextTimeoutEnabled {
		t.Errorf("Sentinel: %+v", f)
	}

	for _, scheme := range []string{"rediss", "rediss-cluster", "rediss-sentinel"} {
		query := "?skip_verify=1"
		if scheme == "rediss-sentinel" {
			query += "&master_name=m"
		}
		target, err := parseURL(scheme + "://h1" + query)
		if err != nil {
			t.Fatal(err)
		}
		if config := target.tls(); config == nil || config.ServerName != "h1" || config.MinVersion != tls.VersionTLS12 || !config.InsecureSkipVerify {
			t.Errorf("%s: TLS is %+v", scheme, config)
		}
	}
}

// go-redis takes a dial_timeout of 0 for "none", and sets one that is over before
// the dial begins.
func TestNoTimeToDial(t *testing.T) {
	for _, url := range []string{"redis://h?", "redis-cluster://h?", "redis-sentinel://h?master_name=m&"} {
		for _, value := range []string{"0", "0s", "-1", "-3s"} {
			_, err := parseURL(url + "dial_timeout=" + value)
			if err == nil || !strings.Contains(err.Error(), "dial_timeout") || !strings.Contains(err.Error(), "want a duration above 0") {
				t.Errorf("%s with a dial_timeout of %s: %v", url, value, err)
			}
		}
	}
}

// Every parameter that is called known is known to go-redis, and what it knows
// beyond is not for this package.
func TestParametersAreKnown(t *testing.T) {
	for scheme, form := range forms {
		for _, name := range slices.Concat(parameters, form.parameters) {
			query := url.Values{name: {"1"}}
			if strings.HasSuffix(scheme, "-sentinel") {
				query.Set("master_name", "m")
			}
			if name == "addr" {
				query.Set(name, "host:1")
			}
			if _, err := parseURL(scheme + "://localhost/?" + query.Encode()); err != nil {
				t.Errorf("%s: %s: %v", scheme, name, err)
			}
		}
		for _, name := range []string{"read_only", "route_by_latency", "route_randomly", "replica_only", "context_timeout_enabled"} {
			if _, err := parseURL(scheme + "://localhost/?" + name + "=1"); err == nil {
				t.Errorf("%s: %s is known", scheme, name)
			}
		}
	}
}

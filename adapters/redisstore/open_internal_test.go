package redisstore

import (
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
		o, err := parseURL("redis://localhost" + query)
		if err != nil {
			t.Errorf("%q: %v", query, err)
			continue
		}
		client := redis.NewClient(o)
		o = client.Options()
		_ = client.Close()
		if got := (settings{o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout, o.MaxRetries}); got != want {
			t.Errorf("%q: %+v, want %+v", query, got, want)
		}
		if o.DialerRetries != 1 || !o.ContextTimeoutEnabled {
			t.Errorf("%q: DialerRetries %d, ContextTimeoutEnabled %v", query, o.DialerRetries, o.ContextTimeoutEnabled)
		}
	}
}

// Every parameter that is called known is known to go-redis.
func TestParametersAreKnown(t *testing.T) {
	for name := range parameters {
		if _, err := parseURL("rediss://localhost?" + name + "=1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

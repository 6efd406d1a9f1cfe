package redisstore

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// fields are settings by name, as a program writes them.
type fields map[string]any

// noCluster is a setting that a client of a Cluster lacks.
const noCluster = "DB"

// Each rule finds what it is about, and nothing else is found, in a client that
// is set up well but for that.
func TestLintRules(t *testing.T) {
	hit := make(map[string]bool)
	for _, c := range []struct {
		set  fields
		want string // the setting and its value
	}{
		{
			fields{"ClusterSlots": func(context.Context) ([]redis.ClusterSlot, error) { return nil, nil }},
			"ClusterSlots is set",
		},
		{fields{"ClientSideCache": redis.NewLocalCache(redis.CacheConfig{MaxEntries: 1})}, "ClientSideCache is set"},
		{fields{"ClientSideCacheConfig": &redis.ClientSideCacheConfig{MaxEntries: 1}}, "ClientSideCacheConfig is set"},
		{fields{"RouteRandomly": true}, "RouteRandomly is true"},
		{fields{"RouteByLatency": true}, "RouteByLatency is true"},
		{fields{"ReadOnly": true}, "ReadOnly is true"},
		{fields{"ReadTimeout": -1}, "ReadTimeout is -1"},
		{fields{"ReadTimeout": -2}, "ReadTimeout is -2"},
		{fields{"ReadTimeout": time.Minute}, "ReadTimeout is 1m0s"},
		{fields{"WriteTimeout": -1}, "WriteTimeout is -1"},
		{fields{"WriteTimeout": -2}, "WriteTimeout is -2"},
		{fields{"WriteTimeout": time.Minute}, "WriteTimeout is 1m0s"},
		{fields{"DialTimeout": -1}, "DialTimeout is -1"},
		{fields{"DialTimeout": time.Minute}, "DialTimeout is 1m0s"},
		{fields{"PoolTimeout": -1}, "PoolTimeout is -1"},
		{fields{"PoolTimeout": 2}, "PoolTimeout is 2ns"}, // for want of a unit
		{fields{"PoolTimeout": time.Minute}, "PoolTimeout is 1m0s"},
		{fields{"MaxRetries": -2}, "MaxRetries is -2"},
		{fields{"MaxRedirects": -2}, "MaxRedirects is -2"},
		{fields{"MaxRedirects": -1}, "MaxRedirects is -1"},
		{fields{"MaxRedirects": 8}, "MaxRedirects is 8"},
		{fields{"MaxActiveConns": 99, "PoolSize": 100}, "MaxActiveConns is 99"},
		{fields{"Limiter": unlimited{}}, "Limiter is set"},
		{fields{"ContextTimeoutEnabled": false}, "ContextTimeoutEnabled is false"},
		{fields{"DialerRetries": 2}, "DialerRetries is 2"},
		{fields{"DialerRetries": 0}, "DialerRetries is 5"},
		{fields{"DialerRetries": -1}, "DialerRetries is 5"}, // go-redis takes it for 0
		{fields{"MaxRetries": 2, noCluster: 0}, "MaxRetries is 2"},
		{fields{"MinRetryBackoff": -1, "MaxRetries": 1, noCluster: 0}, "MinRetryBackoff is -1"},
		{fields{"MaxRetryBackoff": -1, "MaxRetries": 1, noCluster: 0}, "MaxRetryBackoff is -1"},
		{fields{"PoolSize": 1}, "PoolSize is 1"},
		{fields{"ConnMaxIdleTime": 30}, "ConnMaxIdleTime is 30ns"},
		{fields{"ConnMaxLifetime": 60}, "ConnMaxLifetime is 60ns"},
	} {
		for client := range clientsWith(c.set) {
			warnings := Lint(client)
			if len(warnings) != 1 || warnings[0].Setting+" is "+warnings[0].Value != c.want {
				t.Errorf("%T, %v: got %q, want one that says that %s", client, c.set, warnings, c.want)
			}
			for _, w := range warnings {
				hit[w.Setting+w.Problem] = true
				if w.Problem == "" || w.Advice == "" {
					t.Errorf("%v: %q says nothing", c.set, w)
				}
			}
			if again := Lint(client); !slices.Equal(again, warnings) {
				t.Errorf("%v: %q, and then %q", c.set, warnings, again)
			}
		}
	}
	for _, r := range rules {
		if !hit[r.setting+r.problem] {
			t.Errorf("nothing was tried on the rule of %s that says: %s", r.setting, r.problem)
		}
	}
}

// What is near to what hurts does not.
func TestLintAllows(t *testing.T) {
	for _, set := range []fields{
		{},
		{"DialTimeout": patience, "ReadTimeout": patience, "WriteTimeout": patience, "PoolTimeout": patience},
		{"PoolTimeout": time.Millisecond, "ConnMaxIdleTime": time.Second, "ConnMaxLifetime": time.Second},
		{"ConnMaxIdleTime": -1, "ConnMaxLifetime": -1},
		{"MaxActiveConns": 100, "PoolSize": 100},
		{"MaxRetries": 1},
		{"MinRetryBackoff": -1, "MaxRetryBackoff": -1},
		{"MaxRedirects": 5, "MaxRetries": 3, "MinRetryBackoff": -1, "MaxRetryBackoff": -1}, // a store on a Cluster retries no read
	} {
		for client := range clientsWith(set) {
			if warnings := Lint(client); len(warnings) > 0 {
				t.Errorf("%T, %v: %q, want nothing", client, set, warnings)
			}
		}
	}
}

// The most harmful comes first.
func TestLintOrder(t *testing.T) {
	for client := range clientsWith(fields{"ConnMaxLifetime": 1, "MaxRetries": -2, "DialerRetries": 5, "DialTimeout": time.Minute, "ContextTimeoutEnabled": false, "ReadTimeout": -1, "RouteRandomly": true}) {
		want := "MaxRetries RouteRandomly ReadTimeout ContextTimeoutEnabled DialerRetries DialTimeout ConnMaxLifetime"
		if got := named(Lint(client)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Lint has nothing against what Open makes of a URL, unless the URL asks for it.
func TestLintOpen(t *testing.T) {
	for url, want := range map[string]string{
		"redis://localhost": "",
		"rediss://user:pass@localhost:1/3?pool_size=100": "",
		"unix:///no.sock": "",
		"redis-cluster://localhost?addr=localhost:1":     "",
		"redis-sentinel://localhost?master_name=m":       "",
		"redis://localhost?pool_timeout=0&max_retries=3": "PoolTimeout MaxRetries",
		"redis://localhost?read_timeout=-1":              "ReadTimeout",
	} {
		client := opened(t, url)
		if got := named(Lint(client)); got != want {
			t.Errorf("%s: warnings of %q, want %q", url, got, want)
		}
		_ = client.Close()
	}
}

// opened returns the client that Open makes of a URL.
func opened(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	o, err := parseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return o.client()
}

// The options that Lint takes the clients of a Cluster's nodes to have are the
// ones that they have.
func TestNodeOptions(t *testing.T) {
	for _, set := range []fields{
		{},
		{"ReadTimeout": -1, "WriteTimeout": -1, "MaxRetries": -1},
		{"ReadTimeout": -2, "WriteTimeout": -2, "MaxRetries": -2},
		{"DialTimeout": -1, "DialerRetries": -1, "PoolTimeout": -1, "ConnMaxIdleTime": -1, "ConnMaxLifetime": -1},
		{
			"ContextTimeoutEnabled": true, "MaxRetries": 2, "DialTimeout": 3, "DialerRetries": 4, "ReadTimeout": 5, "WriteTimeout": 6,
			"PoolSize": 7, "PoolTimeout": 8, "MaxActiveConns": 9, "ConnMaxIdleTime": 10, "ConnMaxLifetime": 11,
		},
	} {
		o := &redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}}
		set.apply(o)
		var node *redis.Options
		o.NewClient = func(o *redis.Options) *redis.Client {
			client := redis.NewClient(o)
			node = client.Options()
			return client
		}
		client := redis.NewClusterClient(o)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_ = client.Ping(ctx).Err() // makes the client of the first node
		_ = client.Close()
		if node == nil {
			t.Fatal("there is no client of a node")
		}
		if got, want := shown(nodeOptions(client.Options())), shown(node); got != want {
			t.Errorf("%v: Lint takes the options to be\n%s\nthey are\n%s", set, got, want)
		}
	}
}

// shown returns what rules read of the options of one server's client.
func shown(o *redis.Options) string {
	return fmt.Sprint(o.ContextTimeoutEnabled, o.MaxRetries, o.DialTimeout, o.DialerRetries, o.ReadTimeout, o.WriteTimeout,
		o.PoolSize, o.PoolTimeout, o.MaxActiveConns, o.ConnMaxIdleTime, o.ConnMaxLifetime)
}

func named(warnings []Warning) string {
	var settings []string
	for _, w := range warnings {
		settings = append(settings, w.Setting)
	}
	return strings.Join(settings, " ")
}

// clientsWith yields a client of one server and one of a Cluster that are set up
// well, but for set. One that lacks a setting is left out.
func clientsWith(set fields) iter.Seq[redis.UniversalClient] {
	return func(yield func(redis.UniversalClient) bool) {
		single := &redis.Options{Addr: "127.0.0.1:1"}
		cluster := &redis.ClusterOptions{Addrs: []string{single.Addr}}
		target{server: single}.setDefaults()
		target{cluster: cluster}.setDefaults()
		isSingle, isCluster := set.apply(single), set.apply(cluster)
		if !isSingle && !isCluster {
			panic(fmt.Sprintf("no client has the settings %v", set))
		}
		if isSingle {
			client := redis.NewClient(single)
			defer client.Close()
			if !yield(client) {
				return
			}
		}
		if isCluster {
			client := redis.NewClusterClient(cluster)
			defer client.Close()
			yield(client)
		}
	}
}

// apply changes options, and reports whether it has all the fields.
func (f fields) apply(options any) bool {
	o := reflect.ValueOf(options).Elem()
	for name, value := range f {
		field := o.FieldByName(name)
		if !field.IsValid() {
			return false
		}
		field.Set(reflect.ValueOf(value).Convert(field.Type()))
	}
	return true
}

type unlimited struct{}

func (unlimited) Allow() error       { return nil }
func (unlimited) ReportResult(error) {}

package redisstore_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
)

// A program that borrows a client looks at it when it starts.
func ExampleLint() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379", DialerRetries: 1, MaxActiveConns: 1})
	defer client.Close()
	for _, w := range redisstore.Lint(client) {
		fmt.Printf("%s is %s: %s\n", w.Setting, w.Value, w.Advice)
	}
	// Output:
	// MaxActiveConns is 1: leave it at 0, for PoolSize is a bound already
	// ContextTimeoutEnabled is false: set it to true
	// MaxRetries is 3: set it to -1, for 0 means 3
}

// The defaults of go-redis hurt; the order is the one of the table.
func TestLintDefaults(t *testing.T) {
	single := connect(t, &redis.Options{})
	sentinel := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "m", SentinelAddrs: []string{"localhost:1"}})
	defer sentinel.Close()
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"localhost:1"}})
	defer cluster.Close()
	for _, c := range []struct {
		client redis.UniversalClient
		want   string
	}{
		{single, "ContextTimeoutEnabled=false DialerRetries=5 MaxRetries=3"},
		{sentinel, "ContextTimeoutEnabled=false DialerRetries=5 MaxRetries=3"},
		{cluster, "ContextTimeoutEnabled=false DialerRetries=5"},
	} {
		var got []string
		for _, w := range redisstore.Lint(c.client) {
			got = append(got, w.Setting+"="+w.Value)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%T: %s, want %s", c.client, got, c.want)
		}
	}
}

// A client that New refuses is the one warning, and no client is no client.
func TestLintRefused(t *testing.T) {
	ring := redis.NewRing(&redis.RingOptions{})
	defer ring.Close()
	for _, client := range []redis.UniversalClient{ring, (*redis.Ring)(nil), wrapped{ring}} {
		if !panics(func() { redisstore.New(client) }) {
			t.Errorf("New takes a %T", client)
		}
		warnings := redisstore.Lint(client)
		if len(warnings) != 1 || warnings[0].Setting != "the client" || warnings[0].Value != fmt.Sprintf("a %T", client) || !strings.Contains(warnings[0].Problem, "New panics") {
			t.Errorf("%T: %q, want that New refuses it", client, warnings)
		}
	}
	for _, o := range []redis.ClusterOptions{
		{MaxRedirects: -2},
		{ReadOnly: true},
		{RouteByLatency: true},
		{RouteRandomly: true},
		{ClusterSlots: func(context.Context) ([]redis.ClusterSlot, error) { return nil, nil }},
	} {
		client := redis.NewClusterClient(&o)
		defer client.Close()
		if !panics(func() { redisstore.New(client) }) {
			t.Errorf("New takes a Cluster's client with %+v", o)
		}
		if warnings := redisstore.Lint(client); len(warnings) == 0 || !strings.HasPrefix(warnings[0].Problem, "New panics") {
			t.Errorf("%+v: %q, want that New refuses it", o, warnings)
		}
	}
	for _, client := range []redis.UniversalClient{nil, (*redis.Client)(nil), (*redis.ClusterClient)(nil)} {
		if !panics(func() { redisstore.Lint(client) }) {
			t.Errorf("Lint takes a %T that is nil", client)
		}
	}
}

// wrapped is a client of a kind that nobody knows.
type wrapped struct{ redis.UniversalClient }

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// Nothing of what names the program, its user or its server is in a warning.
func TestLintTellsNoSecret(t *testing.T) {
	secret := func() (string, string) { return canary, canary }
	single := connect(t, &redis.Options{
		Addr: canary + ":1", NodeAddress: canary, ClientName: canary, IdentitySuffix: canary,
		Username: canary, Password: canary, CredentialsProvider: secret, TLSConfig: &tls.Config{ServerName: canary},
		Limiter: limiter(canary), PoolSize: 1, ReadTimeout: -1,
	})
	cluster := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{canary + ":1"}, ClientName: canary, IdentitySuffix: canary, Username: canary, Password: canary,
		CredentialsProvider: secret, TLSConfig: &tls.Config{ServerName: canary}, RouteRandomly: true,
	})
	defer cluster.Close()
	for _, client := range []redis.UniversalClient{single, cluster} {
		warnings := redisstore.Lint(client)
		if len(warnings) == 0 {
			t.Errorf("%T: no warning", client)
		}
		for _, w := range warnings {
			if text := fmt.Sprintf("%+v %s", w, w); strings.Contains(text, canary) {
				t.Errorf("%T: %q tells a secret", client, text)
			}
		}
	}
}

type limiter string

func (limiter) Allow() error       { return nil }
func (limiter) ReportResult(error) {}

func TestWarningString(t *testing.T) {
	w := redisstore.Warning{Setting: "PoolSize", Value: "1", Problem: "calls wait", Advice: "leave it"}
	if got, want := w.String(), "PoolSize is 1: calls wait; leave it"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

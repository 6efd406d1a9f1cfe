package redisstore_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A wrong URL is a clear error, and never repeats what might be a password that
// was not encoded.
func TestOpenBadURL(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"", "the scheme"},
		{"s3cr3t", "the scheme"},
		{"s3cr3t://host", "the scheme"},
		{"localhost:6379", "the scheme"},
		{"http://user:s3cr3t@host", "the scheme"},
		{"redis://user:s3cr3t/s3cr3t@host:6379", "cannot be parsed"},
		{"redis://user:s3cr3t#s3cr3t@host:6379", "cannot be parsed"},
		{"redis://user:s3cr3t%zz@host:6379", "cannot be parsed"},
		{"redis://user:pass@host:s3cr3t", "cannot be parsed"},
		{"redis://s3cr3t\x00", "cannot be parsed"},
		{"redis://user:1?s3cr3t@host:6379", "unknown parameter"},
		{"redis://host?s3cr3t=1", "unknown parameter"},
		{"redis://host?%zz=s3cr3t", "the query"},
		{"redis://host/s3cr3t", "the path"},
		{"redis://host/1/s3cr3t", "the path"},
		{"unix://", "the path"},
		{"redis://host?db=s3cr3t", "the parameter db"},
		{"redis://host?read_timeout=s3cr3t&db=1", "the parameter read_timeout"},
		{"redis://host?pool_size=s3cr3t", "the parameter pool_size"},
		{"redis://host?pool_fifo=s3cr3t", "the parameter pool_fifo"},
		{"rediss://host?skip_verify=s3cr3t", "the parameter skip_verify"},
		{"redis://host?skip_verify=1", "the parameter skip_verify"},
		{"unix:///s3cr3t?tls_ca_file=s3cr3t", "the parameter tls_ca_file"},
		{"rediss://host?tls_ca_file=/s3cr3t", "the file of the parameter tls_ca_file cannot be read: no such file"},
		{"rediss://host?tls_cert_file=/s3cr3t", "tls_key_file one is missing"},
		{"rediss://host?tls_key_file=/s3cr3t", "tls_key_file one is missing"},
		{"rediss://host?tls_cert_file=/s3cr3t&tls_key_file=/s3cr3t", "the file of the parameter tls_cert_file cannot be read"},
		{"rediss-cluster://host?tls_ca_file=/dev/null", "tls_ca_file has no certificate"},
		{"rediss-sentinel://host?tls_cert_file=/dev/null&tls_key_file=/dev/null", "do not go together"},
		{"redis-cluster://host:1,s3cr3t:2", "cannot be parsed"},
		{"redis-cluster://host/1", "the path of the URL is invalid: want none"},
		{"redis-cluster://host?addr=s3cr3t", "the parameter addr"},
		{"redis-cluster://host?db=1", "unknown parameter"},
		{"redis-cluster://host?max_redirects=-1", "the parameter max_redirects"},
		{"redis-cluster://user:s3cr3t@host?read_only=1", "unknown parameter"},
		{"redis-sentinel://user:s3cr3t@host", "no parameter master_name"},
		{"redis-sentinel://host/s3cr3t?master_name=m", "the path"},
		{"redis-sentinel://host?master_name=m&addr=:1", "the parameter addr"},
		{"redis-sentinel://host?master_name=m&password=s3cr3t", "unknown parameter"},
		{"redis-sentinel://host?master_name=m&replica_only=1", "unknown parameter"},
	} {
		store, err := redisstore.Open(t.Context(), c.url)
		switch {
		case err == nil:
			_ = store.Close()
			t.Errorf("%q: no error", c.url)
		case !strings.HasPrefix(err.Error(), "redisstore: open: "), !strings.Contains(err.Error(), c.want):
			t.Errorf("%q: %q, want one that says %q", c.url, err, c.want)
		case strings.Contains(err.Error(), "user:"):
			if !strings.Contains(err.Error(), "redis://user:password@host:port/db") {
				t.Errorf("%q: %q repeats the URL", c.url, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %q tells a secret", c.url, err)
		}
	}
}

// A server that cannot be used is an error of Open, which is quick, leaves
// nothing behind and tells no secret.
func TestOpenFails(t *testing.T) {
	server := redistest.Start(t, redistest.Config("requirepass", canary))
	dead := redistest.Start(t)
	dead.Kill()
	with := func(user *url.Userinfo, addr, query string) string {
		return (&url.URL{Scheme: "redis", User: user, Host: addr, RawQuery: query}).String()
	}
	for _, c := range []struct {
		url  string
		want error
		says string
	}{
		{with(url.UserPassword("u"+canary, canary), dead.Addr(), ""), storage.ErrUnavailable, "connection refused"},
		{with(nil, server.Addr(), ""), storage.ErrUnauthorized, "NOAUTH"},
		{with(url.UserPassword("", "wrong"+canary), server.Addr(), ""), storage.ErrUnauthorized, "WRONGPASS"},
		{with(url.UserPassword("u"+canary, canary), server.Addr(), ""), storage.ErrUnauthorized, "WRONGPASS"},
		{with(url.UserPassword("", canary), server.Addr(), "db=99"), storage.ErrUnavailable, "DB index is out of range"},
		{"rediss://" + server.Addr() + "?dial_timeout=1s", storage.ErrUnavailable, "i/o timeout"},
		{"unix://u:" + canary + "@" + t.TempDir() + "/no.sock", storage.ErrUnavailable, "no such file"},
	} {
		started := time.Now()
		store, err := redisstore.Open(context.Background(), c.url)
		if err == nil {
			_ = store.Close()
		}
		checkFailure(t, c.url, err, c.want, c.says)
		if err != nil && !strings.HasPrefix(err.Error(), "redisstore: open: ") {
			t.Errorf("%q: %q", c.url, err)
		}
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("%q: Open took %v", c.url, took)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	live := redistest.Start(t)
	live.Pause()
	defer live.Resume()
	if _, err := redisstore.Open(ctx, live.URL()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent server: %v, want context.DeadlineExceeded", err)
	}
}

// Credentials, a database and a socket in the URL are used.
func TestOpenURL(t *testing.T) {
	socket := t.TempDir() + "/redis.sock"
	password := "p@ss:w/ord?&#%"
	server := redistest.Start(t, redistest.Config("requirepass", password), redistest.Config("unixsocket", socket))
	for _, u := range []*url.URL{
		{Scheme: "redis", User: url.UserPassword("", password), Host: server.Addr(), Path: "/3"},
		{Scheme: "redis", User: url.UserPassword("default", password), Host: server.Addr(), RawQuery: "db=3"},
		{Scheme: "unix", User: url.UserPassword("default", password), Path: socket, RawQuery: "db=3"},
	} {
		store, err := redisstore.Open(t.Context(), u.String())
		if err != nil {
			t.Errorf("%s: %v", u.Redacted(), err)
			continue
		}
		if err := store.Set(t.Context(), u.Redacted(), nil, 0); err != nil {
			t.Errorf("%s: %v", u.Redacted(), err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	client := connect(t, &redis.Options{Addr: server.Addr(), Password: password, DB: 3})
	if n := client.DBSize(t.Context()).Val(); n != 3 {
		t.Errorf("%d keys in database 3, want 3", n)
	}
}

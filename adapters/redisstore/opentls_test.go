package redisstore_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// withFiles returns the URL of a server, with the files that prove it to be what
// it says, and the client to be welcome.
func withFiles(t *testing.T, address string, files redistest.TLSFiles) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	for name, value := range map[string]string{
		"tls_ca_file": files.CA, "tls_cert_file": files.Cert, "tls_key_file": files.Key,
		"dial_timeout": "20s", "read_timeout": "20s", // a slow machine takes a while for certificates
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Open shows a certificate and checks the server's, by files that the URL names.
func TestOpenTLS(t *testing.T) {
	server := redistest.Start(t, redistest.TLS())
	files, others := server.TLSFiles(), redistest.Start(t, redistest.TLS()).TLSFiles()
	for name, c := range map[string]struct {
		files redistest.TLSFiles
		more  string
		want  error
		says  string
	}{
		"both":                    {files, "", nil, ""},
		"anybody":                 {redistest.TLSFiles{Cert: files.Cert, Key: files.Key}, "&skip_verify=true", nil, ""},
		"authority of the system": {redistest.TLSFiles{Cert: files.Cert, Key: files.Key}, "", storage.ErrUnavailable, "unknown authority"},
		"authority of another":    {redistest.TLSFiles{CA: others.CA, Cert: files.Cert, Key: files.Key}, "", storage.ErrUnavailable, "unknown authority"},
		"no certificate":          {redistest.TLSFiles{CA: files.CA}, "", storage.ErrUnauthorized, "certificate required"},
		"certificate of another":  {redistest.TLSFiles{CA: files.CA, Cert: others.Cert, Key: others.Key}, "", storage.ErrUnauthorized, "certificate"},
	} {
		store, err := redisstore.Open(t.Context(), withFiles(t, server.URL(), c.files)+c.more)
		if c.want == storage.ErrUnauthorized && errors.Is(err, storage.ErrUnavailable) {
			c.want, c.says = storage.ErrUnavailable, "" // the end of the connection overtook what the server said of it
		}
		if c.want != nil {
			checkFailure(t, name, err, c.want, c.says)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkWorks(t, store)
		if err := store.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The same for all the servers that a Cluster and Sentinels name.
func TestOpenTLSOfMany(t *testing.T) {
	t.Parallel()
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		cluster := redistest.StartCluster(t, redistest.TLS())
		checkWorks(t, openURL(t, withFiles(t, cluster.URL(), cluster.Nodes()[0].TLSFiles())))
	})
	t.Run("Sentinel", func(t *testing.T) {
		t.Parallel()
		sentinel := redistest.StartSentinel(t, redistest.TLS())
		checkWorks(t, openURL(t, withFiles(t, sentinel.URL(), sentinel.Master().TLSFiles())))
	})
}

func checkWorks(t *testing.T, store *redisstore.Store) {
	t.Helper()
	keys := []string{"a", "b", "c", "d"}
	for _, key := range keys {
		if err := store.Set(t.Context(), key, []byte(key), 0); err != nil {
			t.Errorf("Set: %v", err)
		}
	}
	values, err := store.GetMany(t.Context(), keys)
	if err != nil || len(values) != len(keys) {
		t.Errorf("GetMany: %q, %v", values, err)
	}
	if got := list(t, store, ""); len(got) != len(keys) {
		t.Errorf("Keys: %q", got)
	}
}

// shopper is a user with no more permissions than are needed.
const shopper = "shop"

var permissions = []string{
	"on", ">" + canary, "~shop:*", "-@all",
	"+get", "+set", "+exists", "+unlink", "+getdel", "+pexpire", "+scan", "+ping", "+info",
	"+evalsha", "+eval", "+persist", "+multi", "+exec", "+mget", "+pttl",
}

// Open is a user of an access control list, who may do what the package comment
// says, and to keys with a prefix.
func TestOpenACL(t *testing.T) {
	server := redistest.Start(t, redistest.Config("user", append([]string{shopper}, permissions...)...))
	address := (&url.URL{Scheme: "redis", User: url.UserPassword(shopper, canary), Host: server.Addr()}).String()
	store := openURL(t, address, redisstore.Prefix("shop:"))
	for name, call := range operations {
		do(t, server, "set", "shop:"+faultKey, canary)
		if err := call(t.Context(), store, faultKey); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	checkFailure(t, "elsewhere", openURL(t, address).Set(t.Context(), "k", nil, 0), storage.ErrUnauthorized, "NOPERM")
}

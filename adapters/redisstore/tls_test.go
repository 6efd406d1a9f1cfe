package redisstore_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// An authority makes certificates for servers and clients on this machine.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.make("ca", &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	})
	return a
}

func (a *authority) issue(name string, notAfter time.Time, hosts ...net.IP) {
	a.make(name, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, IPAddresses: hosts,
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: notAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// make writes a certificate and its key to files.
func (a *authority) make(name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	must := func(err error) {
		a.t.Helper()
		if err != nil {
			a.t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	must(err)
	cert, err := x509.ParseCertificate(der)
	must(err)
	private, err := x509.MarshalECPrivateKey(key)
	must(err)
	must(os.WriteFile(a.file(name+".crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(os.WriteFile(a.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// Open shows a certificate and checks the server's, by files that the URL names.
func TestOpenTLS(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	here := net.IPv4(127, 0, 0, 1)
	a.issue("server", time.Now().Add(time.Hour), here)
	a.issue("client", time.Now().Add(time.Hour))
	stranger.issue("client", time.Now().Add(time.Hour))
	port := freePort(t)
	server := redistest.Start(t,
		redistest.Config("tls-port", port),
		redistest.Config("tls-ca-cert-file", a.file("ca.crt")),
		redistest.Config("tls-cert-file", a.file("server.crt")),
		redistest.Config("tls-key-file", a.file("server.key")),
		redistest.Config("user", "shop", "on", ">"+canary, "~shop:*", "&*", "+@all"),
	)
	files := func(ca, client *authority) url.Values {
		q := url.Values{"dial_timeout": {"20s"}, "read_timeout": {"20s"}}
		if ca != nil {
			q.Set("tls_ca_file", ca.file("ca.crt"))
		}
		if client != nil {
			q.Set("tls_cert_file", client.file("client.crt"))
			q.Set("tls_key_file", client.file("client.key"))
		}
		return q
	}
	with := func(q url.Values, name, value string) url.Values {
		q.Set(name, value)
		return q
	}
	for _, c := range []struct {
		name  string
		query url.Values
		want  error
		says  string
	}{
		{"both", files(a, a), nil, ""},
		{"anybody", with(files(nil, a), "skip_verify", "true"), nil, ""},
		{"authority of the system", files(nil, a), storage.ErrUnavailable, "unknown authority"},
		{"authority of another", files(stranger, a), storage.ErrUnavailable, "unknown authority"},
		{"no certificate", files(a, nil), storage.ErrUnauthorized, "certificate required"},
		{"certificate of another", files(a, stranger), storage.ErrUnauthorized, "certificate"},
	} {
		u := url.URL{Scheme: "rediss", User: url.UserPassword("shop", canary), Host: "127.0.0.1:" + port, RawQuery: c.query.Encode()}
		store, err := redisstore.Open(t.Context(), u.String(), redisstore.Prefix("shop:"))
		if c.want == storage.ErrUnauthorized && errors.Is(err, storage.ErrUnavailable) {
			c.want, c.says = storage.ErrUnavailable, "" // the end of the connection overtook what the server said of it
		}
		if c.want != nil {
			checkFailure(t, c.name, err, c.want, c.says)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := store.Set(t.Context(), "k", []byte("1"), 0); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := store.Close(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if n := connect(t, &redis.Options{Addr: server.Addr()}).Exists(t.Context(), "shop:k").Val(); n != 1 {
		t.Error("nothing was stored")
	}
}

// freePort returns a port on which nobody listened a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

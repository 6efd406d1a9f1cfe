package redistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// TLS makes the server speak TLS only, with certificates that are made for the
// occasion, and demand one of its clients: [Server.TLSConfig] has one. In a
// cluster, and with sentinels, all servers speak it, to each other too. Servers
// that have the same Option have the same authority. With
// Config("tls-auth-clients", "no") they demand no certificate.
//
// Where the server program has no TLS the test is skipped.
func TLS() Option {
	once := sync.OnceValues(newCerts)
	return optionFunc(func(c *conf) (err error) {
		c.certs, err = once()
		return err
	})
}

// TLSFiles are the paths of PEM files, for programs that take them.
type TLSFiles struct {
	CA   string // certificate of the authority that signed all others
	Cert string // certificate of a client
	Key  string // its private key
}

// TLSConfig returns what a client needs to connect to a server with the option
// [TLS]: its authority, and a certificate of its own. It returns nil for a server
// without TLS.
func (s *Server) TLSConfig() *tls.Config { return s.p.conf.certs.config() }

// TLSFiles returns the files with what TLSConfig has. They are in the server's
// directory and go with it. Without TLS the paths are empty.
func (s *Server) TLSFiles() TLSFiles {
	if s.p.conf.certs == nil {
		return TLSFiles{}
	}
	in := func(name string) string { return filepath.Join(s.p.dir, name) }
	return TLSFiles{CA: in("ca.pem"), Cert: in("client.pem"), Key: in("client-key.pem")}
}

// certs are the certificates of servers that belong together, and of their
// clients.
type certs struct {
	pool   *x509.CertPool
	client tls.Certificate
	files  map[string][]byte
}

func newCerts() (*certs, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "redistest authority"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	ca, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	c := &certs{pool: x509.NewCertPool(), files: map[string][]byte{"ca.pem": toPEM("CERTIFICATE", der)}}
	c.pool.AddCert(ca)
	for serial, name := range []string{"server", "client"} {
		cert, certKey, err := sign(ca, key, int64(serial+2), name)
		if err != nil {
			return nil, err
		}
		c.files[name+".pem"], c.files[name+"-key.pem"] = cert, certKey
	}
	c.client, err = tls.X509KeyPair(c.files["client.pem"], c.files["client-key.pem"])
	return c, err
}

// sign makes a certificate for a server or a client; a server is a client of
// others, too.
func sign(ca *x509.Certificate, caKey *ecdsa.PrivateKey, serial int64, name string) (cert, key []byte, err error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		Subject:      pkix.Name{CommonName: "redistest " + name},
		NotBefore:    ca.NotBefore,
		NotAfter:     ca.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if name == "server" {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		template.DNSNames = []string{"localhost"}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, k.Public(), caKey)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(k)
	return toPEM("CERTIFICATE", der), toPEM("PRIVATE KEY", pkcs8), err
}

func toPEM(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// config returns the configuration of a client; nil has none.
func (c *certs) config() *tls.Config {
	if c == nil {
		return nil
	}
	return &tls.Config{RootCAs: c.pool, Certificates: []tls.Certificate{c.client}, MinVersion: tls.VersionTLS12}
}

// write writes the files to dir.
func (c *certs) write(dir string) error {
	if c == nil {
		return nil
	}
	for name, b := range c.files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// directives returns how a server is configured to listen on the port.
func (c *certs) directives(dir string, port int) []directive {
	if c == nil {
		return []directive{set("port", fmt.Sprint(port))}
	}
	return []directive{
		set("port", "0"),
		set("tls-port", fmt.Sprint(port)),
		set("tls-ca-cert-file", filepath.Join(dir, "ca.pem")),
		set("tls-cert-file", filepath.Join(dir, "server.pem")),
		set("tls-key-file", filepath.Join(dir, "server-key.pem")),
		set("tls-auth-clients", "yes"),
		set("tls-replication", "yes"),
		set("tls-cluster", "yes"),
	}
}

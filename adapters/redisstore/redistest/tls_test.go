package redistest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// dialTLS returns a client that speaks TLS, or why the server refused it.
func dialTLS(t *testing.T, addr string, config *tls.Config) (*client, error) {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, config)
	if err != nil {
		return nil, err
	}
	c := newClient(t, conn)
	_, err = c.try("PING") // a server says no after the handshake
	return c, err
}

func TestTLS(t *testing.T) {
	t.Parallel()
	option := TLS()
	s, sister, other := Start(t, option), Start(t, option, Config("tls-auth-clients", "no")), Start(t, TLS())
	if got, want := s.URL(), "rediss://"+s.Addr(); got != want {
		t.Errorf("URL: got %q, want %q", got, want)
	}
	if _, err := dialTLS(t, s.Addr(), s.TLSConfig()); err != nil {
		t.Errorf("with the client's certificate: %v", err)
	}
	if _, err := dialTLS(t, sister.Addr(), s.TLSConfig()); err != nil {
		t.Errorf("server with the same option: %v", err)
	}
	bare := s.TLSConfig()
	bare.Certificates = nil
	if _, err := dialTLS(t, s.Addr(), bare); err == nil {
		t.Error("the server took a client without a certificate")
	}
	if _, err := dialTLS(t, sister.Addr(), bare); err != nil {
		t.Errorf("server that demands no certificate: %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if _, err := dialTLS(t, other.Addr(), s.TLSConfig()); !errors.As(err, &unknown) {
		t.Errorf("server with another option: got %v, want that its authority is unknown", err)
	}
	if got, err := dial(t, s.Addr()).try("PING"); err == nil {
		t.Errorf("PING in plain text: got %q, want an error", got)
	}

	files := s.TLSFiles()
	ca, err := os.ReadFile(files.CA)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	fromFiles := &tls.Config{RootCAs: x509.NewCertPool(), Certificates: []tls.Certificate{pair}, ServerName: "localhost"}
	fromFiles.RootCAs.AppendCertsFromPEM(ca)
	s.Restart()
	if _, err := dialTLS(t, s.Addr(), fromFiles); err != nil {
		t.Errorf("with the files, after Restart: %v", err)
	}

	plain := Start(t)
	if plain.TLSConfig() != nil || plain.TLSFiles() != (TLSFiles{}) {
		t.Error("a server without TLS has a configuration or files")
	}
}

// A proxy does not understand what is encrypted, and breaks it all the same.
func TestProxyOfTLS(t *testing.T) {
	t.Parallel()
	s := Start(t, TLS())
	p := NewProxy(t, s.Addr())
	p.Strike("ping", Reset)
	c, err := dialTLS(t, p.Addr(), s.TLSConfig())
	if err != nil || p.Struck() || p.Requests("ping") != 0 {
		t.Fatalf("got %v; struck: %v; saw %d", err, p.Struck(), p.Requests("ping"))
	}
	p.Break(EOF)
	if _, err := c.reply(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an end of file", err)
	}
}

// A program without TLS is played by one that says what such a server says.
func TestProgramWithoutTLS(t *testing.T) {
	bin := program(t)
	if !canEndAlone {
		t.Skip("needs a shell")
	}
	script := `#!/bin/sh
if grep -q '^tls-port' "$1"; then
	printf "*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\nReading the configuration file, at line 2\n>>> 'tls-port \"1\"'\nBad directive or wrong number of arguments\n" >&2
	exit 1
fi
exec ` + bin + ` "$@"
`
	path := filepath.Join(t.TempDir(), "server")
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvServer, path)
	for name, start := range map[string]func(testing.TB){
		"Start":         func(tb testing.TB) { Start(tb, TLS()) },
		"StartCluster":  func(tb testing.TB) { StartCluster(tb, TLS()) },
		"StartSentinel": func(tb testing.TB) { StartSentinel(tb, TLS()) },
	} {
		r := record(t, start)
		if !r.skipped || r.failed || !strings.Contains(r.said, errNoTLS.Error()) {
			t.Errorf("%s: skipped %v, failed %v, said %q", name, r.skipped, r.failed, r.said)
		}
	}
	if got := dial(t, Start(t).Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q", got)
	}
}

// What the real server says of a directive that it does not know is what
// TestProgramWithoutTLS plays.
func TestUnknownDirective(t *testing.T) {
	t.Parallel()
	program(t)
	r := record(t, func(tb testing.TB) { Start(tb, Config("tls-port-of-nobody", "1")) })
	if !r.failed || !strings.Contains(r.said, ">>> 'tls-port-of-nobody \"1\"'\nBad directive") {
		t.Errorf("failed %v with %q", r.failed, r.said)
	}
}

func TestSocket(t *testing.T) {
	if !canEndAlone {
		t.Skip("no Unix sockets for sure")
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"usual": os.TempDir(), "long": long} {
		var path string
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", dir)
			s := Start(t, Socket())
			path = s.Socket()
			s.Restart()
			conn, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			if got := newClient(t, conn).do("PING"); got != "+PONG" {
				t.Errorf("PING: got %q", got)
			}
			if got := dial(t, s.Addr()).do("PING"); got != "+PONG" {
				t.Errorf("PING by TCP: got %q", got)
			}
		})
		wantGone(t, path)
	}
	if got := Start(t).Socket(); got != "" {
		t.Errorf("server without the option: got %q", got)
	}
}

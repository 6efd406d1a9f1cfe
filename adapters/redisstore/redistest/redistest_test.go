package redistest

import (
	"net"
	"os"
	"strings"
	"sync"
	"testing"
)

func TestStart(t *testing.T) {
	t.Parallel()
	s := Start(t, Config("maxmemory", "1mb"))
	c := dial(t, s.Addr())
	for _, tt := range []struct{ directive, want string }{
		{"maxmemory", "1048576"},
		{"bind", "127.0.0.1"},
		{"save", ""},
		{"appendonly", "no"},
		{"dir", s.p.dir},
	} {
		if got := c.do("CONFIG", "GET", tt.directive); got != tt.directive+" "+tt.want {
			t.Errorf("CONFIG GET %s: got %q, want the value %q", tt.directive, got, tt.want)
		}
	}
	if s.p.port < minPort || s.p.port > maxPort {
		t.Errorf("port %d is not in %d to %d", s.p.port, minPort, maxPort)
	}
	if got, want := s.URL(), "redis://"+s.Addr(); got != want {
		t.Errorf("URL: got %q, want %q", got, want)
	}
	if !strings.Contains(s.Log(), string(serverReady)) {
		t.Errorf("Log: got %q, want it to say %q", s.Log(), serverReady)
	}
}

func TestConfigIsTakenByteForByte(t *testing.T) {
	t.Parallel()
	password := "a \"b\" \\c\n\x00\x80#'\xff"
	s := Start(t, Config("requirepass", "first"), Config("requirepass", password))
	c := dial(t, s.Addr())
	if got := c.do("PING"); !strings.HasPrefix(got, "-NOAUTH") {
		t.Errorf("PING without the password: got %q, want -NOAUTH", got)
	}
	if got := c.do("AUTH", password); got != "+OK" {
		t.Errorf("AUTH: got %q, want +OK", got)
	}
}

func TestStartLeavesNoClientBehind(t *testing.T) {
	t.Parallel()
	s := Start(t, Config("maxclients", "1"))
	if got := dial(t, s.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING as the only client: got %q, want +PONG", got)
	}
}

func TestKillAndRestart(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []Option
		want string // of GET after the restart
	}{
		{"data is lost", nil, "(nil)"},
		{"data is kept by the configuration", []Option{Config("appendonly", "yes"), Config("appendfsync", "no")}, "v"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := Start(t, tt.opts...)
			addr := s.Addr()
			c := dial(t, addr)
			if got := c.do("SET", "k", "v"); got != "+OK" {
				t.Fatalf("SET: got %q", got)
			}
			s.Kill()
			if got, err := c.try("GET", "k"); err == nil {
				t.Errorf("GET on a connection of the killed server: got %q, want an error", got)
			}
			wantRefused(t, addr)
			s.Kill() // does nothing

			s.Restart()
			if s.Addr() != addr {
				t.Errorf("Addr after Restart: got %s, want %s", s.Addr(), addr)
			}
			if got := dial(t, addr).do("GET", "k"); got != tt.want {
				t.Errorf("GET after Restart: got %q, want %q", got, tt.want)
			}
			pid := s.p.run.cmd.Process.Pid
			s.Restart() // of a running server
			if now := s.p.run.cmd.Process.Pid; now == pid {
				t.Errorf("Restart of a running server left the process %d running", pid)
			}
			if got := dial(t, addr).do("GET", "k"); got != tt.want {
				t.Errorf("GET after the second Restart: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCleanupEndsServer(t *testing.T) {
	t.Parallel()
	var s *Server
	t.Run("test", func(t *testing.T) { s = Start(t) })
	if s == nil {
		t.SkipNow() // as the subtest did
	}
	wantRefused(t, s.Addr())
	if s.p.alive() {
		t.Error("the process is alive after its test")
	}
	wantGone(t, s.p.dir)
}

func TestMethodsMayRunTogether(t *testing.T) {
	t.Parallel()
	s := Start(t)
	var wg sync.WaitGroup
	for _, f := range []func(){s.Kill, s.Restart, s.Restart, func() { _ = s.Addr() + s.Log() }} {
		wg.Go(f)
	}
	wg.Wait()
	s.Restart()
	if got := dial(t, s.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q, want +PONG", got)
	}
}

func TestShared(t *testing.T) {
	t.Parallel()
	a := Shared(t)
	if !a.shared {
		t.Skip("this system has no shared server")
	}
	var b *Server
	t.Run("another test", func(t *testing.T) { b = Shared(t) })
	if a.Addr() != b.Addr() {
		t.Errorf("Shared gave two servers: %s and %s", a.Addr(), b.Addr())
	}
	if a.Prefix() == b.Prefix() || a.Prefix() == "" || !strings.HasSuffix(a.Prefix(), ":") {
		t.Errorf("Prefix: got %q and %q, want two that differ and end in a colon", a.Prefix(), b.Prefix())
	}
	for name, method := range map[string]func(*Server){
		"Kill": (*Server).Kill, "Restart": (*Server).Restart, "Pause": (*Server).Pause, "Resume": (*Server).Resume,
	} {
		r := record(t, func(tb testing.TB) { method(Shared(tb)) })
		if !r.failed || !strings.Contains(r.said, name+" of a shared server") {
			t.Errorf("%s: failed %v with %q, want a failure that names the method", name, r.failed, r.said)
		}
	}
	if got := dial(t, a.Addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING after all that: got %q, want +PONG", got)
	}
}

func TestMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, tt := range []struct {
		name, server, require string
		want                  string
	}{
		{"not on PATH", "", "", "no redis-server or valkey-server on PATH"},
		{"named but absent", "/nonexistent/redis-server", "", EnvServer},
		{"not on PATH and required", "", "1", "no redis-server or valkey-server on PATH"},
		{"named but absent and required", "/nonexistent/redis-server", "1", EnvServer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(EnvServer, tt.server)
			t.Setenv(EnvRequire, tt.require)
			for name, start := range map[string]func(testing.TB){
				"Start":  func(tb testing.TB) { Start(tb) },
				"Shared": func(tb testing.TB) { Shared(tb) },
			} {
				r := record(t, start)
				if required := tt.require == "1"; r.failed != required || r.skipped == required {
					t.Errorf("%s: failed %v, skipped %v", name, r.failed, r.skipped)
				}
				if !strings.Contains(r.said, tt.want) {
					t.Errorf("%s said %q, want it to contain %q", name, r.said, tt.want)
				}
			}
		})
	}
}

func TestProgramFromEnvironment(t *testing.T) {
	path, err := findProgram()
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv(EnvServer, path)
	if got, err := findProgram(); got != path || err != nil {
		t.Errorf("findProgram: got %q and %v, want %q", got, err, path)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	program(t) // skips where there is none
	for _, tt := range []struct {
		name string
		opt  Option
		want string
	}{
		{"server refuses the configuration", Config("maxmemory", "plenty"), "'maxmemory \"plenty\"'"},
		{"reserved directive", Config("Port", "6379"), "redistest sets it itself"},
		{"two directives in one", Config("maxmemory 1mb\nport", "1"), "not a directive's name"},
		{"empty directive", Config(""), "not a directive's name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := record(t, func(tb testing.TB) { Start(tb, tt.opt) })
			if !r.failed || !strings.Contains(r.said, tt.want) {
				t.Errorf("failed %v with %q, want a failure that contains %q", r.failed, r.said, tt.want)
			}
		})
	}
}

// Somebody who answers PING on the chosen port is not taken for the server.
func TestPortTakenInBetween(t *testing.T) {
	t.Parallel()
	other := Start(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ports := []int{other.p.port, silent.Addr().(*net.TCPAddr).Port}
	p, err := newProcess(other.p.bin, new(conf))
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(p.dir)
	defer p.kill()
	if err := p.startOnFreePort(func() (int, error) {
		if len(ports) == 0 {
			return freePort()
		}
		port := ports[0]
		ports = ports[1:]
		return port, nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(ports) != 0 || p.port == other.p.port {
		t.Errorf("the server took port %d, with %v not tried", p.port, ports)
	}
	if got := dial(t, p.addr()).do("PING"); got != "+PONG" {
		t.Errorf("PING: got %q, want +PONG", got)
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
)

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{})
	os.Exit(m.Run())
}

// quiet keeps the client's remarks on dead servers out of the output.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// canary is a password, which nobody is to see.
const canary = "s3cr3t"

func TestMemory(t *testing.T) {
	p := start(t, "")
	p.expect("GET", "/livez", http.StatusOK, "ok")
	p.expect("GET", "/readyz", http.StatusOK, "ok")
	p.expect("POST", "/visits/ann", http.StatusOK, "1")
	p.expect("POST", "/visits/ann", http.StatusOK, "2")
	p.expect("POST", "/visits/"+strings.Repeat("a", 1<<10), http.StatusOK, "1")
}

// While Redis is down the program lives and is not ready, and is ready when Redis
// is back. It is one process, which begins before Redis does.
func TestRedisGoesAndComes(t *testing.T) {
	server := redistest.Start(t, redistest.Config("requirepass", canary))
	server.Kill()
	p := start(t, (&url.URL{Scheme: "redis", User: url.UserPassword("", canary), Host: server.Addr()}).String())
	p.isNotReady()
	for range 2 {
		server.Restart()
		p.becomesReady()
		p.expect("POST", "/visits/ann", http.StatusOK, "1")
		server.Kill()
		p.isNotReady()
	}
	server.Restart()
	p.becomesReady()
	server.Pause()
	p.isNotReady()
	server.Resume()
	p.becomesReady()
	p.stop()

	log := p.log.String()
	if n := strings.Count(log, "not ready"); n != 4 {
		t.Errorf("the log says %d times that it is not ready, want 4, once each time", n)
	}
	if strings.Contains(log, canary) {
		t.Error("the password is in the log")
	}
	if strings.Contains(log, "redis client") {
		t.Error("Lint has something against the client")
	}
	if t.Failed() {
		t.Log(log)
	}
}

// A request that has begun when the process is told to end gets its answer.
func TestShutdown(t *testing.T) {
	server := redistest.Start(t)
	p := start(t, server.URL())
	p.becomesReady()
	server.Pause()
	answered := make(chan error)
	go func() {
		status, body, err := p.ask("POST", "/visits/ann")
		if err == nil && (status != http.StatusOK || body != "1") && body != unavailable {
			err = fmt.Errorf("%d %q", status, body)
		}
		answered <- err
	}()
	eventually(t, "the request has begun", func() bool { return strings.Contains(stacks(), "(*service).visit") })
	p.cancel()
	eventually(t, "no connection is accepted", func() bool {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	server.Resume()
	if err := <-answered; err != nil {
		t.Errorf("the request got no answer: %v", err)
	}
	p.stop()
	eventually(t, "nothing is left", func() bool {
		left := stacks()
		return !strings.Contains(left, "adapters/redisstore.") && !strings.Contains(left, "net/http.(*conn)")
	})
}

// A wrong URL ends the program with an error that tells no secret.
func TestWrongURL(t *testing.T) {
	for _, wrong := range []string{"redis://user:" + canary + "%zz@host", canary, "http://user:" + canary + "@host", "redis://host?" + canary + "=1"} {
		listener := listen(t)
		err := run(t.Context(), listener, wrong, slog.New(slog.DiscardHandler))
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("got %v, want an error without the password", err)
		}
		if conn, err := net.Dial("tcp", listener.Addr().String()); err == nil {
			conn.Close()
			t.Error("it still listens")
		}
	}
}

// Settings of the URL that hurt are logged.
func TestLint(t *testing.T) {
	p := start(t, "redis://127.0.0.1:1?max_retries=3")
	p.stop()
	if log := p.log.String(); !strings.Contains(log, "MaxRetries is 3: ") {
		t.Errorf("the log does not have the warning of MaxRetries:\n%s", log)
	}
}

// A program is a run of the program.
type program struct {
	t       *testing.T
	address string
	log     buffer
	client  http.Client
	cancel  context.CancelFunc
	ended   chan error
	once    sync.Once
}

func start(t *testing.T, url string) *program {
	t.Helper()
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{t: t, address: listener.Addr().String(), cancel: cancel, ended: make(chan error, 1)}
	p.client.Transport = &http.Transport{DisableKeepAlives: true}
	go func() { p.ended <- run(ctx, listener, url, slog.New(slog.NewTextHandler(&p.log, nil))) }()
	t.Cleanup(p.stop)
	return p
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// stop tells the program to end, and waits until it has.
func (p *program) stop() {
	p.cancel()
	p.once.Do(func() {
		if err := <-p.ended; err != nil {
			p.t.Errorf("the program ended with %v", err)
		}
	})
}

func (p *program) ask(method, path string) (status int, body string, err error) {
	request, err := http.NewRequest(method, "http://"+p.address+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, strings.TrimSpace(string(text)), err
}

func (p *program) expect(method, path string, status int, body string) {
	p.t.Helper()
	gotStatus, gotBody, err := p.ask(method, path)
	if err != nil || gotStatus != status || gotBody != body {
		p.t.Errorf("%s %.20s: %d %q, %v, want %d %q", method, path, gotStatus, gotBody, err, status, body)
	}
}

// isNotReady wants the program to be well, and not to be ready, and not to take
// long to say so.
func (p *program) isNotReady() {
	p.t.Helper()
	for range 3 {
		started := time.Now()
		p.expect("GET", "/readyz", http.StatusServiceUnavailable, unavailable)
		if took := time.Since(started); took > probePatience+time.Second {
			p.t.Errorf("the probe took %v, want some %v at most", took, probePatience)
		}
		p.expect("GET", "/livez", http.StatusOK, "ok")
	}
}

func (p *program) becomesReady() {
	p.t.Helper()
	eventually(p.t, "ready", func() bool {
		status, _, err := p.ask("GET", "/readyz")
		return err == nil && status == http.StatusOK
	})
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20s: %s", what)
		}
		<-time.After(time.Millisecond)
	}
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

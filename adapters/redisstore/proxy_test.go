package redisstore_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// A proxy stands between a client and a server, and takes a reply away.
type proxy struct {
	listener net.Listener
	server   string
	copying  sync.WaitGroup

	mu    sync.Mutex
	fault fault
	conns map[net.Conn]bool
}

// A fault strikes the first connection on which the client sends command: the
// server gets the command, and its reply meets the end.
type fault struct {
	command string
	end     func(client net.Conn)
}

// The ends of a reply.
var ends = map[string]func(client net.Conn){
	"eof":     func(client net.Conn) { _ = client.Close() },
	"reset":   func(client net.Conn) { _ = client.(*net.TCPConn).SetLinger(0); _ = client.Close() },
	"silence": func(net.Conn) {},
}

func newProxy(tb testing.TB, server string) *proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{listener: listener, server: server, conns: make(map[net.Conn]bool)}
	p.copying.Go(p.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		p.mu.Lock()
		for conn := range p.conns {
			_ = conn.Close()
		}
		p.conns = nil
		p.mu.Unlock()
		p.copying.Wait()
	})
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

// strike arms the proxy for one reply.
func (p *proxy) strike(command string, end func(net.Conn)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault{command, end}
}

// struck reports whether the reply was taken away.
func (p *proxy) struck() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault.command == ""
}

// fires reports whether what the client sent is what the proxy waits for, and
// disarms it then.
func (p *proxy) fires(request []byte) (fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.fault
	if f.command == "" || !bytes.Contains(request, []byte(f.command)) {
		return fault{}, false
	}
	p.fault = fault{}
	return f, true
}

func (p *proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conns == nil {
		_ = conn.Close()
		return false
	}
	p.conns[conn] = true
	return true
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.keep(client) || !p.keep(server) {
			continue
		}
		p.copying.Go(func() { p.serve(client, server) })
	}
}

func (p *proxy) serve(client, server net.Conn) {
	defer server.Close()
	armed := make(chan fault, 1)
	p.copying.Go(func() {
		defer client.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			select {
			case f := <-armed:
				f.end(client)
				_, _ = io.Copy(io.Discard, server)
				return
			default:
			}
			if _, wErr := client.Write(buf[:n]); err != nil || wErr != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if f, ok := p.fires(buf[:n]); ok {
			armed <- f // before the server can reply
		}
		if _, wErr := server.Write(buf[:n]); err != nil || wErr != nil {
			return
		}
	}
}

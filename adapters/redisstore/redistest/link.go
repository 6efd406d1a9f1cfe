package redistest

import (
	"net"
	"strings"
	"time"
)

// A link is one connection of a client through a proxy. Its fields are guarded by
// the proxy's mutex, but for the ones that say otherwise.
type link struct {
	p      *Proxy
	client *net.TCPConn // fixed
	server *net.TCPConn // nil until the server is dialed, then fixed

	requests frames // of the goroutine that reads from the client
	counted  bool   // likewise: the present request is counted
	replies  frames // of the goroutine that writes to the client

	asked    int  // requests so far
	answered int  // replies so far
	stream   bool // replies do not belong to requests any more
	due      []dueStrike

	late   time.Time // replies come no sooner
	silent bool      // replies are withheld
	mute   bool      // the client gets nothing any more
	over   bool      // the client is gone, or its connection closed
}

// A dueStrike is a fault that waits for the reply to a request.
type dueStrike struct {
	strike
	request int
}

// serve connects a client with the server, which is dialed when it is nil.
func (p *Proxy) serve(client, server net.Conn) {
	l := &link{p: p, client: client.(*net.TCPConn)}
	if server != nil {
		l.server = server.(*net.TCPConn)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.listener == nil && server == nil {
		_ = client.Close()
		if server != nil {
			_ = server.Close()
		}
		return
	}
	p.links[l] = true
	switch k := p.fault.kind; k {
	case reset, ended, halfClosed:
		l.end(k)
	}
	p.work.Go(l.run)
}

// run serves the connection until both ends are closed.
func (l *link) run() {
	defer l.drop()
	if !l.dial() {
		return
	}
	chunks := make(chan chunk, 16)
	l.p.work.Go(l.up)
	l.p.work.Go(func() { l.read(chunks) })
	l.down(chunks)
}

// drop forgets the link.
func (l *link) drop() {
	_ = l.client.Close()
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if l.server != nil {
		_ = l.server.Close()
	}
	delete(l.p.links, l)
}

// dial connects to the server, unless that is done already. In a black hole it
// waits until that is healed.
func (l *link) dial() bool {
	if l.server != nil {
		return true
	}
	if !l.pass() || l.isOver() {
		return false
	}
	server, err := new(net.Dialer).DialContext(l.p.ctx, "tcp", l.p.server)
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if err != nil {
		l.end(reset)
		return false
	}
	l.server = server.(*net.TCPConn)
	return !l.p.closed // or else close did not see it
}

func (l *link) isOver() bool {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	return l.over
}

// pass waits while the proxy is a black hole, and reports whether it is still
// there.
func (l *link) pass() bool {
	for {
		l.p.mu.Lock()
		closed, held, changed := l.p.closed, l.p.fault.kind == silent, l.p.changed
		l.p.mu.Unlock()
		if closed || !held {
			return !closed
		}
		<-changed
	}
}

// up sends to the server what the client sends.
func (l *link) up() {
	buf := make([]byte, 64<<10)
	for {
		n, err := l.client.Read(buf)
		l.count(buf[:n])
		if !l.pass() {
			return
		}
		if n > 0 {
			if _, err := l.server.Write(buf[:n]); err != nil {
				return // the server has closed: what reads from it sees that too
			}
		}
		if err == nil {
			continue
		}
		l.p.mu.Lock()
		l.over = true
		l.p.wake()
		l.p.mu.Unlock()
		_ = l.server.CloseWrite()
		return
	}
}

// streams are the commands after which the server says more than one reply to
// each request.
var streams = map[string]bool{
	"subscribe": true, "psubscribe": true, "ssubscribe": true, "monitor": true, "sync": true, "psync": true,
}

// count takes notice of the requests that begin in b.
func (l *link) count(b []byte) {
	for len(b) > 0 {
		n, end := l.requests.next(b)
		b = b[n:]
		if l.requests.named && !l.counted {
			l.counted = true
			l.request(strings.ToLower(string(l.requests.first)))
		}
		if end {
			l.counted = false
		}
	}
}

// request takes notice of a request before it is sent on.
func (l *link) request(command string) {
	p := l.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if plausible(command) {
		p.requests[command]++
	}
	for i, s := range p.strikes {
		if s.command == command {
			p.strikes = append(p.strikes[:i:i], p.strikes[i+1:]...)
			l.due = append(l.due, dueStrike{s, l.asked})
			break
		}
	}
	l.asked++
	l.stream = l.stream || streams[command]
}

// plausible reports whether s looks like the name of a command. What is encrypted
// does not.
func plausible(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

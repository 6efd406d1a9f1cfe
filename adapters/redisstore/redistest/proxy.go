package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A Proxy stands between clients and a server, and breaks their connections on
// demand. Its methods are safe for concurrent use.
//
// It tells requests and replies apart, whatever the segments in which they
// come, unless they are encrypted: then Strike and Requests see nothing, and
// Break works as ever. Of a connection on which a client has subscribed to
// something it sees no replies any more, but a stream: a strike falls there on
// whatever comes next.
type Proxy struct {
	t      testing.TB
	server string
	addr   string
	work   sync.WaitGroup
	ctx    context.Context // ends with the proxy
	cancel context.CancelFunc

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	links    map[*link]bool
	closed   bool
	fault    Fault         // of all connections
	changed  chan struct{} // closed when fault, closed or a link's state has changed
	strikes  []strike      // armed, in order
	pending  int           // armed faults that have not struck
	healed   int           // how often
	requests map[string]int
}

// A strike is a fault that waits for a command.
type strike struct {
	command string
	fault   Fault
	healed  int // as often had the proxy been healed when it was armed
}

// NewProxy starts a proxy in front of the server at addr, host:port, for the test
// t. When t is over all its connections are closed, and it is gone.
func NewProxy(t testing.TB, addr string) *Proxy {
	t.Helper()
	p, err := newProxy(t, addr)
	if err != nil {
		t.Fatalf("redistest: proxy: %v", err)
	}
	t.Cleanup(p.close)
	return p
}

func newProxy(t testing.TB, server string) (*Proxy, error) {
	listener, err := listen(minProxyPort, maxProxyPort)
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		t:        t,
		server:   server,
		addr:     listener.Addr().String(),
		listener: listener,
		links:    make(map[*link]bool),
		changed:  make(chan struct{}),
		requests: make(map[string]int),
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.work.Go(func() { p.accept(listener) })
	return p, nil
}

// Addr returns the proxy's own host:port. A client that connects there while the
// server does not run is connected and then reset; one that uses [Proxy.Dial] is
// refused.
func (p *Proxy) Addr() string { return p.addr }

// Dial connects to the server through the proxy, whatever addr is: it fits the
// field Dialer of a client's options. It fails as a dial to the server would, or
// as Break says.
func (p *Proxy) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	p.mu.Lock()
	fault, closed := p.fault.kind, p.closed
	p.mu.Unlock()
	var err error
	switch {
	case closed:
		err = net.ErrClosed
	case fault == refused:
		err = os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var server net.Conn
	if fault != silent {
		if server, err = new(net.Dialer).DialContext(ctx, "tcp", p.server); err != nil {
			return nil, err
		}
	}
	mine, theirs, err := connPair(ctx)
	if err != nil {
		if server != nil {
			_ = server.Close()
		}
		return nil, err
	}
	p.serve(mine, server)
	return theirs, nil
}

// connPair returns both ends of a connection.
func connPair(ctx context.Context) (accepted, dialed net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if dialed, err = new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String()); err != nil {
		return nil, nil, err
	}
	for {
		if accepted, err = l.Accept(); err != nil {
			_ = dialed.Close()
			return nil, nil, err
		}
		if accepted.RemoteAddr().String() == dialed.LocalAddr().String() {
			return accepted, dialed, nil
		}
		_ = accepted.Close() // a stranger
	}
}

func (p *Proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		p.serve(client, nil)
	}
}

// Strike arms a fault for one reply: the next request with the command, such as
// "set" in either case, is sent on and executed, and when its reply comes the
// fault strikes. The replies before it get through. Several calls arm one fault
// each, for a request each. In a transaction the reply to a command says that it
// is queued; the one to "exec" says what it did.
func (p *Proxy) Strike(command string, f Fault) {
	p.t.Helper()
	if f.kind == sound || f.kind == refused {
		p.t.Fatalf("redistest: Strike: this is no fault of a reply")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.strikes = append(p.strikes, strike{strings.ToLower(command), f, p.healed})
	p.pending++
}

// Struck reports whether each fault that was armed, and not disarmed by Heal, has
// struck.
func (p *Proxy) Struck() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pending == 0
}

// Break does the fault to all connections, those that are open and new ones,
// until Heal. It takes the place of the last one that Break has begun.
func (p *Proxy) Break(f Fault) {
	p.t.Helper()
	if f.kind == sound {
		p.t.Fatalf("redistest: Break: this is no fault")
	}
	p.turn(f)
}

// Heal ends what Break has begun, disarms what Strike has armed, and delivers
// what was withheld. Connections that are closed stay so.
func (p *Proxy) Heal() {
	p.t.Helper()
	p.turn(Fault{})
}

// turn makes f the fault of all connections.
func (p *Proxy) turn(f Fault) {
	p.t.Helper()
	if err := p.turnTo(f); err != nil {
		p.t.Errorf("redistest: proxy: %v", err)
	}
	if f.kind != refused {
		return
	}
	// A process that is being started holds a copy of the closed socket for a
	// moment.
	err := settle(time.Now().Add(startTimeout), func() error {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			return nil
		}
		_ = conn.Close()
		return fmt.Errorf("somebody listens at %s", p.addr)
	})
	if err != nil {
		p.t.Errorf("redistest: proxy: %v", err)
	}
}

func (p *Proxy) turnTo(f Fault) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.fault = f
	if f.kind == sound {
		p.strikes, p.pending = nil, 0
		p.healed++
	}
	for l := range p.links {
		switch f.kind {
		case sound:
			l.silent, l.late, l.due = false, time.Time{}, nil
		case reset, ended, halfClosed:
			l.end(f.kind)
		}
	}
	p.wake()
	switch {
	case f.kind == refused && p.listener != nil:
		_ = p.listener.Close()
		p.listener = nil
	case f.kind != refused && p.listener == nil:
		return p.relisten()
	}
	return nil
}

// relisten listens again on the port that the proxy had. Somebody may hold it for
// a moment.
func (p *Proxy) relisten() error {
	err := settle(time.Now().Add(startTimeout), func() (err error) {
		p.listener, err = net.Listen("tcp", p.addr)
		return err
	})
	if err != nil {
		p.listener = nil
		return fmt.Errorf("listen again: %w", err)
	}
	listener := p.listener
	p.work.Go(func() { p.accept(listener) })
	return nil
}

// Requests returns how many requests with the command clients have sent so far,
// on all connections and whatever became of them. What comes on a connection that
// was made in a black hole is not seen before Heal.
func (p *Proxy) Requests(command string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[strings.ToLower(command)]
}

// Conns returns how many connections are open: those that neither the client nor a
// fault has closed. That a client has closed one is not noticed while the proxy is
// a black hole.
func (p *Proxy) Conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for l := range p.links {
		if !l.over {
			n++
		}
	}
	return n
}

// wake lets whoever waits for a change look again. The caller holds p.mu.
func (p *Proxy) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.cancel()
	if p.listener != nil {
		_ = p.listener.Close()
	}
	for l := range p.links {
		_ = l.client.Close()
		if l.server != nil {
			_ = l.server.Close()
		}
	}
	p.wake()
	p.mu.Unlock()
	p.work.Wait()
}

package redistest

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Proxies are proxies in front of servers whose addresses a client finds out by
// itself, as it does in a Cluster and from sentinels: one for each address, made
// on demand.
//
//	cluster, proxies := redistest.StartCluster(t), redistest.NewProxies(t)
//	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), Dialer: proxies.Dial})
//	proxies.To(cluster.MasterOf("key").Addr()).Strike("set", redistest.Reset)
type Proxies struct {
	t testing.TB

	mu     sync.Mutex
	byAddr map[string]*Proxy
	closed bool
}

// NewProxies returns no proxies yet. When t is over they are closed and gone.
func NewProxies(t testing.TB) *Proxies {
	t.Helper()
	ps := &Proxies{t: t, byAddr: make(map[string]*Proxy)}
	t.Cleanup(func() {
		ps.mu.Lock()
		ps.closed = true
		ps.mu.Unlock()
		for _, p := range ps.All() {
			p.close()
		}
	})
	return ps
}

// To returns the proxy in front of the server at addr, host:port.
func (ps *Proxies) To(addr string) *Proxy {
	ps.t.Helper()
	p, err := ps.to(addr)
	if err != nil {
		ps.t.Fatalf("redistest: proxy: %v", err)
	}
	return p
}

func (ps *Proxies) to(addr string) (*Proxy, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.byAddr[addr]; p != nil {
		return p, nil
	}
	if ps.closed {
		return nil, net.ErrClosed
	}
	p, err := newProxy(ps.t, addr)
	if err == nil {
		ps.byAddr[addr] = p
	}
	return p, err
}

// Dial connects to the server at addr through its proxy. It fits the field Dialer
// of a client's options. See [Proxy.Dial].
func (ps *Proxies) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	p, err := ps.to(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return p.Dial(ctx, network, addr)
}

// All returns the proxies that there are so far, in the order of their servers'
// addresses.
func (ps *Proxies) All() []*Proxy {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	all := make([]*Proxy, 0, len(ps.byAddr))
	for _, p := range ps.byAddr {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *Proxy) int { return strings.Compare(a.server, b.server) })
	return all
}

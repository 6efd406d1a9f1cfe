package redistest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// How many masters a cluster has, and replicas of each.
const (
	masters  = 3
	replicas = 1
)

// settleTimeout is the patience for a cluster or for sentinels to agree, and
// settlePoll how long to wait between two looks at them.
const (
	settleTimeout = 60 * time.Second
	settlePoll    = 25 * time.Millisecond
)

// A Cluster is a Redis Cluster of three masters with a replica each. Its methods
// are safe for concurrent use. Those that return nothing report what goes wrong
// with t.Errorf; the others cannot go on then and call t.Fatalf, so that they
// are for the goroutine of the test.
//
// Each node is a [Server] that the test may kill, restart, pause and resume. A
// node that restarts is the same node to the others and joins them again, with
// no data of its own unless the configuration keeps it. A master that is gone
// for a second and a half is replaced by its replica, within some 2 seconds more.
type Cluster struct {
	t     testing.TB
	nodes []*Server
	ids   map[string]*Server
}

// StartCluster starts a Redis Cluster for the test t, and ends it when t is
// over. It returns when all nodes agree on who holds which slots, and the
// replicas are in sync: after some 3 seconds, of which Redis itself waits 2. The
// options configure each node. What [Start] says of a server that does not start
// and of a missing server program holds here too.
func StartCluster(t testing.TB, opts ...Option) *Cluster {
	t.Helper()
	bin := program(t)
	c := &Cluster{t: t, ids: make(map[string]*Server)}
	for range masters * (1 + replicas) {
		conf, err := nodeConf(opts)
		if err != nil {
			t.Fatalf("redistest: %v", err)
		}
		c.nodes = append(c.nodes, newServer(t, bin, conf))
	}
	started(t, startAll(c.nodes, freeNodePort))
	if err := c.form(time.Now().Add(settleTimeout)); err != nil {
		t.Fatalf("redistest: form the cluster: %v", err)
	}
	return c
}

func nodeConf(opts []Option) (*conf, error) {
	c, err := newConf(opts,
		set("cluster-enabled", "yes"),
		set("cluster-config-file", "nodes.conf"),
		// A node is taken for dead so soon. Less makes a busy machine look like
		// a crash.
		set("cluster-node-timeout", "1500"),
		// A replica takes over however long its master has been gone.
		set("cluster-replica-validity-factor", "0"),
	)
	if err != nil {
		return nil, err
	}
	if err := c.reserve("cluster-enabled", "cluster-config-file", "cluster-port", "replicaof", "slaveof"); err != nil {
		return nil, err
	}
	c.replicate()
	return c, nil
}

// startAll starts the servers all at once.
func startAll(servers []*Server, choose func() (int, error)) error {
	errs := make([]error, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() { errs[i] = s.p.startOnFreePort(choose) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// form makes a cluster of the nodes.
func (c *Cluster) form(deadline time.Time) error {
	for i, n := range c.nodes {
		id, err := n.p.do("CLUSTER", "MYID")
		if err != nil {
			return err
		}
		c.ids[id.(string)] = n
		if _, err := n.p.do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1)); err != nil {
			return err
		}
		if i >= masters {
			continue
		}
		add := []string{"CLUSTER", "ADDSLOTS"}
		for slot := i * Slots / masters; slot < (i+1)*Slots/masters; slot++ {
			add = append(add, strconv.Itoa(slot))
		}
		if _, err := n.p.do(add...); err != nil {
			return err
		}
	}
	if err := c.meet(deadline); err != nil {
		return err
	}
	for i, n := range c.nodes[masters:] {
		if _, err := n.p.do("CLUSTER", "REPLICATE", c.id(c.nodes[i%masters])); err != nil {
			return err
		}
	}
	return settle(deadline, c.unsettled)
}

// meet makes all nodes known to each other. What a busy machine makes late
// is forgotten by the nodes, and said again.
func (c *Cluster) meet(deadline time.Time) error {
	for {
		for i, n := range c.nodes {
			for _, other := range c.nodes[:i] {
				if _, err := n.p.do("CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(other.p.port)); err != nil {
					return err
				}
			}
		}
		again := time.Now().Add(3 * time.Second)
		if again.After(deadline) {
			again = deadline
		}
		err := settle(again, c.strangers)
		if err == nil || !time.Now().Before(deadline) {
			return err
		}
	}
}

// strangers returns an error when nodes do not know each other.
func (c *Cluster) strangers() error {
	for _, n := range c.nodes {
		v, err := n.p.view()
		if err != nil {
			return err
		}
		for id, other := range c.ids {
			if m, ok := v.nodes[id]; !ok || !m.linked {
				return fmt.Errorf("node %s does not know %s", n.Addr(), other.Addr())
			}
		}
	}
	return nil
}

// settle polls until problem returns nil, and returns its last error otherwise. It
// leaves most of the time to those whom it looks at.
func settle(deadline time.Time, problem func() error) error {
	for {
		start := time.Now()
		err := problem()
		if err == nil || !time.Now().Before(deadline) {
			return err
		}
		<-time.After(min(max(settlePoll, 4*time.Since(start)), time.Second))
	}
}

func (c *Cluster) id(n *Server) string {
	for id, other := range c.ids {
		if other == n {
			return id
		}
	}
	return ""
}

// AwaitStable waits until the nodes that run agree on the slots and on who is
// whose replica, every slot is held by one that runs, and the replicas are in
// sync: so, after a master was killed, until its replica has taken over, and
// after it was restarted, until it is back. It does not see that a slot is on
// its way. What is not stable within a minute fails the test.
func (c *Cluster) AwaitStable() {
	c.t.Helper()
	if err := settle(time.Now().Add(settleTimeout), c.unsettled); err != nil {
		c.t.Errorf("redistest: cluster is not stable within %v: %v", settleTimeout, err)
	}
}

// Nodes returns all nodes, dead or alive: first those that were masters to begin
// with, then those that were their replicas, in the same order.
func (c *Cluster) Nodes() []*Server { return slices.Clone(c.nodes) }

// Addrs returns the host:port of each node.
func (c *Cluster) Addrs() []string { return addrs(c.nodes) }

func addrs(servers []*Server) []string {
	a := make([]string, len(servers))
	for i, s := range servers {
		a[i] = s.Addr()
	}
	return a
}

// URL returns the addresses of all nodes as one:
// redis-cluster://host:port?addr=host:port&addr=…, or rediss-cluster://… if they
// have the option [TLS].
func (c *Cluster) URL() string { return urlOf(c.nodes[0].p.conf.scheme("-cluster"), c.Addrs(), nil) }

func urlOf(scheme string, addrs []string, q url.Values) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s://%s", scheme, addrs[0])
	sep := byte('?')
	for _, a := range addrs[1:] {
		fmt.Fprintf(&b, "%caddr=%s", sep, a)
		sep = '&'
	}
	if len(q) > 0 {
		fmt.Fprintf(&b, "%c%s", sep, q.Encode())
	}
	return b.String()
}

package redistest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"
)

// How many sentinels there are, and how many of them must find the master dead.
const (
	sentinels = 3
	quorum    = 2
)

// masterName is what the sentinels call the master.
const masterName = "redistest"

// A Sentinel is a master with a replica and three sentinels that watch them. Its
// methods are safe for concurrent use. Those that return nothing report what
// goes wrong with t.Errorf; Master and Replica cannot go on then and call
// t.Fatalf, so that they are for the goroutine of the test.
//
// The master, the replica and each sentinel is a [Server] that the test may kill,
// restart, pause and resume. A master that is gone for a second and a half is
// replaced by its replica, within some 2 seconds more; when it is back it becomes
// the new master's replica.
type Sentinel struct {
	t         testing.TB
	data      []*Server
	sentinels []*Server
}

// StartSentinel starts a master, a replica and three sentinels for the test t,
// and ends them when t is over. It returns when the replica is in sync and all
// sentinels know each other, the master and the replica: after a second or two.
// The options configure master and replica; TLS is for the sentinels too. What
// [Start] says of a server that does not start and of a missing server program
// holds here too.
func StartSentinel(t testing.TB, opts ...Option) *Sentinel {
	t.Helper()
	bin := program(t)
	s := &Sentinel{t: t}
	master := s.startData(bin, opts)
	replica := s.startData(bin, opts, set("replicaof", "127.0.0.1", strconv.Itoa(master.p.port)))
	s.data = []*Server{master, replica}
	// Sentinels look for replicas every ten seconds only: let them find it at once.
	deadline := time.Now().Add(settleTimeout)
	if err := settle(deadline, func() error { return follows(replica, master) }); err != nil {
		t.Fatalf("redistest: %v", err)
	}
	for range sentinels {
		s.sentinels = append(s.sentinels, newServer(t, bin, sentinelConf(master)))
	}
	started(t, startAll(s.sentinels, freePort))
	if err := settle(deadline, s.unsettled); err != nil {
		t.Fatalf("redistest: sentinels: %v", err)
	}
	return s
}

func (s *Sentinel) startData(bin string, opts []Option, base ...directive) *Server {
	s.t.Helper()
	c, err := newConf(opts, base...)
	if err == nil {
		err = c.reserve("cluster-enabled", "replicaof", "slaveof")
	}
	if err != nil {
		s.t.Fatalf("redistest: %v", err)
	}
	c.replicate()
	server := newServer(s.t, bin, c)
	started(s.t, server.p.startOnFreePort(freePort))
	return server
}

func sentinelConf(master *Server) *conf {
	c := &conf{sentinel: true, certs: master.p.conf.certs, base: []directive{
		set("protected-mode", "no"),
		set("sentinel", "monitor", masterName, "127.0.0.1", strconv.Itoa(master.p.port), strconv.Itoa(quorum)),
		// A server is taken for dead so soon. Less makes a busy machine look
		// like a crash.
		set("sentinel", "down-after-milliseconds", masterName, "1500"),
		// A failover that does not succeed is tried again after twice as long.
		set("sentinel", "failover-timeout", masterName, "3000"),
	}}
	if password := master.p.conf.value("requirepass"); password != "" {
		c.base = append(c.base, set("sentinel", "auth-pass", masterName, password))
	}
	return c
}

// hasten makes a sentinel that has started say and ask more often than it does
// by default, and not stand aside for 30 seconds because the machine was busy
// for 2. Servers before Redis 7 do not know how, and need some seconds more.
func (p *process) hasten() {
	_, _ = p.do("SENTINEL", "DEBUG",
		"INFO-PERIOD", "500", "PUBLISH-PERIOD", "250", "ASK-PERIOD", "200", "PING-PERIOD", "500",
		"TILT-TRIGGER", "20000", "TILT-PERIOD", "1000", "MIN-LINK-RECONNECT-PERIOD", "500")
}

// AwaitStable waits until the sentinels that run agree on a master that runs,
// the other server follows it if it runs, and all see each other well: so, after
// the master was killed, until its replica has taken over, and after it was
// restarted, until it is back as a replica. What is not stable within a minute
// fails the test.
func (s *Sentinel) AwaitStable() {
	s.t.Helper()
	if err := settle(time.Now().Add(settleTimeout), s.unsettled); err != nil {
		s.t.Errorf("redistest: not stable within %v: %v", settleTimeout, err)
	}
}

// Master returns the server that the sentinels agree on as the master. If that
// one does not run, it waits until the other one has taken over.
func (s *Sentinel) Master() *Server {
	s.t.Helper()
	var master *Server
	err := settle(time.Now().Add(settleTimeout), func() (err error) {
		master, err = s.agreed()
		return err
	})
	if err != nil {
		s.t.Fatalf("redistest: no master: %v", err)
	}
	return master
}

// Replica returns the server that is not the master, and waits until it runs and
// is in sync.
func (s *Sentinel) Replica() *Server {
	s.t.Helper()
	var replica *Server
	err := settle(time.Now().Add(settleTimeout), func() error {
		master, err := s.agreed()
		if err != nil {
			return err
		}
		replica = s.data[0]
		if replica == master {
			replica = s.data[1]
		}
		return follows(replica, master)
	})
	if err != nil {
		s.t.Fatalf("redistest: no replica: %v", err)
	}
	return replica
}

// Failover makes the replica take over in good order (SENTINEL FAILOVER). What
// clients write to the old master while the sentinels are at it may be lost. It
// returns when all agree, and the old master is in sync with the new one as its
// replica.
func (s *Sentinel) Failover() {
	s.t.Helper()
	if err := s.failover(); err != nil {
		s.t.Errorf("redistest: failover: %v", err)
	}
}

func (s *Sentinel) failover() error {
	var old *Server
	return settle(time.Now().Add(settleTimeout), func() error {
		if err := s.unsettled(); err != nil {
			return err
		}
		master, err := s.agreed()
		switch {
		case err != nil:
			return err
		case old == nil:
			old = master
		case old != master:
			return nil
		}
		// The sentinel that was asked and gave up is asked again.
		i := slices.IndexFunc(s.sentinels, func(w *Server) bool { return w.p.up() })
		if i < 0 {
			return errors.New("no sentinel is running")
		}
		if _, err := s.sentinels[i].p.do("SENTINEL", "FAILOVER", masterName); err != nil {
			return err
		}
		return fmt.Errorf("no replica takes over from %s", old.Addr())
	})
}

// Sentinels returns the sentinels, dead or alive.
func (s *Sentinel) Sentinels() []*Server { return slices.Clone(s.sentinels) }

// Addrs returns the host:port of each sentinel.
func (s *Sentinel) Addrs() []string { return addrs(s.sentinels) }

// MasterName returns the name by which the sentinels know the master.
func (s *Sentinel) MasterName() string { return masterName }

// URL returns the addresses of the sentinels and the master's name as one:
// redis-sentinel://host:port?addr=host:port&addr=…&master_name=…, or
// rediss-sentinel://… if they have the option [TLS].
func (s *Sentinel) URL() string {
	return urlOf(s.sentinels[0].p.conf.scheme("-sentinel"), s.Addrs(), url.Values{"master_name": {masterName}})
}

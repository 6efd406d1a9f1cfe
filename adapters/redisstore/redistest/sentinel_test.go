package redistest

import (
	"strings"
	"testing"
)

func TestSentinel(t *testing.T) {
	t.Parallel()
	s := StartSentinel(t)
	sentinels := s.Sentinels()
	if len(sentinels) != 3 || s.MasterName() == "" {
		t.Fatalf("got the sentinels %v and the master's name %q", addrs(sentinels), s.MasterName())
	}
	want := "redis-sentinel://" + sentinels[0].Addr() + "?addr=" + sentinels[1].Addr() + "&addr=" + sentinels[2].Addr() +
		"&master_name=" + s.MasterName()
	if got := s.URL(); got != want {
		t.Errorf("URL: got %s, want %s", got, want)
	}
	master, replica := s.Master(), s.Replica()
	for _, w := range sentinels {
		got := dial(t, w.Addr()).do("SENTINEL", "GET-MASTER-ADDR-BY-NAME", s.MasterName())
		if want := strings.Replace(master.Addr(), ":", " ", 1); got != want {
			t.Errorf("sentinel %s: got the master %q, want %q", w.Addr(), got, want)
		}
	}
	if got := dial(t, master.Addr()).do("SET", "k", "v"); got != "+OK" {
		t.Errorf("SET on the master: got %q", got)
	}
	if got := dial(t, replica.Addr()).do("SET", "k", "v"); !strings.HasPrefix(got, "-READONLY") {
		t.Errorf("SET on the replica: got %q, want -READONLY", got)
	}

	t.Run("Failover", func(t *testing.T) {
		s.Failover()
		if s.Master() != replica || s.Replica() != master {
			t.Fatal("Failover did not exchange master and replica")
		}
		if got := dial(t, replica.Addr()).do("GET", "k"); got != "v" {
			t.Errorf("GET on the new master: got %q", got)
		}
	})
	t.Run("Kill", func(t *testing.T) { // what was the replica is the master now
		sentinels[0].Kill() // the other two can decide
		replica.Kill()
		if s.Master() != master {
			t.Fatal("after Kill the replica did not take over")
		}
		if got := dial(t, master.Addr()).do("SET", "k", "w"); got != "+OK" {
			t.Errorf("SET on the new master: got %q", got)
		}
		replica.Restart()
		if log := replica.p.log.last(); strings.Contains(log, "DB loaded from disk") {
			t.Errorf("the restarted server has data of its own: %s", log)
		}
		sentinels[0].Restart()
		s.AwaitStable()
		if s.Master() != master || s.Replica() != replica {
			t.Error("the restarted server is not the replica")
		}
		if got := dial(t, replica.Addr()).do("GET", "k"); got != "w" {
			t.Errorf("GET on the restarted server: got %q, want what was written meanwhile", got)
		}
	})
}

func TestSentinelOptions(t *testing.T) {
	t.Parallel()
	s := StartSentinel(t, TLS(), Config("requirepass", "secret"))
	if !strings.HasPrefix(s.URL(), "rediss-sentinel://") {
		t.Errorf("URL: got %s", s.URL())
	}
	if _, err := dialTLS(t, s.Addrs()[0], s.Master().TLSConfig()); err != nil {
		t.Errorf("sentinel: %v", err)
	}
	old := s.Master()
	conn, err := dialTLS(t, old.Addr(), old.TLSConfig())
	if err != nil {
		t.Fatal(err)
	}
	if got := conn.do("PING"); !strings.HasPrefix(got, "-NOAUTH") {
		t.Errorf("PING without the password: got %q", got)
	}
	s.Failover()
	if s.Master() == old {
		t.Error("Failover did not change the master")
	}
	r := record(t, func(tb testing.TB) { StartSentinel(tb, Config("replicaof", "127.0.0.1", "1")) })
	if !r.failed || !strings.Contains(r.said, "redistest sets it itself") {
		t.Errorf("reserved directive: failed %v with %q", r.failed, r.said)
	}
}

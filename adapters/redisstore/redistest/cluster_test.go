package redistest

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestSlot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		key  string
		want int
	}{
		{"123456789", 12739}, // the check value of CRC-16/XMODEM is 0x31C3
		{"", 0},
		{"{123456789}", 12739},
		{"a{123456789}b", 12739},
		{"a{123456789}{b}", 12739},
		{"a{123456789", Slot("a{123456789")},
	} {
		if got := Slot(tt.key); got != tt.want {
			t.Errorf("Slot(%q): got %d, want %d", tt.key, got, tt.want)
		}
	}
	c := dial(t, oneNode(t).Addr())
	for _, key := range []string{"", "a", "{", "{}", "{}a", "a{}", "a{}{b}", "{a}", "x{a}y", "{{a}", "{a}}", "}{a}", "a{", "a}b{c", "\x00{\xff\n}\xfe", "ключ{тег}"} {
		if got, want := ":"+itoa(Slot(key)), c.do("CLUSTER", "KEYSLOT", key); got != want {
			t.Errorf("Slot(%q): got %s, want %s as the server says", key, got, want)
		}
	}
}

// oneNode starts a server that knows slots.
func oneNode(t *testing.T) *Server {
	t.Helper()
	s := newServer(t, program(t), must(newConf([]Option{Config("cluster-enabled", "yes")})))
	if err := s.p.startOnFreePort(freeNodePort); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCluster(t *testing.T) {
	t.Parallel()
	c := StartCluster(t)
	nodes := c.Nodes()
	if len(nodes) != 6 || !slices.Equal(c.Masters(), nodes[:3]) {
		t.Fatalf("got masters %v of the nodes %v, want the first three of six", addrs(c.Masters()), addrs(nodes))
	}
	want := "redis-cluster://" + nodes[0].Addr() + "?addr=" + strings.Join(c.Addrs()[1:], "&addr=")
	if got := c.URL(); got != want {
		t.Errorf("URL: got %s, want %s", got, want)
	}
	for i, key := range []string{"b", "c", "a"} { // slots 3300, 7365, 15495
		if got := c.MasterOf(key); got != nodes[i] {
			t.Errorf("MasterOf(%q): got %s, want %s", key, got.Addr(), nodes[i].Addr())
		}
		if got := c.ReplicaOf(key); got != nodes[3+i] {
			t.Errorf("ReplicaOf(%q): got %s, want %s", key, got.Addr(), nodes[3+i].Addr())
		}
		if got := dial(t, c.MasterOf(key).Addr()).do("SET", key, "v"); got != "+OK" {
			t.Errorf("SET %q on its master: got %q", key, got)
		}
	}
	for _, n := range nodes {
		if got := dial(t, n.Addr()).do("CLUSTER", "INFO"); !strings.Contains(got, "cluster_state:ok\r\n") {
			t.Errorf("CLUSTER INFO of %s: got %q", n.Addr(), got)
		}
	}
	t.Run("Migrate", func(t *testing.T) { testMigrateMisuse(t, c) })
	t.Run("MoveSlot", func(t *testing.T) { testMigration(t, c) })
	t.Run("Failover", func(t *testing.T) { testFailover(t, c) })
	t.Run("OutOfSync", func(t *testing.T) { testReplicaOutOfSync(t, c) })
	t.Run("Kill", func(t *testing.T) { testKilledMaster(t, c) })
}

// testMigration moves a slot that has three keys, and stands in the middle.
func testMigration(t *testing.T, c *Cluster) {
	const tag = "b"
	from, to := c.MasterOf(tag), c.MasterOf("a")
	old, young := dial(t, from.Addr()), dial(t, to.Addr())
	for _, key := range []string{"1{b}", "2{b}", "3{b}"} {
		old.do("SET", key, key, "PX", "60000")
	}
	m := c.Migrate(Slot(tag), to)
	if got := old.do("GET", "1{b}"); got != "1{b}" {
		t.Errorf("GET in the old place before the key moved: got %q", got)
	}
	m.Move("1{b}", "absent{b}")
	m.Move()
	if got, want := old.do("GET", "1{b}"), "-ASK "+itoa(Slot(tag))+" "+to.Addr(); got != want {
		t.Errorf("GET of a key that has moved: got %q, want %q", got, want)
	}
	if got := old.do("MGET", "1{b}", "2{b}"); !strings.HasPrefix(got, "-TRYAGAIN") {
		t.Errorf("MGET of keys of which one has moved: got %q, want -TRYAGAIN", got)
	}
	young.do("ASKING")
	if got := young.do("GET", "1{b}"); got != "1{b}" {
		t.Errorf("GET after ASKING: got %q", got)
	}
	c.AwaitStable()
	if c.MasterOf(tag) != from {
		t.Errorf("MasterOf a slot on its way: got %s, want the old place", c.MasterOf(tag).Addr())
	}
	m.Finish()
	if c.MasterOf(tag) != to {
		t.Errorf("MasterOf after Finish: got %s, want %s", c.MasterOf(tag).Addr(), to.Addr())
	}
	for _, key := range []string{"1{b}", "2{b}", "3{b}"} {
		if got := young.do("GET", key); got != key {
			t.Errorf("GET %s in the new place: got %q", key, got)
		}
		if got := young.do("PTTL", key); len(got) < 4 { // :59xxx
			t.Errorf("PTTL %s: got %q, want what is left of a minute", key, got)
		}
	}
	for _, n := range c.Nodes() {
		if got := dial(t, n.Addr()).do("CLUSTER", "NODES"); strings.Contains(got, "[") {
			t.Errorf("%s still has a slot on its way: %s", n.Addr(), got)
		}
	}
	c.MoveSlot(Slot(tag), from)
	if got := old.do("GET", "3{b}"); got != "3{b}" || c.MasterOf(tag) != from {
		t.Errorf("GET after MoveSlot back: got %q", got)
	}
}

func testFailover(t *testing.T, c *Cluster) {
	master, replica := c.MasterOf("c"), c.ReplicaOf("c")
	c.Failover("c")
	if c.MasterOf("c") != replica || c.ReplicaOf("c") != master {
		t.Error("Failover did not exchange master and replica")
	}
	if got := dial(t, replica.Addr()).do("GET", "c"); got != "v" {
		t.Errorf("GET on the new master: got %q", got)
	}
	if got := dial(t, master.Addr()).do("GET", "c"); !strings.HasPrefix(got, "-MOVED") {
		t.Errorf("GET on the old master: got %q, want -MOVED", got)
	}
}

// A cluster with a replica that does not get to its master is not stable.
func testReplicaOutOfSync(t *testing.T, c *Cluster) {
	replica := dial(t, c.ReplicaOf("a").Addr())
	replica.do("CONFIG", "SET", "masterauth", "wrong")
	replica.do("CLIENT", "KILL", "TYPE", "master")
	until(t, "the cluster is found unstable", func() bool {
		err := c.unsettled()
		return err != nil && strings.Contains(err.Error(), "not in sync")
	})
	replica.do("CONFIG", "SET", "masterauth", "")
	c.AwaitStable()
	if got := replica.do("INFO", "replication"); !strings.Contains(got, "master_link_status:up\r\n") {
		t.Errorf("AwaitStable returned when the replica was not in sync: %s", got)
	}
}

func testKilledMaster(t *testing.T, c *Cluster) {
	master, replica := c.MasterOf("a"), c.ReplicaOf("a")
	c.t.Helper()
	if got := dial(t, master.Addr()).do("WAIT", "1", "20000"); got != ":1" {
		t.Fatalf("WAIT: got %q", got)
	}
	master.Kill()
	if got := c.MasterOf("a"); got != replica {
		t.Errorf("MasterOf after Kill: got %s, want the replica %s", got.Addr(), replica.Addr())
	}
	c.AwaitStable()
	if slices.Contains(c.Masters(), master) || !slices.Contains(c.Masters(), replica) {
		t.Errorf("Masters after Kill: got %v, want %s and not %s", addrs(c.Masters()), replica.Addr(), master.Addr())
	}
	if got := dial(t, replica.Addr()).do("GET", "a"); got != "v" {
		t.Errorf("GET on the new master: got %q", got)
	}
	master.Restart()
	c.AwaitStable()
	if got := dial(t, master.Addr()).do("INFO", "replication"); !strings.Contains(got, "master_link_status:up\r\n") {
		t.Errorf("the restarted node is not in sync: %s", got)
	}
	if got := c.ReplicaOf("a"); got != master {
		t.Errorf("ReplicaOf after Restart: got %s, want %s", got.Addr(), master.Addr())
	}
	dial(t, replica.Addr()).do("SET", "a", "w")
	c.Failover("a") // and back
	if got := dial(t, master.Addr()).do("GET", "a"); got != "w" {
		t.Errorf("GET on the restarted node after Failover: got %q, want what was written meanwhile", got)
	}
}

func TestClusterOptions(t *testing.T) {
	t.Parallel()
	c := StartCluster(t, TLS(), Config("requirepass", "secret"), Config("cluster-node-timeout", "2500"))
	if !strings.HasPrefix(c.URL(), "rediss-cluster://") {
		t.Errorf("URL: got %s", c.URL())
	}
	login := func(s *Server) *client {
		conn, err := dialTLS(t, s.Addr(), c.Nodes()[5].TLSConfig())
		if err != nil {
			t.Fatal(err)
		}
		if got := conn.do("AUTH", "secret"); got != "+OK" {
			t.Fatalf("AUTH: got %q", got)
		}
		return conn
	}
	for _, n := range c.Nodes() {
		if got := login(n).do("CONFIG", "GET", "cluster-node-timeout"); got != "cluster-node-timeout 2500" {
			t.Errorf("CONFIG GET: got %q, want what the option says", got)
		}
	}
	login(c.MasterOf("b")).do("SET", "b", "v")
	c.MoveSlot(Slot("b"), c.MasterOf("a"))
	c.Failover("b")
	if got := login(c.MasterOf("b")).do("GET", "b"); got != "v" {
		t.Errorf("GET after all that: got %q", got)
	}

	r := record(t, func(tb testing.TB) { StartCluster(tb, Config("cluster-enabled", "no")) })
	if !r.failed || !strings.Contains(r.said, "redistest sets it itself") {
		t.Errorf("reserved directive: failed %v with %q", r.failed, r.said)
	}
}

// Two clusters and sentinels at the same time keep apart, and all go with their
// test.
func TestTopologiesEnd(t *testing.T) {
	t.Parallel()
	var servers []*Server
	t.Run("test", func(t *testing.T) {
		var a, b *Cluster
		var s *Sentinel
		var wg sync.WaitGroup
		wg.Go(func() { a = StartCluster(t) })
		wg.Go(func() { b = StartCluster(t) })
		wg.Go(func() { s = StartSentinel(t) })
		wg.Wait()
		if a == nil || b == nil || s == nil {
			t.SkipNow() // as they did
		}
		servers = append(append(append(a.Nodes(), b.Nodes()...), s.Sentinels()...), s.Master(), s.Replica())
		a.Nodes()[4].Pause()
		b.AwaitStable()
	})
	for _, s := range servers {
		wantRefused(t, s.Addr())
		wantRefused(t, loopback(s.p.port+busOffset))
		wantGone(t, s.p.dir)
		if s.p.alive() {
			t.Errorf("the process at %s is alive after its test", s.Addr())
		}
	}
}

// A port whose bus port is taken is not chosen, and given up when it is taken
// in between.
func TestBusPortTaken(t *testing.T) {
	t.Parallel()
	port, err := freeNodePort()
	if err != nil {
		t.Fatal(err)
	}
	bus, err := net.Listen("tcp", loopback(port+busOffset))
	if err != nil {
		t.Skip(err) // somebody else's by now
	}
	defer bus.Close()
	s := newServer(t, program(t), must(newConf([]Option{Config("cluster-enabled", "yes")})))
	first := true
	if err := s.p.startOnFreePort(func() (int, error) {
		if first {
			first = false
			return port, nil
		}
		return freeNodePort()
	}); err != nil {
		t.Fatal(err)
	}
	if first || s.p.port == port {
		t.Errorf("the node took port %d, whose bus is taken", port)
	}
}

func testMigrateMisuse(t *testing.T, c *Cluster) {
	other := oneNode(t)
	for name, f := range map[string]func(*Cluster){
		"slot below":          func(c *Cluster) { c.Migrate(-1, c.nodes[0]) },
		"slot above":          func(c *Cluster) { c.Migrate(Slots, c.nodes[0]) },
		"foreign node":        func(c *Cluster) { c.Migrate(0, other) },
		"where it is":         func(c *Cluster) { c.Migrate(0, c.nodes[0]) },
		"replica":             func(c *Cluster) { c.Migrate(0, c.nodes[4]) },
		"move to where it is": func(c *Cluster) { c.MoveSlot(0, c.nodes[0]) },
	} {
		r := record(t, func(tb testing.TB) {
			its := *c
			its.t = tb
			f(&its)
		})
		if !r.failed {
			t.Errorf("%s: the test did not fail", name)
		}
	}
	c.AwaitStable()
}

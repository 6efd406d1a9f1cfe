package redisstore

import (
	"slices"
	"strings"
	"testing"
)

// What a node says in CLUSTER NODES, and what is not of its own account.
func TestParseMaster(t *testing.T) {
	m, err := parseMaster(`07c37df 127.0.0.1:30004@31004,host,shard-id=6f slave e7d1eec 0 1426238317239 4 connected
67ed2db 127.0.0.1:30002@31002,host master - 0 1426238316232 2 connected 5461-10922
292f8b3 [::1]:30003@31003 master - 0 1426238318243 3 connected 10923-16383 [93->-e7d1eec]
6ec2392 127.0.0.1:30005@31005 master,fail - 0 1426238316232 5 disconnected
e7d1eec 127.0.0.1:30001@31001,,tls-port=0 myself,master - 0 0 1 connected 0-92 94 96-5460 [93-<-292f8b3] [77->-67ed2db]
`)
	if err != nil {
		t.Fatal(err)
	}
	if m.id != "e7d1eec" || m.epoch != "1" {
		t.Errorf("id %s, epoch %s", m.id, m.epoch)
	}
	for slot, want := range map[int]bool{0: true, 92: true, 93: false, 94: true, 95: false, 96: true, 5460: true, 5461: false} {
		if m.slots.has(slot) != want {
			t.Errorf("slot %d: %v", slot, !want)
		}
	}
	if !slices.Equal(m.open[coming], []string{"292f8b3"}) || !slices.Equal(m.open[going], []string{"67ed2db"}) {
		t.Errorf("on the move: %v", m.open)
	}
	if !slices.Equal(m.owners, []string{"67ed2db", "292f8b3", "e7d1eec"}) {
		t.Errorf("owners: %v", m.owners)
	}
	for _, bad := range []string{
		"PONG",
		"e7d1eec 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-16384",
		"e7d1eec 127.0.0.1:1@2 myself,master - 0 0 1 connected x",
		"e7d1eec 127.0.0.1:1@2 myself,master - 0 0 1 connected [1]",
	} {
		if _, err := parseMaster(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	if m, err := parseMaster("e7d1eec 127.0.0.1:1@2 myself,slave 67ed2db 0 0 1 connected\n"); err != nil || m.id != "" {
		t.Errorf("a replica: %+v, %v", m, err)
	}
}

// a, b and c have the slots from 0, from 5000 and from 10000.
func three(change func(a, b, c *master)) *topology {
	of := func(id string, from, to int) *master {
		m := &master{id: id, epoch: "1", run: "1", open: make(map[string][]string), owners: []string{"a", "b", "c"}}
		for slot := from; slot < to; slot++ {
			m.slots.add(slot)
		}
		return m
	}
	a, b, c := of("a", 0, 5000), of("b", 5000, 10000), of("c", 10000, slotCount)
	change(a, b, c)
	return &topology{[]*master{a, b, c}}
}

func TestTopologyIsComplete(t *testing.T) {
	for name, c := range map[string]struct {
		change func(a, b, c *master)
		want   bool
	}{
		"at rest":                  {func(*master, *master, *master) {}, true},
		"a slot on the move":       {func(a, b, _ *master) { a.open[going], b.open[coming] = []string{"b"}, []string{"a"} }, true},
		"moving to a stranger":     {func(a, _, _ *master) { a.open[going] = []string{"d"} }, false},
		"coming from a stranger":   {func(a, _, _ *master) { a.open[coming] = []string{"d"} }, false},
		"one knows another master": {func(a, _, _ *master) { a.owners = append(a.owners, "d") }, false},
		"a replica":                {func(a, _, _ *master) { a.id = "" }, false},
		"one that is a replica now, as all know": {func(a, b, c *master) {
			a.id = ""
			for _, m := range []*master{a, b, c} {
				m.owners = []string{"b", "c"}
			}
		}, false},
		"a slot without a master": {func(a, _, _ *master) { a.slots[1] = 0 }, false},
		"two claim a slot":        {func(a, _, _ *master) { a.slots.add(5000) }, true},
	} {
		if got := three(c.change).complete(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if new(topology).complete() {
		t.Error("no masters: complete")
	}
}

// Which masters may have keys that a scan of some has not seen.
func TestTopologyGained(t *testing.T) {
	rest := func(*master, *master, *master) {}
	move := func(a, b, _ *master) { a.slots[0], b.slots[0] = 0, ^uint64(0) }
	for name, c := range map[string]struct {
		before, now func(a, b, c *master)
		scanned     string
		want        string
	}{
		"nothing":                        {rest, rest, "abc", ""},
		"a slot moved":                   {rest, move, "abc", "b"},
		"from one that was not scanned":  {rest, move, "bc", ""},
		"is coming":                      {rest, func(_, b, _ *master) { b.open[coming] = []string{"a"} }, "a", "b"},
		"was coming":                     {func(_, b, _ *master) { b.open[coming] = []string{"a"} }, rest, "a", "b"},
		"is going":                       {rest, func(a, _, _ *master) { a.open[going] = []string{"b"} }, "a", "b"},
		"is coming from one that is not": {rest, func(_, b, _ *master) { b.open[coming] = []string{"a"} }, "bc", ""},
		"there and back":                 {rest, func(a, b, _ *master) { a.epoch, b.epoch = "3", "2" }, "c", "ab"},
		"restarted":                      {rest, func(_, _, c *master) { c.run = "2" }, "a", "c"},
		"a new master":                   {rest, func(a, _, _ *master) { a.id = "d" }, "abc", "d"},
	} {
		scanned := make(map[string]bool)
		for _, id := range c.scanned {
			scanned[string(id)] = true
		}
		var ids []string
		for _, m := range three(c.now).gained(three(c.before), scanned) {
			ids = append(ids, m.id)
		}
		if got := strings.Join(ids, ""); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

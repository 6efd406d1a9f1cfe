package redistest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A view is what one node of a cluster knows.
type view struct {
	self  string // its id
	ok    bool   // cluster_state
	ready bool   // a replica that is in sync with its master, or a master
	nodes map[string]member
}

// A member is a node as another one sees it.
type member struct {
	flags  []string
	master string // of which it is a replica; "" for none
	epoch  int64
	linked bool
	slots  []slotRange
}

type slotRange struct{ first, last int }

func (m *member) is(flag string) bool {
	return slices.Contains(m.flags, flag)
}

func (m *member) holds(slot int) bool {
	return slices.ContainsFunc(m.slots, func(r slotRange) bool { return r.first <= slot && slot <= r.last })
}

// view asks the node what it knows.
func (p *process) view() (*view, error) {
	replies, err := p.ask(time.Now().Add(askTimeout),
		[]string{"CLUSTER", "INFO"}, []string{"INFO", "replication"}, []string{"CLUSTER", "NODES"})
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(replies))
	for i, r := range replies {
		switch r := r.(type) {
		case string:
			texts[i] = r
		case replyError:
			return nil, r
		default:
			return nil, errors.New("reply is no text")
		}
	}
	v := &view{
		ok:    strings.Contains(texts[0], "cluster_state:ok\r\n"),
		ready: inSync(section(texts[1])),
		nodes: make(map[string]member),
	}
	for line := range strings.Lines(texts[2]) {
		id, m, err := parseMember(line)
		if err != nil {
			return nil, err
		}
		v.nodes[id] = m
		if m.is("myself") {
			v.self = id
		}
	}
	return v, nil
}

// inSync reads the section "replication" of INFO: of a replica that has what its
// master has, or a master.
func inSync(info map[string]string) bool {
	return info["role"] == "master" || info["master_link_status"] == "up" && info["master_sync_in_progress"] == "0"
}

// parseMember reads a line of CLUSTER NODES:
//
//	id host:port@bus flags master ping pong epoch link slot…
func parseMember(line string) (id string, m member, err error) {
	f := strings.Fields(line)
	if len(f) < 8 {
		return "", m, fmt.Errorf("CLUSTER NODES: line of %d fields", len(f))
	}
	m.flags = strings.Split(f[2], ",")
	if f[3] != "-" {
		m.master = f[3]
	}
	m.linked = f[7] == "connected"
	if m.epoch, err = strconv.ParseInt(f[6], 10, 64); err != nil {
		return "", m, fmt.Errorf("CLUSTER NODES: %w", err)
	}
	for _, s := range f[8:] {
		if s[0] == '[' { // on its way: [slot->-id] or [slot-<-id]
			continue
		}
		first, last, ok := strings.Cut(s, "-")
		if !ok {
			last = first
		}
		var r slotRange
		if r.first, err = strconv.Atoi(first); err == nil {
			r.last, err = strconv.Atoi(last)
		}
		if err != nil {
			return "", m, fmt.Errorf("CLUSTER NODES: %w", err)
		}
		m.slots = append(m.slots, r)
	}
	return f[0], m, nil
}

// unsettled returns an error when the nodes that run do not agree with each
// other, or something is amiss: a slot that no running node holds, a replica
// that is not in sync.
func (c *Cluster) unsettled() error {
	var first *Server
	var agreed map[string][]slotRange
	for _, n := range c.nodes {
		if !n.p.up() {
			continue
		}
		v, err := n.p.view()
		if err != nil {
			return err
		}
		if !v.ok {
			return fmt.Errorf("the state of %s is not ok", n.Addr())
		}
		if !v.ready {
			return fmt.Errorf("replica %s is not in sync", n.Addr())
		}
		holds, err := c.holders(n, v)
		if err != nil {
			return err
		}
		if first == nil {
			first, agreed = n, holds
		}
		if !reflect.DeepEqual(agreed, holds) {
			return fmt.Errorf("%s and %s do not agree on who holds the slots", first.Addr(), n.Addr())
		}
	}
	if first == nil {
		return fmt.Errorf("no node is running")
	}
	return nil
}

// holders returns who holds what, by the view of node n: the slots of each
// master that runs, and for each replica that runs none, under its master's id
// and its own.
func (c *Cluster) holders(n *Server, v *view) (map[string][]slotRange, error) {
	holds := make(map[string][]slotRange)
	held := 0
	for id, m := range v.nodes {
		other := c.ids[id]
		if other == nil {
			return nil, fmt.Errorf("%s knows a stranger", n.Addr())
		}
		if !other.p.up() {
			continue
		}
		if m.is("fail") || m.is("fail?") || !m.linked {
			return nil, fmt.Errorf("%s does not reach %s", n.Addr(), other.Addr())
		}
		for _, r := range m.slots {
			held += r.last - r.first + 1
		}
		holds[m.master+" "+id] = m.slots
	}
	if held != Slots {
		return nil, fmt.Errorf("%s knows running nodes for %d slots of %d", n.Addr(), held, Slots)
	}
	for _, other := range c.nodes {
		if _, known := v.nodes[c.id(other)]; !known {
			return nil, fmt.Errorf("%s does not know %s", n.Addr(), other.Addr())
		}
	}
	return holds, nil
}

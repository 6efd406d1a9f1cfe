package redistest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A claim is what a node says of itself.
type claim struct {
	node *Server
	self member
	sync bool
}

// claims asks the nodes that run, those of a later epoch first.
func (c *Cluster) claims() []claim {
	var all []claim
	for _, n := range c.nodes {
		if !n.p.up() {
			continue
		}
		if v, err := n.p.view(); err == nil {
			all = append(all, claim{n, v.nodes[v.self], v.ready})
		}
	}
	slices.SortStableFunc(all, func(a, b claim) int { return cmp.Compare(b.self.epoch, a.self.epoch) })
	return all
}

// Masters returns the nodes that run and hold slots now, in the order of their
// lowest slots.
func (c *Cluster) Masters() []*Server {
	type holder struct {
		node *Server
		slot int
	}
	var holders []holder
	for _, cl := range c.claims() {
		if len(cl.self.slots) > 0 {
			holders = append(holders, holder{cl.node, cl.self.slots[0].first})
		}
	}
	slices.SortFunc(holders, func(a, b holder) int { return cmp.Compare(a.slot, b.slot) })
	nodes := make([]*Server, len(holders))
	for i, h := range holders {
		nodes[i] = h.node
	}
	return nodes
}

// MasterOf returns the node that holds the key's slot. If that one does not run,
// it waits until another one has taken over.
func (c *Cluster) MasterOf(key string) *Server {
	c.t.Helper()
	master, err := c.masterOf(Slot(key))
	if err != nil {
		c.t.Fatalf("redistest: %v", err)
	}
	return master
}

func (c *Cluster) masterOf(slot int) (master *Server, err error) {
	err = settle(time.Now().Add(settleTimeout), func() error {
		for _, cl := range c.claims() {
			if cl.self.holds(slot) {
				master = cl.node
				return nil
			}
		}
		return fmt.Errorf("no running node holds slot %d", slot)
	})
	return master, err
}

// ReplicaOf returns a replica of the node that holds the key's slot, and waits
// until there is one that runs and is in sync.
func (c *Cluster) ReplicaOf(key string) *Server {
	c.t.Helper()
	replica, err := c.replicaOf(Slot(key))
	if err != nil {
		c.t.Fatalf("redistest: %v", err)
	}
	return replica
}

func (c *Cluster) replicaOf(slot int) (replica *Server, err error) {
	err = settle(time.Now().Add(settleTimeout), func() error {
		claims := c.claims()
		i := slices.IndexFunc(claims, func(cl claim) bool { return cl.self.holds(slot) })
		if i < 0 {
			return fmt.Errorf("no running node holds slot %d", slot)
		}
		master := c.id(claims[i].node)
		for _, cl := range claims {
			if cl.self.master == master && cl.sync {
				replica = cl.node
				return nil
			}
		}
		return fmt.Errorf("no running replica of %s is in sync", claims[i].node.Addr())
	})
	return replica, err
}

// Failover makes the replica of the node that holds the key's slot take over in
// good order, without loss (CLUSTER FAILOVER). It returns when all agree, and
// the old master is in sync with the new one as its replica.
func (c *Cluster) Failover(key string) {
	c.t.Helper()
	if err := c.failover(Slot(key)); err != nil {
		c.t.Errorf("redistest: failover: %v", err)
	}
}

func (c *Cluster) failover(slot int) error {
	replica, err := c.replicaOf(slot)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(settleTimeout)
	var asked time.Time
	return settle(deadline, func() error {
		v, err := replica.p.view()
		if err != nil {
			return err
		}
		self := v.nodes[v.self]
		if self.holds(slot) {
			return c.unsettled()
		}
		// A failover that the two do not complete within 5 s they give up.
		if time.Since(asked) > 6*time.Second {
			asked = time.Now()
			if _, err := replica.p.do("CLUSTER", "FAILOVER"); err != nil {
				return err
			}
		}
		return fmt.Errorf("%s does not take over", replica.Addr())
	})
}

// MoveSlot moves a slot with all its keys to the node to, a master, and returns
// when all agree.
func (c *Cluster) MoveSlot(slot int, to *Server) {
	c.t.Helper()
	m, err := c.migrate(slot, to)
	if err == nil {
		err = m.finish()
	}
	if err != nil {
		c.t.Errorf("redistest: move slot %d: %v", slot, err)
	}
}

// A Migration is a slot on its way from one node to another. To a request for a
// key that is not in the old place any more the node there answers with ASK, and
// to one for several keys of which only some are, with TRYAGAIN. Its methods are
// safe for concurrent use.
type Migration struct {
	c        *Cluster
	slot     int
	from, to *Server
}

// Migrate begins to move a slot to the node to, a master, and leaves it half
// way: all its keys are in the old place yet. [Migration.Move] moves some, and
// [Migration.Finish] the rest and the slot. A migration that is not finished
// stays as it is.
func (c *Cluster) Migrate(slot int, to *Server) *Migration {
	c.t.Helper()
	m, err := c.migrate(slot, to)
	if err != nil {
		c.t.Fatalf("redistest: migrate slot %d: %v", slot, err)
	}
	return m
}

func (c *Cluster) migrate(slot int, to *Server) (*Migration, error) {
	if slot < 0 || slot >= Slots {
		return nil, errors.New("there is no such slot")
	}
	if c.id(to) == "" {
		return nil, errors.New("the destination is no node of the cluster")
	}
	from, err := c.masterOf(slot)
	if err != nil {
		return nil, err
	}
	if from == to {
		return nil, errors.New("the slot is there already")
	}
	if _, err := to.p.do("CLUSTER", "SETSLOT", strconv.Itoa(slot), "IMPORTING", c.id(from)); err != nil {
		return nil, err
	}
	if _, err := from.p.do("CLUSTER", "SETSLOT", strconv.Itoa(slot), "MIGRATING", c.id(to)); err != nil {
		return nil, err
	}
	return &Migration{c, slot, from, to}, nil
}

// Move moves the keys, with their values and what is left of their ttl. Keys
// that do not exist are left out.
func (m *Migration) Move(keys ...string) {
	m.c.t.Helper()
	if len(keys) == 0 {
		return
	}
	if err := m.move(keys); err != nil {
		m.c.t.Errorf("redistest: move keys of slot %d: %v", m.slot, err)
	}
}

func (m *Migration) move(keys []string) error {
	args := []string{"MIGRATE", "127.0.0.1", strconv.Itoa(m.to.p.port), "", "0", "10000"}
	if password := m.to.p.conf.value("requirepass"); password != "" {
		args = append(args, "AUTH", password)
	}
	_, err := m.from.p.do(append(append(args, "KEYS"), keys...)...)
	return err
}

// Finish moves the keys that are left and then the slot, and returns when all
// nodes agree that it has moved.
func (m *Migration) Finish() {
	m.c.t.Helper()
	if err := m.finish(); err != nil {
		m.c.t.Errorf("redistest: move slot %d: %v", m.slot, err)
	}
}

func (m *Migration) finish() error {
	slot := strconv.Itoa(m.slot)
	for {
		reply, err := m.from.p.do("CLUSTER", "GETKEYSINSLOT", slot, "100")
		if err != nil {
			return err
		}
		left, _ := reply.([]any)
		if len(left) == 0 {
			break
		}
		keys := make([]string, len(left))
		for i, k := range left {
			keys[i], _ = k.(string)
		}
		if err := m.move(keys); err != nil {
			return err
		}
	}
	// The new holder first, so that nobody is sent to one who does not know yet.
	nodes := []*Server{m.to, m.from}
	for _, n := range m.c.Masters() {
		if n != m.to && n != m.from {
			nodes = append(nodes, n)
		}
	}
	for _, n := range nodes {
		if _, err := n.p.do("CLUSTER", "SETSLOT", slot, "NODE", m.c.id(m.to)); err != nil {
			return err
		}
	}
	return settle(time.Now().Add(settleTimeout), func() error {
		v, err := m.to.p.view()
		if err != nil {
			return err
		}
		if self := v.nodes[v.self]; !self.holds(m.slot) {
			return fmt.Errorf("%s does not hold the slot", m.to.Addr())
		}
		return m.c.unsettled()
	})
}

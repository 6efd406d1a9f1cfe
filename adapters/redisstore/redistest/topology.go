package redistest

import (
	"cmp"
	"fmt"
	"slices"
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

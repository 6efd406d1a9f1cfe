package redistest

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

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

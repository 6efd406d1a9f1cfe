package redisstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// A topology is the masters of a Cluster and where its slots are, each master
// by its own account. What others say of a master may be old.
type topology struct{ masters []*master }

// A master is what a master says of itself.
type master struct {
	client *redis.Client
	id     string
	epoch  string              // another one after slots went away and came back
	run    string              // another one after a restart
	slots  slotSet             // that it serves
	open   map[string][]string // ids of the masters from which slots are coming, and to which they are going
	owners []string            // ids of the masters that have slots in its opinion
}

// How CLUSTER NODES says that a slot is on the move.
const (
	coming = "-<-"
	going  = "->-"
)

type slotSet [slotCount / 64]uint64

const slotCount = 16384

func (s *slotSet) add(slot int)      { s[slot/64] |= 1 << (slot % 64) }
func (s *slotSet) has(slot int) bool { return s[slot/64]&(1<<(slot%64)) != 0 }

var (
	errNoNodes   = errors.New("the Cluster has no nodes")
	errUnsettled = errors.New("the slots of the Cluster are without a master, or on the move")
)

// settled returns the topology when all masters agree on it, for which it
// waits a little: news of a change need their time.
func settled(ctx context.Context, cluster *redis.ClusterClient) (*topology, error) {
	const interval, patience = 50 * time.Millisecond, 2 * time.Second
	for waited := time.Duration(0); ; waited += interval {
		t, err := topologyOf(ctx, cluster)
		if err != nil || t.complete() {
			return t, err
		}
		if waited >= patience {
			return nil, errUnsettled
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(interval):
		}
	}
}

// topologyOf asks every master.
func topologyOf(ctx context.Context, cluster *redis.ClusterClient) (*topology, error) {
	var t topology
	var mu sync.Mutex
	err := eachMaster(ctx, cluster, func(ctx context.Context, client *redis.Client) error {
		nodes, err := client.ClusterNodes(ctx).Result()
		if err != nil {
			return err
		}
		m, err := parseMaster(nodes)
		if err != nil {
			return err
		}
		m.client = client
		if m.run, err = runOf(ctx, client); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		t.masters = append(t.masters, m)
		return nil
	})
	return &t, err
}

// eachMaster calls f with each master, and fails if there is none.
func eachMaster(ctx context.Context, cluster *redis.ClusterClient, f func(context.Context, *redis.Client) error) error {
	var called sync.Once
	err := errNoNodes
	all := cluster.ForEachMaster(ctx, func(ctx context.Context, client *redis.Client) error {
		called.Do(func() { err = nil })
		return f(ctx, client)
	})
	if all != nil {
		return all
	}
	return err
}

// parseMaster reads the reply of CLUSTER NODES.
func parseMaster(nodes string) (*master, error) {
	m := &master{open: make(map[string][]string)}
	for line := range strings.Lines(nodes) {
		fields := strings.Fields(line)
		if len(fields) < 8 {
			return nil, errReply
		}
		id, flags, epoch, slots := fields[0], strings.Split(fields[2], ","), fields[6], fields[8:]
		if !slices.Contains(flags, "master") {
			continue // a replica, or a node that was not met yet
		}
		if len(slots) > 0 {
			m.owners = append(m.owners, id)
		}
		if !slices.Contains(flags, "myself") {
			continue
		}
		m.id, m.epoch = id, epoch
		for _, s := range slots {
			if err := m.addSlots(s); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// addSlots reads 7, 0-5460, [93-<-id] or [77->-id].
func (m *master) addSlots(s string) error {
	if moving, ok := strings.CutPrefix(s, "["); ok {
		for _, direction := range []string{coming, going} {
			if _, id, ok := strings.Cut(strings.TrimSuffix(moving, "]"), direction); ok {
				m.open[direction] = append(m.open[direction], id)
				return nil
			}
		}
		return errReply
	}
	first, last, ranged := strings.Cut(s, "-")
	if !ranged {
		last = first
	}
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err1 != nil || err2 != nil || from < 0 || to >= slotCount {
		return errReply
	}
	for slot := from; slot <= to; slot++ {
		m.slots.add(slot)
	}
	return nil
}

// complete reports whether every slot has a master, and every master that
// another one knows of, or moves slots to, was asked.
func (t *topology) complete() bool {
	var served slotSet
	asked := make(map[string]bool)
	for _, m := range t.masters {
		asked[m.id] = true
		for i := range served {
			served[i] |= m.slots[i]
		}
	}
	for _, m := range t.masters {
		for _, ids := range [][]string{{m.id}, m.owners, m.open[coming], m.open[going]} {
			for _, id := range ids {
				if id == "" || !asked[id] { // without an id it is not a master any more
					return false
				}
			}
		}
	}
	return !slices.ContainsFunc(served[:], func(slots uint64) bool { return slots != ^uint64(0) })
}

// gained returns the masters that may have received keys, since the topology
// before, from one of those whose ids are in from: slots came, or are coming,
// or may have gone and come back. One that was restarted is among them.
func (t *topology) gained(before *topology, from map[string]bool) []*master {
	var gained []*master
	for _, m := range t.masters {
		was := before.byID(m.id)
		comes := was == nil || was.run != m.run || was.epoch != m.epoch && len(from) > 0
		for _, at := range []*topology{before, t} {
			for _, other := range at.masters {
				comes = comes || from[other.id] && slices.Contains(other.open[going], m.id)
			}
			if self := at.byID(m.id); self != nil {
				comes = comes || slices.ContainsFunc(self.open[coming], func(id string) bool { return from[id] })
			}
		}
		for _, other := range before.masters {
			comes = comes || other.id != m.id && from[other.id] && was != nil && overlap(&other.slots, &m.slots, &was.slots)
		}
		if comes {
			gained = append(gained, m)
		}
	}
	return gained
}

func (t *topology) byID(id string) *master {
	i := slices.IndexFunc(t.masters, func(m *master) bool { return m.id == id })
	if i < 0 {
		return nil
	}
	return t.masters[i]
}

// overlap reports whether a slot of other is in now and was not before.
func overlap(other, now, before *slotSet) bool {
	for i := range now {
		if other[i]&now[i]&^before[i] != 0 {
			return true
		}
	}
	return false
}

// runOf returns the id of the run of a server, or "" from one that does not tell
// it to the user.
func runOf(ctx context.Context, client redis.UniversalClient) (string, error) {
	info, err := client.Info(ctx, "server").Result()
	if reply, ok := replyIn(err); ok {
		if _, means := meaningOf(reply); means == storage.ErrUnauthorized || strings.HasPrefix(reply, "ERR unknown command") {
			return "", nil
		}
	}
	_, id, _ := strings.Cut(info, "run_id:")
	id, _, _ = strings.Cut(id, "\r\n")
	return id, err
}

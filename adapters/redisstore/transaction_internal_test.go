package redisstore

import (
	"testing"

	"github.com/redis/go-redis/v9"
)

// What goes out together is one transaction, but in a Cluster, where the keys of a
// transaction have to be in one slot.
func TestTransactionsOfABatch(t *testing.T) {
	cluster := redis.NewClusterClient(new(redis.ClusterOptions))
	defer cluster.Close()
	for name, c := range map[string]struct {
		*client
		transactions, place, commands int
	}{
		"one server": {new(client), 1, 1, 5},
		"a Cluster":  {&client{cluster: cluster}, 2, 0, 4},
	} {
		read := newRead("b", redis.NewStringCmd(t.Context(), "get", "b"))
		first, last := newEntryRead("a"), newEntryRead("c")
		all := c.entries(t.Context(), []*request{first, read, last})
		if len(all) != c.transactions || first.entry.in != all[0] || last.entry.in != all[len(all)-1] {
			t.Errorf("%s: %d transactions, want %d", name, len(all), c.transactions)
		}
		if first.entry.place != 0 || last.entry.place != c.place || len(all[0].commands) != c.commands {
			t.Errorf("%s: places %d and %d, %d commands", name, first.entry.place, last.entry.place, len(all[0].commands))
		}
		if read.entry != nil {
			t.Errorf("%s: another read is in a transaction", name)
		}
	}
	if all := new(client).entries(t.Context(), []*request{newRead("b", redis.NewStringCmd(t.Context(), "get", "b"))}); len(all) != 0 {
		t.Errorf("%d transactions of nothing", len(all))
	}
}

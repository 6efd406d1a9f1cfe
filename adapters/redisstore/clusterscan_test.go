package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A scene is a scan that is disturbed on its way over the masters of a cluster.
type scene struct {
	cluster *redistest.Cluster
	prefix  string
	visits  int               // masters that were visited, to the end
	last    *redistest.Server // the last of them

	slot   int
	home   *redistest.Server
	moving *redistest.Migration
	dead   *redistest.Server
}

// elsewhere returns a tag whose slot is not at the master that was visited last.
func (s *scene) elsewhere() string {
	for i := 0; ; i++ {
		tag := fmt.Sprintf("{%d}", i)
		if s.cluster.MasterOf(tag).Addr() != s.last.Addr() {
			return tag
		}
	}
}

// disturbances are what happens after a master was visited, and how the scan
// ends. DeletePrefix is tried with some of them.
var disturbances = []struct {
	name    string
	at      func(*scene)
	want    error
	deletes bool
}{
	{"nothing", func(*scene) {}, nil, true},
	{"a slot goes to a master that was visited", func(s *scene) {
		if s.visits == 1 {
			s.cluster.MoveSlot(redistest.Slot(s.elsewhere()), s.last)
		}
	}, nil, false},
	{"a slot goes half the way", func(s *scene) {
		if s.visits == 1 {
			tag := s.elsewhere()
			s.moving = s.cluster.Migrate(redistest.Slot(tag), s.last)
			for i := range tagged / 2 {
				s.moving.Move(fmt.Sprint(s.prefix, tag, i))
			}
		}
	}, nil, true},
	{"a slot goes and comes back", func(s *scene) {
		switch s.visits {
		case 1:
			tag := s.elsewhere()
			s.slot, s.home = redistest.Slot(tag), s.cluster.MasterOf(tag)
			s.cluster.MoveSlot(s.slot, s.last)
		case 3:
			s.cluster.MoveSlot(s.slot, s.home)
		}
	}, nil, false},
	{"a slot never rests", func(s *scene) {
		holder := s.cluster.MasterOf("{0}")
		for _, m := range s.cluster.Masters() {
			if m.Addr() != holder.Addr() {
				s.cluster.MoveSlot(redistest.Slot("{0}"), m)
				return
			}
		}
	}, storage.ErrUnavailable, false},
	{"a replica takes over", func(s *scene) {
		if s.visits == 1 {
			s.cluster.Failover(s.elsewhere())
		}
	}, nil, false},
	{"a master that was visited dies and is replaced", func(s *scene) {
		if s.visits == 1 {
			s.dead = s.last
			s.dead.Kill()
			s.cluster.AwaitStable()
		}
	}, nil, false},
	{"a master dies", func(s *scene) {
		if s.visits == 1 {
			s.dead = s.cluster.MasterOf(s.elsewhere())
			s.dead.Kill()
		}
	}, storage.ErrUnavailable, false},
}

// Each of some slots has so many keys.
const (
	tags   = 10
	tagged = 10
)

// Whatever happens while Keys and DeletePrefix go from master to master, they
// find each key that is there all the time, or end with an error.
func testScans(t *testing.T, cluster *redistest.Cluster) {
	for _, d := range disturbances {
		for _, op := range []storage.Op{storage.OpKeys, storage.OpDeletePrefix} {
			if op == storage.OpDeletePrefix && !d.deletes {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s", d.name, op), func(t *testing.T) {
				s := &scene{cluster: cluster, prefix: uniquePrefix()}
				watched := true
				client := connectCluster(t, clusterOptions(cluster))
				client.OnNewNode(func(node *redis.Client) {
					i := slices.Index(cluster.Addrs(), node.Options().Addr)
					node.AddHook(after(func(cmd redis.Cmder) {
						scan, ok := cmd.(*redis.ScanCmd)
						if !ok || scan.Err() != nil || !watched {
							return
						}
						if _, cursor := scan.Val(); cursor == 0 {
							s.visits++
							s.last = cluster.Nodes()[i]
							d.at(s)
						}
					}))
				})
				store := redisstore.New(client, redisstore.Prefix(s.prefix))
				defer store.Close()
				defer s.mend()

				want := fill(t, store, client)
				got := make(map[string]bool)
				var err error
				if op == storage.OpDeletePrefix {
					err = store.DeletePrefix(t.Context(), "")
				} else {
					got, err = collect(t, store)
				}
				checkEnd(t, err, d.want)
				watched = false
				if d.want != nil {
					s.mend() // then it can be done
					if op == storage.OpDeletePrefix {
						err = store.DeletePrefix(t.Context(), "")
					} else {
						got, err = collect(t, store)
					}
					checkEnd(t, err, nil)
				}
				if op == storage.OpDeletePrefix {
					got, err = collect(t, store)
					checkEnd(t, err, nil)
					if len(got) != 0 {
						t.Errorf("%d keys are left", len(got))
					}
				} else if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, want) {
					t.Errorf("found %d keys, want %d", len(keys), len(want))
				}
			})
		}
	}
}

func checkEnd(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || want != nil && strings.Contains(err.Error(), canary) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// fill stores keys and returns their sorted names, once every replica has them.
func fill(t *testing.T, store *redisstore.Store, client *redis.ClusterClient) []string {
	t.Helper()
	values := make(map[string][]byte)
	for i := range tags {
		for j := range tagged {
			values[fmt.Sprintf("{%d}%d", i, j)] = nil
			values[fmt.Sprint(canary, i, j)] = nil
		}
	}
	if err := store.SetMany(t.Context(), values, 0); err != nil {
		t.Fatal(err)
	}
	err := client.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		return node.Wait(ctx, 1, 10*time.Second).Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(values))
}

// collect returns what Keys yields, and with what it ends.
func collect(t *testing.T, store *redisstore.Store) (map[string]bool, error) {
	t.Helper()
	keys := make(map[string]bool)
	for key, err := range store.Keys(t.Context(), "") {
		if err != nil {
			return keys, err
		}
		keys[key] = true
	}
	return keys, nil
}

// mend ends what a scene has begun.
func (s *scene) mend() {
	if s.moving != nil {
		s.moving.Finish()
		s.moving = nil
	}
	if s.dead != nil {
		s.cluster.AwaitStable() // its replica has taken over
		s.dead.Restart()
		s.dead = nil
	}
	s.cluster.AwaitStable()
}

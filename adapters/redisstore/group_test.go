package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A gate holds back the command of the key "gate", which takes the only lane, so
// that those that come meanwhile are one batch.
type gate struct {
	store   *redisstore.Store
	entered chan struct{}
	open    chan struct{}
	batches chan int // how many requests each batch had
	before  func()   // each batch
	calls   sync.WaitGroup
}

// newGate makes a store with one lane on client.
func newGate(tb testing.TB, client redis.UniversalClient) *gate {
	g := &gate{entered: make(chan struct{}), open: make(chan struct{}), batches: make(chan int, 100), before: func() {}}
	client.AddHook(g)
	g.store = borrowed(tb, client)
	g.store.SetMaxLanes(1)
	return g
}

func (*gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if len(cmd.Args()) > 1 && strings.HasPrefix(fmt.Sprint(cmd.Args()[1]), "gate") {
			g.entered <- struct{}{}
			<-g.open
		}
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if name := cmds[0].Name(); name != "hello" && name != "client" { // of a new connection
			g.before()
			n := len(cmds)
			if slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Name() == "multi" }) {
				n -= 3 // MULTI, GET or MGET, and EXEC: there is a PTTL for each entry
			}
			g.batches <- n
		}
		return next(ctx, cmds)
	}
}

// shut takes the lane by reading key, which begins with "gate".
func (g *gate) shut(key string) {
	g.calls.Go(func() { _, _ = g.store.Get(context.Background(), key) })
	<-g.entered
}

// begin begins calls, in this order, and returns when all of them wait.
func (g *gate) begin(tb testing.TB, calls ...func() error) []chan error {
	tb.Helper()
	var errs []chan error
	for i, call := range calls {
		done := make(chan error, 1)
		errs = append(errs, done)
		g.calls.Go(func() { done <- call() })
		eventually(tb, "the call waits", func() bool { return g.store.Waiting() == i+1 })
	}
	return errs
}

// batch begins calls, sends them as one batch and returns their errors.
func (g *gate) batch(tb testing.TB, calls ...func() error) (errs []error) {
	tb.Helper()
	g.shut("gate")
	began := g.begin(tb, calls...)
	g.open <- struct{}{}
	for _, done := range began {
		errs = append(errs, <-done)
	}
	g.calls.Wait()
	if n := <-g.batches; n != len(calls) {
		tb.Errorf("a batch of %d requests, want %d", n, len(calls))
	}
	for len(g.batches) > 0 { // scripts that were sent again
		<-g.batches
	}
	return errs
}

// Every command that may share a batch does, and has its own answer.
func TestBatchOfAll(t *testing.T) {
	server := redistest.Start(t)
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr()}))
	for _, flushed := range []bool{true, false} { // with the scripts unknown, and known
		if flushed {
			do(t, server, "script", "flush")
		}
		do(t, server, "del", "absent", "set")
		do(t, server, "mset", "get", "1", "delete", "1", "take", "1", "touch", "1", "swap", "1")
		for _, key := range []string{"persist", "entry"} {
			do(t, server, "set", key, "1", "ex", 3600)
		}
		do(t, server, "del", "list")
		do(t, server, "rpush", "list", "1")
		ctx, s := t.Context(), g.store
		one := func(v []byte, err error) error {
			if err == nil && string(v) != "1" {
				return fmt.Errorf("got %q", v)
			}
			return err
		}
		errs := g.batch(t,
			func() error { return one(s.Get(ctx, "get")) },
			func() error { return one(s.Get(ctx, "absent")) },
			func() error { return one(s.Get(ctx, "list")) },
			func() error { return s.Set(ctx, "set", []byte("1"), time.Hour) },
			func() error { return s.Delete(ctx, "delete") },
			func() error { return one(s.Take(ctx, "take")) },
			func() error { return one(s.Take(ctx, "absent")) },
			func() error { return s.Touch(ctx, "touch", time.Hour) },
			func() error { return s.Touch(ctx, "persist", storage.NoExpiry) },
			func() error { return s.Touch(ctx, "absent", storage.NoExpiry) },
			func() error {
				e, err := s.GetEntry(ctx, "entry")
				if err == nil && (e.Version != version1 || e.TTL() < 59*time.Minute) {
					err = fmt.Errorf("got %v", e)
				}
				return one(e.Value, err)
			},
			func() error { _, err := s.GetEntry(ctx, "absent"); return err },
			func() error { _, err := s.CompareAndSwap(ctx, "swap", version1, []byte("2"), 0); return err },
			func() error { _, err := s.CompareAndSwap(ctx, "swap", version1, []byte("3"), 0); return err },
			func() error {
				if ok, err := s.Has(ctx, "get"); err != nil || !ok {
					return fmt.Errorf("has: %v, %w", ok, err)
				}
				return nil
			},
			func() error { return s.Set(ctx, "last", []byte("1"), 0) },
		)
		want := []error{
			nil, storage.ErrNotFound, storage.ErrCorrupt, nil, nil, nil, storage.ErrNotFound, nil, nil,
			storage.ErrNotFound, nil, storage.ErrNotFound, nil, storage.ErrConflict, nil, nil,
		}
		if errs[12] != nil { // scripts that are sent again may come in another order
			errs[12], errs[13] = errs[13], errs[12]
		}
		for i, err := range errs {
			if !errors.Is(err, want[i]) || errors.Is(err, storage.ErrUnknownOutcome) {
				t.Errorf("flushed %v: call %d: %v, want %v", flushed, i, err, want[i])
			}
		}
		admin := connect(t, &redis.Options{Addr: server.Addr()})
		got, err := admin.MGet(ctx, "set", "delete", "take", "swap").Result()
		if err != nil || !slices.Equal(got[:3], []any{"1", nil, nil}) || got[3] != "2" && got[3] != "3" {
			t.Errorf("on the server: %v, %v", got, err)
		}
		for key, volatile := range map[string]bool{"touch": true, "persist": false} {
			if ttl := admin.TTL(ctx, key).Val(); ttl > 0 != volatile {
				t.Errorf("%s expires in %v", key, ttl)
			}
		}
	}
}

// A batch breaks in the middle: those who had their answers keep them, a write
// without one is unknown and was done once, and a read without one is asked again
// if the client is set up so.
func TestLostReplyInBatch(t *testing.T) {
	t.Parallel() // it waits most of the time
	for end, fault := range ends {
		for retries, lost := range map[int]error{3: nil, -1: storage.ErrUnavailable} {
			t.Run(fmt.Sprint(end, "/", retries), func(t *testing.T) {
				server := redistest.Start(t)
				proxy := redistest.NewProxy(t, server.Addr())
				admin := connect(t, &redis.Options{Addr: server.Addr()})
				g := newGate(t, connect(t, &redis.Options{Dialer: proxy.Dial, ReadTimeout: time.Second, MaxRetries: retries}))
				if err := g.store.SetMany(t.Context(), map[string][]byte{"read": []byte("1"), "token": nil}, 0); err != nil {
					t.Fatal(err) // there is a connection
				}
				<-g.batches
				before := executed(t, admin, "set")
				proxy.Strike("getdel", fault)
				ctx, s := t.Context(), g.store
				get := func() error {
					v, err := s.Get(ctx, "read")
					if err == nil && string(v) != "1" {
						err = fmt.Errorf("got %q", v)
					}
					return err
				}
				errs := g.batch(t,
					get,
					func() error { return s.Set(ctx, "before", nil, 0) },
					func() error { _, err := s.Take(ctx, "token"); return err },
					get,
					func() error { return s.Set(ctx, "after", nil, 0) },
					func() error { return s.Delete(context.Background(), "absent") },
				)
				if !proxy.Struck() {
					t.Fatal("the proxy saw no GETDEL")
				}
				for i, want := range []error{nil, nil, storage.ErrUnknownOutcome, lost, storage.ErrUnknownOutcome, storage.ErrUnknownOutcome} {
					unknown := want == storage.ErrUnknownOutcome
					if !errors.Is(errs[i], want) || errors.Is(errs[i], storage.ErrUnknownOutcome) != unknown || unknown && !errors.Is(errs[i], storage.ErrUnavailable) {
						t.Errorf("call %d: %v, want %v", i, errs[i], want)
					}
				}
				if n := executed(t, admin, "set") - before; n != 2 {
					t.Errorf("the server executed %d SETs, want 2", n)
				}
				if n := executed(t, admin, "getdel"); n != 1 {
					t.Errorf("the server executed %d GETDELs, want 1", n)
				}
			})
		}
	}
}

// A batch that could not be sent is definite, and explained to each of its callers.
func TestRefusedBatch(t *testing.T) {
	for name, c := range map[string]struct {
		options redis.Options
		strike  func(t *testing.T, server *redistest.Server, client *redis.Client)
		want    error
		says    string
	}{
		"refused": {
			strike: func(_ *testing.T, server *redistest.Server, _ *redis.Client) { server.Kill() },
			want:   storage.ErrUnavailable, says: "connection refused",
		},
		"closed": {
			strike: func(_ *testing.T, _ *redistest.Server, client *redis.Client) { _ = client.Close() },
			want:   storage.ErrClosed,
		},
		"WRONGPASS": {
			options: redis.Options{Username: "nobody", Password: canary},
			strike:  func(*testing.T, *redistest.Server, *redis.Client) {},
			want:    storage.ErrUnauthorized, says: "WRONGPASS",
		},
		"too many clients": {
			strike: func(t *testing.T, server *redistest.Server, _ *redis.Client) {
				admin := connect(t, &redis.Options{Addr: server.Addr(), PoolSize: 1})
				if err := admin.Do(t.Context(), "config", "set", "maxclients", "1").Err(); err != nil {
					t.Fatal(err)
				}
				disconnect(t, admin)
			},
			want: storage.ErrOverloaded, says: "max number of clients",
		},
		"OOM": {
			strike: func(t *testing.T, server *redistest.Server, _ *redis.Client) {
				do(t, server, "config", "set", "maxmemory", "1")
			},
			want: storage.ErrOverloaded, says: "OOM",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			o := c.options
			o.Addr, o.MaxRetries, o.DialerRetries = server.Addr(), -1, 1
			client := connect(t, &o)
			g := newGate(t, client)
			do(t, server, "set", faultKey, canary)
			g.shut("gate")
			var calls []func() error
			for op, call := range operations {
				if writes[op] && one("Set", "CompareAndSwap")(op) || name != "OOM" && one("Get", "Has", "GetEntry", "Delete", "Take", "Touch")(op) {
					calls = append(calls, func() error { return call(t.Context(), g.store, faultKey) })
				}
			}
			began := g.begin(t, calls...)
			c.strike(t, server, client)
			g.open <- struct{}{}
			for _, done := range began {
				checkFailure(t, name, <-done, c.want, c.says)
			}
			g.calls.Wait()
		})
	}
}

// In a batch that a silent server does not answer, each caller is back when its own
// context ends. What waits behind it was not sent, and is not when the server is
// back; the others have their answers then.
func TestBatchOnSilentServer(t *testing.T) {
	server := redistest.Start(t)
	admin := connect(t, &redis.Options{Addr: server.Addr()})
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr(), ReadTimeout: -1, MaxRetries: -1}))
	if err := g.store.SetMany(t.Context(), map[string][]byte{"k": []byte("1"), "l": nil}, 0); err != nil {
		t.Fatal(err) // there is a connection
	}
	<-g.batches
	if _, err := g.store.Get(t.Context(), "k"); err != nil {
		t.Fatal(err) // and one for those who go alone
	}
	g.shut("gate")
	g.before = sync.OnceFunc(server.Pause)
	s := g.store
	soon, cancel := context.WithCancel(t.Context())
	defer cancel()
	get := func(ctx context.Context) func() error {
		return func() error { _, err := s.Get(ctx, "k"); return err }
	}
	set := func(ctx context.Context, key string) func() error {
		return func() error { return s.Set(ctx, key, []byte("1"), 0) }
	}
	flying := g.begin(t, get(soon), set(soon, "sent"), get(t.Context()), set(context.Background(), "stays"))
	g.open <- struct{}{}
	<-g.batches
	waiting := g.begin(t, get(soon), set(soon, "unsent"), set(t.Context(), "later"))

	cancel()
	at := time.Now()
	for i, call := range []chan error{flying[0], flying[1], waiting[0], waiting[1]} {
		err := <-call
		if !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknownOutcome) != (i == 1) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if took := time.Since(at); took > time.Second {
		t.Errorf("they were back after %v", took)
	}
	if got := s.Stats().Left; got != 2 {
		t.Errorf("%d calls were left running, want 2", got)
	}
	server.Resume()
	for i, call := range []chan error{flying[2], flying[3], waiting[2]} {
		if err := <-call; err != nil {
			t.Errorf("call %d of those who stay: %v", i, err)
		}
	}
	g.calls.Wait()
	eventually(t, "nothing is left", func() bool { return s.Stats().Left == 0 })
	if got := admin.Exists(t.Context(), "sent", "stays", "later").Val(); got != 3 {
		t.Errorf("%d of 3 values that were sent are there", got)
	}
	if got := admin.Exists(t.Context(), "unsent").Val(); got != 0 {
		t.Error("a write was sent after its caller had left the queue")
	}
}

// A value is copied for a batch that may outlive its caller.
func TestBatchKeepsValue(t *testing.T) {
	server := redistest.Start(t)
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr()}))
	sending, proceed := make(chan struct{}), make(chan struct{})
	g.before = func() {
		sending <- struct{}{}
		<-proceed
	}
	ctx, cancel := context.WithCancel(t.Context())
	value := []byte("mine")
	g.shut("gate")
	calls := g.begin(t,
		func() error { return g.store.Set(ctx, "k", value, 0) },
		func() error { return g.store.Set(t.Context(), "l", value, 0) },
	)
	g.open <- struct{}{}
	<-sending
	cancel()
	if err := <-calls[0]; !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got %v, want ErrUnknownOutcome", err)
	}
	copy(value, "????")
	close(proceed)
	if err := <-calls[1]; err != nil {
		t.Error(err)
	}
	g.calls.Wait()
	if got, err := g.store.Get(t.Context(), "k"); err != nil || string(got) != "mine" {
		t.Errorf("got %q, %v", got, err)
	}
}

// Views share the batches of their store.
func TestViewsShareBatches(t *testing.T) {
	server := redistest.Start(t)
	g := newGate(t, connect(t, &redis.Options{Addr: server.Addr()}))
	a, b := g.store.In(storage.Scope{Prefix: "a:"}), g.store.In(storage.Scope{Prefix: "b:"})
	for _, err := range g.batch(t,
		func() error { return a.Set(t.Context(), "k", []byte("1"), 0) },
		func() error { return b.Set(t.Context(), "k", []byte("2"), 0) },
	) {
		if err != nil {
			t.Error(err)
		}
	}
}

// testGroupsOfCluster are the tests of a batch in a Cluster.
func testGroupsOfCluster(t *testing.T, cluster *redistest.Cluster) {
	t.Run("moved", func(t *testing.T) {
		const tag = "{groupmoved}"
		client := connectCluster(t, clusterOptions(cluster))
		g := newGate(t, client)
		if err := g.store.Set(t.Context(), tag, nil, 0); err != nil {
			t.Fatal(err)
		}
		home := cluster.MasterOf(tag)
		stays, gateKey := keyAt(cluster, home, "stays"), keyAt(cluster, home, "gate")
		if redistest.Slot(stays) == redistest.Slot(tag) {
			t.Fatal("both keys are in the slot that moves")
		}
		cluster.MoveSlot(redistest.Slot(tag), other(cluster, tag))
		s, ctx := g.store, t.Context()
		g.shut(gateKey)
		calls := g.begin(t,
			func() error { return s.Set(ctx, stays, []byte("1"), 0) },
			func() error { return s.Set(ctx, tag, []byte("2"), 0) },
			func() error { _, err := s.CompareAndSwap(ctx, tag+"new", "", []byte("3"), 0); return err },
			func() error { _, err := s.Get(ctx, stays); return err },
		)
		g.open <- struct{}{}
		for i, call := range calls {
			if err := <-call; err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		}
		g.calls.Wait()
		want := map[string][]byte{stays: []byte("1"), tag: []byte("2"), tag + "new": []byte("3")}
		got, err := s.GetMany(ctx, slices.Collect(maps.Keys(want)))
		if err != nil || !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("got %q, %v", got, err)
		}
	})

	// A master that says nothing keeps nobody waiting but those who want its keys.
	t.Run("silent master", func(t *testing.T) {
		proxies := redistest.NewProxies(t)
		o := clusterOptions(cluster)
		o.Dialer, o.ReadTimeout = proxies.Dial, 20*time.Second
		store := borrowCluster(t, o)
		store.SetMaxLanes(1)
		silent := cluster.Masters()[0]
		sound := cluster.Masters()[1]
		mute, heard := keyAt(cluster, silent, "mute"), keyAt(cluster, sound, "heard")
		for _, key := range []string{mute, heard} {
			if err := store.Set(t.Context(), key, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		way := proxies.To(silent.Addr())
		way.Break(redistest.Silence)
		ctx, cancel := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for range 3 {
			calls.Go(func() {
				if err := store.Set(ctx, mute, nil, 0); !errors.Is(err, context.Canceled) {
					t.Errorf("of the silent master: %v", err)
				}
			})
		}
		eventually(t, "two calls wait", func() bool { return store.Waiting() == 2 })
		at := time.Now()
		for range 20 {
			calls.Go(func() {
				if _, err := store.Get(t.Context(), heard); err != nil {
					t.Error(err)
				}
			})
		}
		eventually(t, "the others are served", func() bool { return store.Waiting() == 2 })
		if _, err := store.Get(t.Context(), heard); err != nil || time.Since(at) > 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(at))
		}
		cancel()
		calls.Wait()
		way.Heal()
	})
}

// keyAt returns a key that begins with prefix and is at the master.
func keyAt(cluster *redistest.Cluster, master *redistest.Server, prefix string) string {
	for i := 0; ; i++ {
		key := fmt.Sprint(prefix, i)
		if cluster.MasterOf(key).Addr() == master.Addr() {
			return key
		}
	}
}

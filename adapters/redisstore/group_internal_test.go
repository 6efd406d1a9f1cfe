package redisstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// A way stands where the connections of a client would be: it gets what would be
// sent at a time, and answers it.
type way struct {
	send func(ctx context.Context, keys []string) error // nil: the commands are answered
}

func (*way) DialHook(next redis.DialHook) redis.DialHook { return next }

func (w *way) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { return w.process(ctx, []redis.Cmder{cmd}) }
}

func (w *way) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return w.process
}

func (w *way) process(ctx context.Context, cmds []redis.Cmder) error {
	var keys []string
	for _, cmd := range cmds {
		for _, arg := range cmd.Args() {
			if key, ok := arg.(*write); ok {
				if _, err := key.MarshalBinary(); err != nil {
					return err
				}
			}
		}
		keys = append(keys, fmt.Sprint(cmd.Args()[1]))
	}
	if err := w.send(ctx, keys); err != nil {
		return err
	}
	for _, cmd := range cmds {
		cmd.SetErr(nil)
	}
	return nil
}

// newWay makes a store with one lane, and a function that begins a call, Set or
// Get in turn, and waits until it is on its way or in the queue.
func newWay(t *testing.T, send func(ctx context.Context, keys []string) error) (s *Store, begin func(ctx context.Context, key string) <-chan error) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(&way{send})
	s = New(client)
	s.SetMaxLanes(1)
	calls := 0
	return s, func(ctx context.Context, key string) <-chan error {
		calls++
		write := calls%2 == 0
		done := make(chan error, 1)
		go func() {
			defer func() {
				if r := recover(); r != nil {
					done <- fmt.Errorf("panic: %v", r)
				}
			}()
			if write {
				done <- s.Set(ctx, key, make([]byte, 8), 0)
				return
			}
			_, err := s.Get(ctx, key)
			done <- err
		}()
		synctest.Wait()
		return done
	}
}

// Who comes while a batch is on its way goes out with the next one, all at once
// and in the order of arrival; who finds none is not kept.
func TestGroupCommit(t *testing.T) {
	for how, ctx := range map[string]func(*testing.T) context.Context{
		"inline":      func(*testing.T) context.Context { return context.Background() },
		"cancellable": func(t *testing.T) context.Context { return t.Context() },
	} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent [][]string
				land := make(chan struct{})
				s, begin := newWay(t, func(_ context.Context, keys []string) error {
					sent = append(sent, keys)
					<-land
					return nil
				})
				var calls []<-chan error
				var want [][]string
				for batch := range 3 {
					var keys []string
					for i := range 1 + 9*batch {
						key := fmt.Sprint(batch, "-", i)
						keys = append(keys, key)
						calls = append(calls, begin(ctx(t), key))
					}
					want = append(want, keys)
					if batch > 0 {
						land <- struct{}{}
						synctest.Wait()
					}
					if len(sent) != batch+1 {
						t.Errorf("%d batches are out, want %d", len(sent), batch+1)
					}
				}
				close(land)
				for _, call := range calls {
					if err := <-call; err != nil {
						t.Error(err)
					}
				}
				if !slices.EqualFunc(sent, want, slices.Equal) {
					t.Errorf("sent %q, want %q", sent, want)
				}
				if err := s.Close(); err != nil { // hangs if a call is missing
					t.Error(err)
				}
			})
		})
	}
}

// A batch has a bound in number and in bytes, and at least one command.
func TestBatchIsBounded(t *testing.T) {
	g := new(group)
	for range batchKeys + 1 {
		g.push(&request{size: 1})
	}
	for _, size := range []int{batchBytes, 1, batchBytes - 1, 1, 2 * batchBytes, 1} {
		g.push(&request{size: size})
	}
	for i, want := range []int{batchKeys, 1, 1, 2, 1, 1, 1} {
		if n := len(g.take()); n != want {
			t.Errorf("batch %d has %d commands, want %d", i, n, want)
		}
	}
	if g.first != nil || g.last != nil || g.waiting != 0 {
		t.Errorf("left in the queue: %d", g.waiting)
	}
}

// Who leaves the queue is told that nothing was sent, and nothing is; who leaves a
// batch, that it may have been. The others are not concerned.
func TestLeavingGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		land := make(chan struct{})
		s, begin := newWay(t, func(_ context.Context, keys []string) error {
			sent = append(sent, keys...)
			<-land
			return nil
		})
		first := begin(context.Background(), "first")
		var ends []context.CancelFunc
		var calls []<-chan error
		for i := range 8 { // Set, Get, Set, …
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ends = append(ends, cancel)
			calls = append(calls, begin(ctx, fmt.Sprint(i)))
		}
		leave := func(i int, maybe bool) {
			t.Helper()
			ends[i]()
			if err := <-calls[i]; !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknownOutcome) != maybe {
				t.Errorf("call %d: %v", i, err)
			}
		}
		for _, i := range []int{0, 3, 4, 7} { // the ends and the middle
			leave(i, false)
		}
		if got := s.Stats(); got != (Stats{}) {
			t.Errorf("who left the queue is counted: %+v", got)
		}
		land <- struct{}{}
		synctest.Wait()
		if want := []string{"first", "1", "2", "5", "6"}; !slices.Equal(sent, want) {
			t.Errorf("sent %q, want %q", sent, want)
		}
		leave(1, false) // a Get
		leave(2, true)
		if got := s.Stats(); got != (Stats{Left: 2, TotalLeft: 2}) {
			t.Errorf("of two who left a batch: %+v", got)
		}
		closed := make(chan error)
		go func() { closed <- s.Close() }()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("Close did not wait for the batch")
		default:
		}
		close(land)
		for _, call := range []<-chan error{first, calls[5], calls[6], closed} {
			if err := <-call; err != nil {
				t.Error(err)
			}
		}
		if got := s.Stats(); got != (Stats{TotalLeft: 2}) {
			t.Errorf("after the batch: %+v", got)
		}
	})
}

// A caller who leaves while a batch is made up is told the truth, whatever comes first.
func TestLeavingRacesWithBatch(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer client.Close()
	var mu sync.Mutex
	sent := make(map[string]int)
	client.AddHook(&way{func(_ context.Context, keys []string) error {
		mu.Lock()
		defer mu.Unlock()
		for _, key := range keys {
			sent[key]++
		}
		return nil
	}})
	s := New(client)
	s.SetMaxLanes(1)
	const callers, each = 16, 500
	definite := make(map[string]bool)
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				key := fmt.Sprint(c, "-", i)
				ctx, cancel := context.WithCancel(context.Background())
				go cancel()
				err := s.Set(ctx, key, nil, 0)
				mu.Lock()
				definite[key] = err != nil && !errors.Is(err, storage.ErrUnknownOutcome)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for key, definite := range definite {
		if definite && sent[key] != 0 || sent[key] > 1 {
			t.Fatalf("a write was sent %d times, and its caller was told that it was not: %v", sent[key], definite)
		}
	}
	if got := s.Stats(); got.Left != 0 {
		t.Errorf("after Close: %+v", got)
	}
}

// A panic in a batch, or the end of its goroutine, reaches all of its callers, and
// the queue goes on.
func TestPanicInBatch(t *testing.T) {
	for name, fail := range map[string]func(){"hook": func() { panic("hook") }, "ended its goroutine": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			land := make(chan struct{})
			s, begin := newWay(t, func(_ context.Context, keys []string) error {
				<-land
				if slices.Contains(keys, "bad") {
					fail()
				}
				return nil
			})
			calls := []<-chan error{begin(context.Background(), "first"), begin(context.Background(), "bad"), begin(context.Background(), "good")}
			land <- struct{}{}
			synctest.Wait()
			after := begin(context.Background(), "after")
			close(land)
			for i, call := range calls {
				if err := <-call; i == 0 && err != nil || i > 0 && (err == nil || !strings.Contains(err.Error(), name)) {
					t.Errorf("%s: call %d: %v", name, i, err)
				}
			}
			if err := <-after; err != nil {
				t.Errorf("%s: the next call: %v", name, err)
			}
			if err := s.Close(); err != nil { // hangs if a lane is missing
				t.Error(err)
			}
		})
	}
}

// A batch that does not come back does not stop the others for long, whether
// anybody comes later or not. There are never more than the link has lanes.
func TestStalledLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		land := make(chan struct{})
		var out atomic.Int32
		s, begin := newWay(t, func(_ context.Context, keys []string) error {
			out.Add(1)
			if strings.HasPrefix(keys[0], "silent") {
				<-land
			}
			return nil
		})
		s.SetMaxLanes(3)
		for range 10 { // which show how near the server is
			<-begin(context.Background(), "near")
		}
		out.Store(0)
		begun := time.Now()
		calls := []<-chan error{
			begin(context.Background(), "silent1"), begin(context.Background(), "silent2"),
		}
		if n := out.Load(); n != 1 {
			t.Fatalf("%d batches to a server that is near, want one", n)
		}
		time.Sleep(stallTime)
		synctest.Wait()
		if n := out.Load(); n != 2 {
			t.Fatalf("%d batches are out, want another one after %v", n, stallTime)
		}
		if err := <-begin(context.Background(), "sound"); err != nil || time.Since(begun) > 2*stallTime {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		at := time.Now()
		if err := <-begin(context.Background(), "sound again"); err != nil || time.Since(at) != 0 {
			t.Errorf("%v after %v, want at once: what is stalled does not count", err, time.Since(at))
		}
		calls = append(calls, begin(context.Background(), "silent3"), begin(context.Background(), "waits"))
		time.Sleep(10 * stallTime)
		synctest.Wait()
		if s.Waiting() != 1 {
			t.Errorf("%d calls wait for a lane, want 1", s.Waiting())
		}
		close(land)
		for _, call := range calls {
			if err := <-call; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		if g := s.link.groups[nil]; g.flying != 0 || g.stalled != 0 {
			t.Errorf("at rest: %d lanes are taken, %d of them stalled", g.flying, g.stalled)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The further away a server is, the more batches are on their way at a time.
func TestLanes(t *testing.T) {
	l := newLink(redis.NewClient(&redis.Options{PoolSize: 100}), true, 1)
	defer l.close()
	now := time.Now()
	for _, c := range []struct {
		roundTrip time.Duration
		waiting   int
		want      int
	}{
		{0, 0, maxLanes}, // not known yet
		{50 * time.Microsecond, 0, 1},
		{50 * time.Microsecond, longQueue, 2},
		{350 * time.Microsecond, 0, 3},
		{50 * time.Millisecond, longQueue, maxLanes},
	} {
		g := &group{waiting: c.waiting}
		if c.roundTrip > 0 {
			g.roundTrip.add(now, time.Second)
			g.roundTrip.add(now, c.roundTrip)
			g.roundTrip.add(now, time.Second)
		}
		for l.free(g) {
			g.flying++
		}
		if g.flying != c.want {
			t.Errorf("%v, %d in the queue: %d lanes, want %d", c.roundTrip, c.waiting, g.flying, c.want)
		}
	}
	for pool, want := range map[int]int{1: 1, 3: 3, 100: maxLanes} {
		for _, client := range []redis.UniversalClient{
			redis.NewClient(&redis.Options{PoolSize: pool}), redis.NewClusterClient(&redis.ClusterOptions{PoolSize: pool}),
		} {
			if n := newClient(client).lanes(); n != want {
				t.Errorf("%T with %d connections: %d lanes, want %d", client, pool, n, want)
			}
			_ = client.Close()
		}
	}
}

// The shortest time is forgotten when it is old.
func TestMinimum(t *testing.T) {
	var m minimum
	if _, ok := m.value(); ok {
		t.Error("there was no time yet")
	}
	now := time.Now()
	for i, step := range []struct {
		later time.Duration
		took  time.Duration
		want  time.Duration
	}{
		{0, 5, 5},
		{0, 3, 3},
		{0, 9, 3},
		{minimumKept + 1, 7, 3},
		{minimumKept / 2, 6, 3},
		{minimumKept, 8, 6},
		{3 * minimumKept, 9, 9},
	} {
		now = now.Add(step.later)
		m.add(now, step.took)
		if got, _ := m.value(); got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}

// A batch goes on for as long as one of its callers waits, and ends with the last.
func TestDeadlineOfBatch(t *testing.T) {
	now := time.Now()
	endless, soon, later := &request{}, &request{deadline: now}, &request{deadline: now.Add(1)}
	if got := lastDeadline([]*request{soon, later, soon}); !got.Equal(later.deadline) {
		t.Errorf("got %v", got)
	}
	if got := lastDeadline([]*request{soon, endless, later}); !got.IsZero() {
		t.Errorf("got %v although one waits without an end", got)
	}
	synctest.Test(t, func(t *testing.T) {
		land := make(chan struct{})
		var deadline time.Time
		s, begin := newWay(t, func(ctx context.Context, _ []string) error {
			deadline, _ = ctx.Deadline()
			<-land
			return nil
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		first, second := begin(context.Background(), "first"), begin(ctx, "second")
		close(land)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Error(err)
		}
		if want, _ := ctx.Deadline(); !deadline.Equal(want) {
			t.Errorf("the batch had the deadline %v, want that of its caller", deadline)
		}
		_ = s.Close()
	})
}

// The timer of a connection may go off before that of the last caller's context,
// which has the same deadline: when the call returns, the context has ended.
func TestConnectionOfBatchTimesOutFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		land := make(chan struct{})
		s, begin := newWay(t, func(_ context.Context, keys []string) error {
			<-land
			if keys[0] == "second" {
				return os.ErrDeadlineExceeded
			}
			return nil
		})
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		first, second := begin(context.Background(), "first"), begin(passed{ctx, time.Now()}, "second")
		time.AfterFunc(2*time.Millisecond, cancel)
		close(land)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if err := <-second; !errors.Is(err, context.Canceled) || ctx.Err() == nil {
			t.Errorf("got %v, and of the context %v", err, ctx.Err())
		}
		_ = s.Close()
	})
}

// passed is a context whose deadline has passed a little before it ends.
type passed struct {
	context.Context
	deadline time.Time
}

func (p passed) Deadline() (time.Time, bool) { return p.deadline, true }

// Groups of masters that are gone do not stay for ever.
func TestGroupsAreForgotten(t *testing.T) {
	l := newLink(redis.NewClient(&redis.Options{}), true, 1)
	defer l.close()
	ago := time.Now().Add(-2 * groupKept)
	nodes := []*redis.Client{{}, {}, {}}
	l.groupOf(nodes[0]).lastUsed = ago
	busy := l.groupOf(nodes[1])
	busy.lastUsed, busy.flying = ago, 1
	l.groupOf(nodes[2])
	if l.groups[nodes[0]] != nil || l.groups[nodes[1]] != busy {
		t.Errorf("%d groups", len(l.groups))
	}
}

// What is sent again, and alone, after it failed in a batch.
func TestAgain(t *testing.T) {
	lost, readOnly, moved := errors.New("lost"), greeting("READONLY"), greeting("MOVED 1 host:1")
	write := newWrite("k")
	single, once, cluster := &client{retries: true}, &client{}, &client{cluster: new(redis.ClusterClient)}
	for i, c := range []struct {
		client *client
		r      request
		want   bool
	}{
		{single, request{shared: true, err: lost}, true},
		{single, request{err: lost}, false}, // go-redis has tried
		{single, request{shared: true, err: redis.Nil}, false},
		{single, request{shared: true, err: readOnly}, false},
		{single, request{shared: true, err: redis.ErrPoolTimeout}, false},
		{single, request{shared: true, err: lost, write: write}, false},
		{single, request{shared: true, err: readOnly, write: write}, false},
		{once, request{shared: true, err: lost}, false},
		{cluster, request{shared: true, err: lost}, false},
		{cluster, request{shared: true, err: lost, write: write}, false},
		{cluster, request{shared: true, err: moved, write: write}, false},
		{cluster, request{shared: true, err: readOnly, write: write}, true},
	} {
		if got := c.client.again(&c.r); got != c.want {
			t.Errorf("row %d, %v: %v", i, c.r.err, got)
		}
	}
}

package model

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

const (
	takeInSteps = "specimen: Take in two steps"
	swapInSteps = "specimen: CompareAndSwap in two steps"
)

// takesInTwoSteps is what GETDEL was before there was GETDEL.
type takesInTwoSteps struct{ whole }

func (s takesInTwoSteps) Take(ctx context.Context, key string) ([]byte, error) {
	value, err := s.next.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return value, s.next.Delete(ctx, key)
}

// swapsInTwoSteps compares, and then sets.
type swapsInTwoSteps struct{ whole }

func (s swapsInTwoSteps) CompareAndSwap(ctx context.Context, key string, old storage.Version, value []byte, ttl time.Duration) (storage.Version, error) {
	e, _ := storage.GetEntry(ctx, s.next, key)
	if e.Version != old {
		return "", storage.ErrConflict
	}
	if err := s.next.Set(ctx, key, value, ttl); err != nil {
		return "", err
	}
	e, err := storage.GetEntry(ctx, s.next, key)
	return e.Version, err
}

// outcome is what a team came to, and what is wrong with it.
type outcome struct {
	task      task
	processes int
	sum       result
	wrong     []string
}

func (o outcome) String() string {
	return fmt.Sprintf("%d processes of %d workers: %d updates, %d swaps and %d conflicts, %d of %d tokens taken, %d of %d keys created",
		o.processes, o.task.Workers, o.sum.Updates, o.sum.Swaps, o.sum.Conflict,
		len(o.sum.Taken), o.task.Tokens, len(o.sum.Claimed), o.task.Claims)
}

// playTeam runs a team of processes, one for each of stacks, on a server of its
// own.
func playTeam(t *testing.T, todo task, stacks ...string) outcome {
	t.Helper()
	server := redistest.Start(t)
	todo.Addr = server.Addr()
	client := redis.NewClient(&redis.Options{Addr: todo.Addr, ReadTimeout: time.Minute})
	t.Cleanup(func() { _ = client.Close() })
	s := redisstore.New(client, redisstore.Prefix("team:"))
	for i := range todo.Tokens {
		if err := s.Set(t.Context(), tokenKey(i), []byte("token"), storage.NoExpiry); err != nil {
			t.Fatal(err)
		}
	}
	var team []*process
	for _, stack := range stacks {
		todo.Stack = stack
		team = append(team, startProcess(t, todo))
	}
	for _, p := range team {
		if _, err := io.WriteString(p.in, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	o := outcome{task: todo, processes: len(team)}
	for _, p := range team {
		var one result
		if err := json.Unmarshal([]byte(p.await(t, "result ")), &one); err != nil {
			t.Fatal(err)
		}
		if one.Error != "" {
			o.wrong = append(o.wrong, "a process failed: "+one.Error)
		}
		o.sum.Updates += one.Updates
		o.sum.Swaps += one.Swaps
		o.sum.Conflict += one.Conflict
		o.sum.Taken = append(o.sum.Taken, one.Taken...)
		o.sum.Claimed = append(o.sum.Claimed, one.Claimed...)
	}
	o.judge(t, s)
	return o
}

// judge compares what the processes say with what is in the store.
func (o *outcome) judge(t *testing.T, s store) {
	t.Helper()
	counter := func(key string, want int) {
		value, err := s.Get(t.Context(), key)
		if err != nil || string(value) != fmt.Sprint(want) {
			o.wrong = append(o.wrong, fmt.Sprintf("the counter that was %s is %q (%v), want %d", key, value, err, want))
		}
	}
	if want := o.processes * o.task.Workers * o.task.Updates; want > 0 {
		if o.sum.Updates != want {
			o.wrong = append(o.wrong, fmt.Sprintf("%d updates, want %d", o.sum.Updates, want))
		}
		counter("updated", want)
		counter("swapped", o.sum.Swaps)
	}
	o.once("token", o.sum.Taken, o.task.Tokens)
	o.once("claim", o.sum.Claimed, o.task.Claims)
}

// once checks that each number below n is in got exactly once.
func (o *outcome) once(what string, got []int, n int) {
	count := make([]int, n)
	for _, i := range got {
		count[i]++
	}
	for i, times := range count {
		if times != 1 {
			o.wrong = append(o.wrong, fmt.Sprintf("%s %d: %d times, want once", what, i, times))
			return
		}
	}
}

// Two processes on one server: no update is lost, each token is taken once, and
// each key created once, whatever the caches of either hold.
func TestProcesses(t *testing.T) {
	const adapter, view, negative = "redisstore", "Namespace(Cache(redisstore))", "Namespace(Cache with NegativeTTL(redisstore))"
	for _, team := range [][]string{{adapter, adapter}, {view, view}, {negative, adapter}} {
		t.Run(team[0]+" and "+team[1], func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			o := playTeam(t, task{Updates: 100, Workers: 2, Tokens: 100, Claims: 100}, team...)
			for _, wrong := range o.wrong {
				t.Error(wrong)
			}
			t.Logf("model: %v, in %.1f s", o, time.Since(begin).Seconds())
		})
	}
}

// What the test of processes is for, it finds.
func TestProcessSpecimensAreFound(t *testing.T) {
	for stack, todo := range map[string]task{
		takeInSteps: {Workers: 2, Tokens: 300},
		swapInSteps: {Workers: 2, Updates: 300},
	} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			// Two processes that never meet are possible, and so it tries again.
			for try := range 10 {
				if o := playTeam(t, todo, stack, stack); len(o.wrong) > 0 {
					t.Logf("found at try %d: %s", try+1, o.wrong)
					return
				}
			}
			t.Error("not found")
		})
	}
}

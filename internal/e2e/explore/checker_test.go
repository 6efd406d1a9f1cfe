package explore

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func TestChecker(t *testing.T) {
	write := func(value string, call, ret int64) event {
		return event{kind: writes, key: "k", value: value, call: call, ret: ret}
	}
	read := func(value string, call, ret int64) event {
		return event{kind: reads, key: "k", value: value, call: call, ret: ret}
	}
	for _, test := range []struct {
		name   string
		events []event
		good   bool
	}{
		{"what was written", []event{write("1", 0, 1), read("1", 2, 3)}, true},
		{"stale", []event{write("0", 0, 1), write("1", 2, 3), read("0", 4, 5)}, false},
		{"either, during the write", []event{write("0", 0, 1), write("1", 2, 9), read("0", 4, 5), read("1", 6, 7)}, true},
		{"back again", []event{write("0", 0, 1), write("1", 2, 9), read("1", 4, 5), read("0", 6, 7)}, false},
		{"back again after another's write", []event{write("0", 0, 1), write("1", 2, forever), read("1", 4, 5), read("0", 6, 7)}, false},
		{"stale after another's write", []event{write("0", 0, 1), write("1", 2, forever), read("0", 4, 5)}, true},
		{"absent", []event{write("0", 0, 1), read("", 2, 3)}, false},
		{"two swaps of one version", []event{
			write("0", 0, 1),
			{kind: swaps, key: "k", old: "0", value: "1", call: 2, ret: 9},
			{kind: swaps, key: "k", old: "0", value: "2", call: 2, ret: 9},
		}, false},
		{"a conflict without reason", []event{write("0", 0, 1), {kind: keepsOff, key: "k", old: "0", call: 2, ret: 3}}, false},
		{"taken twice", []event{
			write("0", 0, 1),
			{kind: takes, key: "k", value: "0", call: 2, ret: 9},
			{kind: takes, key: "k", value: "0", call: 2, ret: 9},
		}, false},
		{"there, and nothing was written", []event{{kind: exists, key: "k", call: 2, ret: 3}}, false},
		{"another key", []event{write("0", 0, 1), {kind: reads, key: "l", call: 2, ret: 3}}, true},
	} {
		for range 2 { // the second verdict comes from memory
			if bad := new(checker).check(test.events); (bad == "") != test.good {
				t.Errorf("%s: %q, want good: %v", test.name, bad, test.good)
			}
		}
	}
}

// naive is the cache that everybody writes first.
type naive struct {
	next storage.Store[string]
	mu   sync.Mutex
	held map[string]string
}

func newNaive(next storage.Store[string]) storage.Store[string] {
	return &naive{next: next, held: make(map[string]string)}
}

func (n *naive) Get(ctx context.Context, key string) (string, error) {
	n.mu.Lock()
	value, ok := n.held[key]
	n.mu.Unlock()
	if ok {
		return value, nil
	}
	value, err := n.next.Get(ctx, key)
	if err == nil {
		n.mu.Lock()
		n.held[key] = value
		n.mu.Unlock()
	}
	return value, err
}

func (n *naive) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	err := n.next.Set(ctx, key, value, ttl)
	n.mu.Lock()
	delete(n.held, key)
	n.mu.Unlock()
	return err
}

func (n *naive) Delete(ctx context.Context, key string) error {
	n.mu.Lock()
	delete(n.held, key)
	n.mu.Unlock()
	return n.next.Delete(ctx, key)
}

// deaf leaves nobody early.
type deaf struct{ next storage.Store[string] }

func (d deaf) Get(ctx context.Context, key string) (string, error) {
	return d.next.Get(context.WithoutCancel(ctx), key)
}

func (d deaf) Set(ctx context.Context, key, value string, ttl time.Duration) error {
	if err := d.next.Set(ctx, key, value, ttl); err != nil {
		return d.next.Set(ctx, key, value, ttl)
	}
	return nil
}

func (d deaf) Delete(ctx context.Context, key string) error {
	_ = d.next.Delete(ctx, key)
	return nil
}

// leaky leaves a goroutine behind.
func leaky(next storage.Store[string]) storage.Store[string] {
	never := make(chan struct{})
	go func() { <-never }()
	return next
}

// What is broken is found, and the schedule that found it finds it again.
func TestFindsWhatIsBroken(t *testing.T) {
	hears := func(next storage.Store[string]) storage.Store[string] { return deaf{next} }
	for _, test := range []struct {
		want string
		s    Scenario
	}{
		{"is not linearizable", Scenario{
			Name: "stale-fill", Stack: newNaive, Before: one,
			Clients: [][]Step{do(Get("k")), do(Set("k", "1"))},
		}},
		{"is not linearizable", Scenario{
			Name: "drop-before-write", Stack: newNaive, Before: one,
			Clients: [][]Step{do(Get("k")), do(Delete("k"))},
		}},
		{"its context has ended", Scenario{
			Name: "stays", Stack: hears, Before: one, Clients: [][]Step{do(Get("k").MayCancel())},
		}},
		{"neither was given up", Scenario{
			Name: "stampede", Stack: hears, Before: one, Clients: [][]Step{do(Get("k")), do(Get("k"))},
		}},
		{"was done 2 times", Scenario{
			Name: "retries", Stack: hears, Faults: []Fault{Lost}, MaxFaults: 1, Clients: [][]Step{do(Set("k", "1"))},
		}},
		{"something is left", Scenario{
			Name: "leaks", Stack: leaky, Clients: [][]Step{do(Get("k"))},
		}},
		{"reports success, and was not done", Scenario{
			Name: "swallows", Stack: hears, Faults: []Fault{Refused}, MaxFaults: 1, Clients: [][]Step{do(Delete("k"))},
		}},
	} {
		r := Explore(t, &test.s, 0, 0)
		if !strings.Contains(r.Bad, test.want) {
			t.Errorf("%s: %q, want %q", test.s.Name, r.Bad, test.want)
			continue
		}
		steps := 0
		if again := Replay(t, &test.s, r.Schedule, func(string) { steps++ }); again != r.Bad || steps == 0 {
			t.Errorf("%s: the schedule %s says %q the second time", test.s.Name, r.Schedule, again)
		}
	}
}

// In order, each schedule is taken once, and all are taken.
func TestEverySchedule(t *testing.T) {
	two := Scenario{Name: "two", Stack: shared, Clients: [][]Step{do(Has("a")), do(Has("b"))}}
	two.unshared()
	// Two clients with three steps each, which do not wait for one another.
	if r := Explore(t, &two, 0, 0); r.Bad != "" || r.Schedules != 20 {
		t.Errorf("%d schedules, want 6!/(3!·3!) = 20; %s", r.Schedules, r.Bad)
	}
	if r := Explore(t, &two, 5, 1); r.Schedules != 10 {
		t.Errorf("%d schedules, want 5 in order and 5 at random", r.Schedules)
	}
}

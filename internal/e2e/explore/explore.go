package explore

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// A Scenario is a small program whose steps are taken in every order.
type Scenario struct {
	Name string

	// Stack puts what is tested over the backend.
	Stack stackFunc

	// Before has the values that are in the backend, and Expires when one of
	// them ends. Those of Held have been read through the stack once.
	Before  map[string]string
	Expires map[string]time.Duration
	Held    []string

	// Source has what GetOrLoad makes values from, if nothing is in the
	// backend before.
	Source map[string]string

	// Clients are the programs. What they read at the end of each run is read
	// once more, through every view; Last is how, by default with Get.
	Clients [][]Step
	Last    func(key string) Step

	// Advances are times that pass, in this order, each at some moment.
	Advances []time.Duration

	// Faults are the ways in which up to MaxFaults calls fail.
	// None befalls a call whose name begins with Spared, if that is not empty.
	Faults    []Fault
	MaxFaults int
	Spared    string
}

// A Report says what came of exploring a scenario.
type Report struct {
	Schedules int    // taken
	Bad       string // what is wrong with the last of them, or ""
	Schedule  string // the bad one, for [Replay]
}

// Explore takes every schedule of s, or, if sample is not 0 and there are more
// than sample, the first sample of them and as many at random. It stops at the
// first bad one.
func Explore(t *testing.T, s *Scenario, sample int, seed uint64) Report {
	t.Helper()
	check := new(checker)
	var path trail
	random := rand.New(rand.NewPCG(seed, 0))
	for n := 1; ; n++ {
		inOrder := sample == 0 || n <= sample
		var taken []int
		bad := s.run(t, check, nil, func(options []option) (i int) {
			if inOrder {
				i = path.pick(len(taken), len(options))
			} else {
				i = random.IntN(len(options))
			}
			taken = append(taken, i)
			return i
		})
		if bad != "" {
			return Report{n, bad, format(s.Name, taken)}
		}
		if inOrder && !path.turn() || n == 2*sample {
			return Report{Schedules: n}
		}
	}
}

// trail is a walk through the tree of choices, depth first.
type trail []choice

type choice struct{ taken, of int }

// pick is what the walk takes now. Goroutines that race within a step may end
// it in two ways, so that other steps are possible than the last time: then the
// walk goes on from what it sees.
func (p *trail) pick(depth, options int) int {
	if depth == len(*p) {
		*p = append(*p, choice{0, options})
	}
	c := &(*p)[depth]
	if c.of != options {
		*p = (*p)[:depth+1]
		*c = choice{min(c.taken, options-1), options}
	}
	return c.taken
}

// turn goes to the next leaf and reports whether there is one.
func (p *trail) turn() bool {
	for len(*p) > 0 {
		last := &(*p)[len(*p)-1]
		if last.taken++; last.taken < last.of {
			return true
		}
		*p = (*p)[:len(*p)-1]
	}
	return false
}

// Replay takes one schedule, as a [Report] names it, and logs its steps. It
// returns what is wrong, or "".
func Replay(t *testing.T, s *Scenario, schedule string, log func(string)) string {
	t.Helper()
	_, text, _ := strings.Cut(schedule, ";")
	var taken []string
	if text != "" {
		taken = strings.Split(text, ".")
	}
	depth := 0
	return s.run(t, new(checker), log, func(options []option) int {
		i := 0
		if depth < len(taken) {
			var err error
			if i, err = strconv.Atoi(taken[depth]); err != nil || i >= len(options) {
				t.Fatalf("the schedule has %q at a place with %d steps", taken[depth], len(options))
			}
		}
		depth++
		return i
	})
}

func format(name string, taken []int) string {
	text := make([]string, len(taken))
	for i, n := range taken {
		text[i] = strconv.Itoa(n)
	}
	return name + ";" + strings.Join(text, ".")
}

// run takes one schedule in a bubble of its own.
func (s *Scenario) run(t *testing.T, check *checker, log func(string), choose func([]option) int) (bad string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			bad = strings.TrimSpace(fmt.Sprintf("%s\nsomething is left when the run is over: %v", bad, r))
		}
	}()
	synctest.Test(t, func(*testing.T) { bad = s.bubble(check, log, choose) })
	return bad
}

func (s *Scenario) bubble(check *checker, log func(string), choose func([]option) int) string {
	w := &world{
		scenario: s,
		choose:   choose,
		auto:     true,
		items:    make(map[string]item),
		source:   make(map[string]string),
		running:  make([]*operation, len(s.Clients)),
		next:     make([]int, len(s.Clients)),
		log:      log,
	}
	for key, value := range s.Before {
		w.put(key, value, s.Expires[key], nil)
		w.source[key] = value
		w.extra = append(w.extra, event{kind: writes, key: key, value: value, call: -2, ret: -1})
	}
	for key, value := range s.Source {
		w.source[key] = value
		w.extra = append(w.extra, event{kind: writes, key: key, value: value, call: -2, ret: -1})
	}
	w.stack = s.Stack(&backend{w: w})
	w.views = map[string]storage.Store[string]{"": w.stack}
	for _, step := range s.steps() {
		if w.views[step.view] == nil {
			w.views[step.view] = storage.In(w.stack, storage.Scope{Prefix: step.view + ":", Name: step.view})
		}
	}
	for _, key := range s.Held {
		w.finish(Get(key))
	}
	w.ops, w.step, w.auto = nil, 0, false
	bad := w.run()
	if bad != "" {
		w.abandon()
		return bad
	}
	w.auto = true
	for _, step := range s.last() {
		w.finish(step)
	}
	calls := w.calls
	if err := storage.Close(w.stack); err != nil {
		return fmt.Sprintf("Close: %v", err)
	}
	synctest.Wait()
	if n := w.calls - calls; n > 0 {
		return fmt.Sprintf("%d calls reach the backend in Close or after it", n)
	}
	return w.verdict(check)
}

// finish performs a step of which every call is answered at once.
func (w *world) finish(step Step) {
	o := w.operation(len(w.scenario.Clients), step)
	w.perform(o.ctx, o)
	w.step++
}

// steps are those of all clients.
func (s *Scenario) steps() (all []Step) {
	for _, program := range s.Clients {
		all = append(all, program...)
	}
	return all
}

// last are the reads at the end of a run: of each key, as it is spelt through
// each view.
func (s *Scenario) last() (all []Step) {
	read := s.Last
	if read == nil {
		read = Get
	}
	seen := make(map[string]bool)
	for _, step := range s.steps() {
		for _, key := range step.keys {
			if seen[step.view+"\x00"+key] {
				continue
			}
			seen[step.view+"\x00"+key] = true
			if step.view == "" {
				all = append(all, read(key))
			} else {
				all = append(all, read(key).In(step.view))
			}
		}
	}
	return all
}

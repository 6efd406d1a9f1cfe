package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// world is one run of a scenario.
type world struct {
	scenario *Scenario
	choose   func(options []option) int
	stack    storage.Store[string]
	views    map[string]storage.Store[string]

	mu      sync.Mutex
	step    int64
	auto    bool // calls take effect and return at once
	items   map[string]item
	source  map[string]string
	arrived []*call
	calls   int // that have arrived, ever
	ops     []*operation
	extra   []event // of other processes and of time
	expired []expiry

	pending  []*call
	running  []*operation // by client, nil between its steps
	next     []int        // by client
	faults   int          // that have been injected
	advanced int          // how many of the scenario's advances are over
	log      func(string) // nil: nobody listens
}

// expiry is the end of a value by its ttl. It may be seen late by who has not
// been told the ttl yet.
type expiry struct {
	event
	by *operation
}

// option is a step that is possible now.
type option struct {
	label string
	take  func()
}

type worldKey struct{}

// arrive takes a call from the stack. It reports whether it has been done.
func (w *world) arrive(c *call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if c.write && c.op != nil {
		c.op.calls = append(c.op.calls, c)
	}
	if w.auto {
		w.apply(c)
		return true
	}
	w.arrived = append(w.arrived, c)
	return false
}

func (w *world) apply(c *call) {
	c.effect()
	c.applied, c.at = true, int(w.step)
}

func (w *world) look(key string) (string, bool) {
	it, ok := w.items[key]
	return it.value, ok
}

func (w *world) entry(key string) (storage.Entry[string], bool) {
	it, ok := w.items[key]
	if !ok {
		return storage.Entry[string]{}, false
	}
	return storage.Entry[string]{Value: it.value, Version: version(it.value), Expires: it.expires}, true
}

func (w *world) put(key, value string, ttl time.Duration, by *operation) {
	it := item{value: value, by: by}
	if ttl > 0 {
		it.expires = time.Now().Add(ttl)
	}
	w.items[key] = it
}

// run takes steps until none is possible, and returns what is wrong, or "".
func (w *world) run() string {
	for {
		synctest.Wait()
		w.collect()
		if bad := w.inspect(); bad != "" {
			return bad
		}
		options := w.options()
		if len(options) == 0 {
			break
		}
		i := w.choose(options)
		w.tell(options[i].label)
		options[i].take()
		synctest.Wait() // what ends by this step ends in it
		w.mu.Lock()
		w.step++
		w.mu.Unlock()
	}
	for _, o := range w.running {
		if o != nil {
			return fmt.Sprintf("%s hangs, and no call is under way", o.title())
		}
	}
	return ""
}

func (w *world) tell(what string) {
	if w.log != nil {
		w.log(fmt.Sprintf("%3d  %s", w.step, what))
	}
}

func (o *operation) title() string { return fmt.Sprintf("%c: %s", 'A'+o.client, o.name) }

// collect brings what has happened since the last step into an order that does
// not depend on which goroutine was faster.
func (w *world) collect() {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(w.arrived, func(a, b *call) int { return cmp.Compare(a.name, b.name) })
	w.pending = append(w.pending, w.arrived...)
	w.arrived = nil
	for i, o := range w.running {
		if o != nil && !o.running() {
			w.running[i] = nil
			if w.log != nil {
				w.log(fmt.Sprintf("       → %s: %s", o.title(), o.outcome()))
			}
		}
	}
}

func (o *operation) outcome() string {
	switch {
	case o.panics != nil:
		return "a panic"
	case o.err != nil:
		return o.err.Error()
	case len(o.events) == 0:
		return "done"
	}
	var text strings.Builder
	for _, e := range o.events {
		text.WriteString(map[kind]string{reads: "got " + state(e.value), takes: "took " + state(e.value), exists: "there", keepsOff: "conflict"}[e.kind] + " ")
	}
	return text.String()
}

// options lists the steps that are possible, always in the same order.
func (w *world) options() []option {
	var all []option
	add := func(label string, take func()) { all = append(all, option{label, take}) }
	for client, program := range w.scenario.Clients {
		o := w.running[client]
		switch {
		case o == nil && w.next[client] < len(program):
			step := program[w.next[client]]
			add(fmt.Sprintf("%c: %s", 'A'+client, step.name), func() { w.begin(client, step) })
		case o == nil:
		default:
			if o.resume != nil {
				add(o.title()+" goes on", func() { close(o.resume); o.resume = nil })
			}
			if o.cancels && o.ctx.Err() == nil {
				add(o.title()+" is cancelled", o.cancel)
			}
		}
	}
	for _, c := range w.pending {
		w.offer(c, add)
	}
	if w.advanced < len(w.scenario.Advances) {
		d := w.scenario.Advances[w.advanced]
		add(fmt.Sprintf("%v pass", d), func() { w.advance(d) })
	}
	return all
}

// offer adds what may happen to a call.
func (w *world) offer(c *call, add func(string, func())) {
	effect := func(end func()) func() {
		return func() {
			w.mu.Lock()
			w.apply(c)
			w.mu.Unlock()
			if end != nil {
				end()
			}
		}
	}
	reply := func(err error) func() {
		return func() {
			w.drop(c)
			c.reply <- err
		}
	}
	if c.late {
		add(c.name+" takes effect late", effect(func() { w.drop(c) }))
		return
	}
	if c.applied {
		add(c.name+" returns", reply(nil))
	} else {
		add(c.name+" takes effect", effect(nil))
		if err := c.ctx.Err(); err != nil {
			add(c.name+" gives up", reply(fmt.Errorf("explore: gave up: %w", err)))
		}
	}
	if w.faults == w.scenario.MaxFaults || w.scenario.Spared != "" && strings.HasPrefix(c.name, w.scenario.Spared) {
		return
	}
	for _, fault := range w.scenario.Faults {
		if label, err := fault.strike(c); err != nil {
			add(c.name+" "+label, func() {
				w.faults++
				w.strike(c)
				if fault == Late {
					c.late = true
					c.reply <- err
					return
				}
				reply(err)()
			})
		}
	}
}

func (w *world) drop(c *call) {
	w.pending = slices.DeleteFunc(w.pending, func(p *call) bool { return p == c })
}

// A Fault is a way in which a call fails.
type Fault uint8

const (
	Refused  Fault = iota // before it took effect, and it says so
	Lost                  // a write whose reply was lost, after or before it took effect
	Late                  // a write that takes effect after its client was told that the outcome is unknown
	Panicked              // before or after it took effect
)

var (
	errRefused = fmt.Errorf("explore: refused: %w", storage.ErrUnavailable)
	errLost    = fmt.Errorf("explore: reply lost: %w", storage.ErrUnknownOutcome)
)

// strike returns how c fails now, and nil if it does not in this way.
func (f Fault) strike(c *call) (string, error) {
	switch {
	case f == Refused && !c.applied:
		return "is refused", errRefused
	case f == Lost && c.write:
		return "loses its reply", errLost
	case f == Late && c.write && !c.applied:
		return "is late", errLost
	case f == Panicked:
		return "panics", errPanic
	}
	return "", nil
}

// strike notes who may hear of a fault of c: the operation that it is part of,
// and those that wait for the same load.
func (w *world) strike(c *call) {
	for _, o := range w.running {
		if o != nil && (o == c.op || !c.write && c.op != nil && c.op.loads && o.loads && o.wants(c.keys)) {
			o.struck = true
		}
	}
}

// begin starts a step of a client.
func (w *world) begin(client int, step Step) {
	o := w.operation(client, step)
	w.running[client] = o
	w.next[client]++
	ctx := context.Context(o.ctx)
	if step.pauses {
		o.resume = make(chan struct{})
		ctx = &pausing{Context: ctx, until: o.resume}
	}
	go w.perform(ctx, o)
}

func (w *world) operation(client int, step Step) *operation {
	o := &operation{Step: step, client: client, call: 2 * w.step}
	ctx := context.WithValue(context.WithValue(context.Background(), worldKey{}, w), operationKey{}, o)
	o.ctx, o.cancel = context.WithCancel(ctx)
	if client%2 == 1 && !step.cancels {
		o.cancel()
		o.ctx, o.cancel = ctx, func() {} // it performs itself what it does not share
	}
	w.ops = append(w.ops, o)
	return o
}

func (w *world) perform(ctx context.Context, o *operation) {
	defer func() {
		o.panics = recover()
		w.mu.Lock()
		defer w.mu.Unlock()
		o.ret = 2*w.step + 1
	}()
	o.err = o.run(ctx, w.views[o.view], o)
}

// pausing is a context whose first Err waits.
type pausing struct {
	context.Context
	once  sync.Once
	until chan struct{}
}

func (p *pausing) Err() error {
	p.once.Do(func() { <-p.until })
	return p.Context.Err()
}

// advance lets time pass.
func (w *world) advance(d time.Duration) {
	w.advanced++
	time.Sleep(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for key, it := range w.items {
		if !it.expires.IsZero() && !now.Before(it.expires) {
			delete(w.items, key)
			w.expired = append(w.expired, expiry{event{kind: writes, key: key, call: 2 * w.step, ret: 2*w.step + 1}, it.by})
		}
	}
}

// abandon ends a run that went wrong, so that its goroutines end.
func (w *world) abandon() {
	w.mu.Lock()
	w.auto = true
	w.mu.Unlock()
	for _, o := range w.running {
		if o != nil {
			if o.resume != nil {
				close(o.resume)
			}
			o.cancel()
		}
	}
	for range 10 {
		synctest.Wait()
		w.collect()
		for _, c := range slices.Clone(w.pending) {
			w.drop(c)
			c.reply <- errors.New("explore: the run was abandoned")
		}
	}
	go func() { _ = storage.Close(w.stack) }()
	synctest.Wait()
}

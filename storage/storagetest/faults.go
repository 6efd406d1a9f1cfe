package storagetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// Faults is a [storage.Interceptor] that fails, delays and hangs on command,
// and counts. The zero value lets everything pass. It is safe for concurrent
// use, and one Faults may stand in front of several stores.
//
// A command names the operations that it is for; without any it is for all.
// It holds for calls that begin later, until Heal.
type Faults struct {
	mu      sync.Mutex
	plans   map[storage.Op]plan
	healed  chan struct{} // closed by Heal; made by Hang
	calls   map[storage.Op]int
	hanging int
}

// plan is what happens to an operation.
type plan struct {
	delay time.Duration
	hang  bool
	fail  error
	times int // how often to fail; 0 for ever
	lose  bool
}

// Faulty returns next behind new [Faults].
func Faulty[V any](next storage.Store[V]) (storage.Store[V], *Faults) {
	faults := new(Faults)
	return storage.Intercept(next, faults), faults
}

// Fail makes ops fail with err and not reach the backend.
func (f *Faults) Fail(err error, ops ...storage.Op) {
	f.set(ops, func(p *plan) { p.fail, p.times = err, 0 })
}

// FailNext is [Faults.Fail] for the next n calls of each of ops.
func (f *Faults) FailNext(n int, err error, ops ...storage.Op) {
	if n <= 0 {
		panic("storagetest: FailNext of no call")
	}
	f.set(ops, func(p *plan) { p.fail, p.times = err, n })
}

// LoseReply makes ops happen and their replies get lost: a write ends with an
// error that matches [storage.ErrUnknownOutcome], a read with one that
// matches [storage.ErrUnavailable].
func (f *Faults) LoseReply(ops ...storage.Op) {
	f.set(ops, func(p *plan) { p.lose = true })
}

// Delay makes ops wait for d before they reach the backend. If the caller's
// context ends meanwhile they do not reach it.
func (f *Faults) Delay(d time.Duration, ops ...storage.Op) {
	f.set(ops, func(p *plan) { p.delay = d })
}

// Hang makes ops wait until Heal, and go on then. If the caller's context ends
// meanwhile they do not reach the backend, which the caller cannot know: the
// error matches ctx.Err() and, for a write, [storage.ErrUnknownOutcome].
func (f *Faults) Hang(ops ...storage.Op) {
	f.set(ops, func(p *plan) { p.hang = true })
}

// Heal takes back every command and lets go what hangs.
func (f *Faults) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans = nil
	if f.healed != nil {
		close(f.healed)
		f.healed = nil
	}
}

// Calls returns how many calls of op have reached the backend.
func (f *Faults) Calls(op storage.Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[op]
}

// Hanging returns how many calls hang now.
func (f *Faults) Hanging() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hanging
}

// Outage returns the outage for [TestOutage] of a store that has f below.
func (f *Faults) Outage() Outage {
	return Outage{
		Cut:     func() { f.Fail(fmt.Errorf("storagetest: cut: %w", storage.ErrUnavailable)) },
		Hang:    func() { f.Hang() },
		Heal:    f.Heal,
		Hanging: f.Hanging,
	}
}

// Intercept obeys the commands.
func (f *Faults) Intercept(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
	op := call.Op
	p, healed := f.begin(op)
	if p.delay > 0 {
		timer := time.NewTimer(p.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return fmt.Errorf("storagetest: delayed: %w", ctx.Err())
		}
	}
	if p.hang {
		err := f.wait(ctx, healed)
		switch {
		case err != nil && op.ReadOnly():
			return fmt.Errorf("storagetest: hung: %w", err)
		case err != nil:
			return fmt.Errorf("storagetest: hung: %w: %w", storage.ErrUnknownOutcome, err)
		}
	}
	if p.fail != nil {
		return p.fail
	}
	f.mu.Lock()
	if f.calls == nil {
		f.calls = make(map[storage.Op]int)
	}
	f.calls[op]++
	f.mu.Unlock()
	if err := next(ctx); err != nil || !p.lose {
		return err
	}
	if op.ReadOnly() {
		return fmt.Errorf("storagetest: reply lost: %w", storage.ErrUnavailable)
	}
	return fmt.Errorf("storagetest: reply lost: %w", storage.ErrUnknownOutcome)
}

// begin returns the plan for a call of op and what it waits for if it hangs.
func (f *Faults) begin(op storage.Op) (plan, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.plans[op]
	if p.times > 0 {
		after := p
		if after.times--; after.times == 0 {
			after.fail = nil
		}
		f.plans[op] = after
	}
	return p, f.healed
}

// wait waits until Heal or until ctx ends.
func (f *Faults) wait(ctx context.Context, healed <-chan struct{}) error {
	f.count(1)
	defer f.count(-1)
	select {
	case <-healed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *Faults) count(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hanging += n
}

// set changes the plans of ops, or of all operations.
func (f *Faults) set(ops []storage.Op, change func(*plan)) {
	if len(ops) == 0 {
		ops = append([]storage.Op{storage.OpGet, storage.OpSet, storage.OpDelete}, AllOps...)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.plans == nil {
		f.plans = make(map[storage.Op]plan)
	}
	for _, op := range ops {
		p := f.plans[op]
		change(&p)
		f.plans[op] = p
		if p.hang && f.healed == nil {
			f.healed = make(chan struct{})
		}
	}
}

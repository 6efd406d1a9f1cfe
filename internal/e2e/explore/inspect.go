package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// most is how many loads of a key may run: one, and two that were given up.
const most = 3

// inspect returns what is wrong with the state between two steps, or "".
func (w *world) inspect() string {
	for _, o := range w.running {
		if o != nil && o.loads && o.ctx.Err() != nil && o.resume == nil {
			return o.title() + " is still there, and its context has ended"
		}
	}
	// A source is no load of the store: they are counted apart.
	live, all := make(map[string]int), make(map[string]int)
	for _, c := range w.pending {
		if c.write || c.op == nil || !c.op.loads {
			continue
		}
		from := ""
		if strings.HasPrefix(c.name, sourceName) {
			from = sourceName
		}
		for _, key := range c.keys {
			if all[from+key]++; all[from+key] > most {
				return fmt.Sprintf("%d loads of a key run at once", all[from+key])
			}
		}
		if c.ctx.Err() != nil {
			continue
		}
		if !slices.ContainsFunc(w.running, func(o *operation) bool { return o != nil && o.loads && o.wants(c.keys) }) {
			return c.name + " goes on, and nobody waits for it"
		}
		// Of a batch that runs on for one key another may have been given up.
		if len(c.keys) > 1 && (w.advanced > 0 || !c.op.running()) {
			continue
		}
		// So may one whose context cannot tell.
		if c.ctx.Done() == nil && w.advanced > 0 {
			continue
		}
		for _, key := range c.keys {
			if live[from+key]++; live[from+key] > 1 {
				return "two loads of a key overlap, and neither was given up: " + c.name
			}
		}
	}
	return ""
}

func (o *operation) wants(wire []string) bool {
	return slices.ContainsFunc(o.keys, func(key string) bool { return slices.Contains(wire, o.wire(key)) })
}

// verdict returns what is wrong with a run that is over, or "".
func (w *world) verdict(check *checker) string {
	events := slices.Clone(w.extra)
	for _, e := range w.expired {
		if e.by != nil {
			e.ret = max(e.ret, e.by.ret)
		}
		events = append(events, e.event)
	}
	for _, o := range w.ops {
		if bad := w.judge(o); bad != "" {
			return bad
		}
		events = append(events, o.history()...)
	}
	return check.check(events)
}

// judge returns what is wrong with how o ended, or "".
func (w *world) judge(o *operation) string {
	cancelled := errors.Is(o.err, context.Canceled) && o.ctx.Err() != nil
	switch {
	case o.panics != nil && !errors.Is(asError(o.panics), errPanic):
		return fmt.Sprintf("%s panicked: %v", o.title(), o.panics)
	case o.err != nil && errors.Is(o.err, context.Canceled) && o.ctx.Err() == nil:
		return fmt.Sprintf("%s got another's cancellation: %v", o.title(), o.err)
	case (o.err != nil || o.panics != nil) && !cancelled && !o.struck:
		return fmt.Sprintf("%s failed, and nothing that it did had gone wrong: %v %v", o.title(), o.err, o.panics)
	case o.loads || len(o.calls) == 0 && o.err == nil && o.wrote == nil:
		return ""
	}
	applied := 0
	for _, c := range o.calls {
		if c.applied {
			applied++
		}
	}
	known := o.panics == nil && !errors.Is(o.err, storage.ErrUnknownOutcome)
	switch {
	case applied > 1:
		return fmt.Sprintf("%s was done %d times", o.title(), applied)
	case known && o.err == nil && applied == 0:
		return o.title() + " reports success, and was not done"
	case known && o.err != nil && applied == 1:
		return fmt.Sprintf("%s reports that it was not done, and it was: %v", o.title(), o.err)
	}
	return ""
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

// history returns what o says of its keys. A write whose outcome is unknown to
// its client is known here: it took effect, until some step, or did not.
func (o *operation) history() []event {
	call, ret := o.call, o.ret
	events := o.events
	for _, c := range o.calls {
		if c.applied {
			ret = max(ret, int64(2*c.at+1))
			if !o.conflicted {
				events = append(slices.Clone(events), o.wrote...)
			}
		}
	}
	events = slices.Clone(events)
	for i := range events {
		if events[i].ret != forever {
			events[i].call, events[i].ret = call, ret
		}
	}
	return events
}

package main

import (
	"fmt"
	"slices"
	"strings"
)

// ablation is one guard and how the code looks without it.
type ablation struct {
	name, why string
	file      string
	old, new  string // old stands once in the file
}

func (a *ablation) apply(source string) (string, error) {
	if n := strings.Count(source, a.old); n != 1 {
		return "", fmt.Errorf("the code of the guard stands %d times in %s, want once: %s", n, a.file, a.old)
	}
	return strings.Replace(source, a.old, a.new, 1), nil
}

const (
	cacheDir  = "decorators/cache/"
	flightDir = "internal/flight/"
	single    = "decorators/singleflight/store.go"
)

var ablations = slices.Concat(cacheAblations, interceptorAblations, redisAblations)

var cacheAblations = []ablation{
	// What goes when a bound is reached, and how entries are found.
	{
		"policy/ghosts", "what was asked for again soon is as new",
		cacheDir + "s3fifo.go", `if q.ghosts.take(e.hash) {`, `if false {`,
	},
	{
		"policy/small", "what is asked for once goes no sooner",
		cacheDir + "s3fifo.go", `q.small.bytes*smallPart > q.small.bytes+q.main.bytes`, `false`,
	},
	{
		"policy/put-back", "what was used goes nevertheless",
		cacheDir + "s3fifo.go", `if n := uses.Load(); n > 0 && left > 0 {`, `if n := uses.Load(); n > 0 && from == &q.small && left > 0 {`,
	},
	{
		"policy/bounded", "entries that are used all the time are put back for ever",
		cacheDir + "s3fifo.go", ` && left > 0 {`, ` {`,
	},
	{
		"policy/hit", "a hit counts for nothing",
		cacheDir + "view.go", "\t\te.mark()\n", "",
	},
	{
		"policy/own", "a hit counts for nothing within a share",
		cacheDir + "entry.go", "\tif e.own != nil {\n\t\te.own.use()\n\t}\n", "",
	},
	{
		"entry/short", "short keys of one prefix and one length are the same",
		cacheDir + "entry.go", " && string(e.short[n:e.n]) == key", "",
	},
	{
		"entry/long", "long keys of one prefix and one length are the same",
		cacheDir + "entry.go", " && e.long[n:] == key", "",
	},
	{
		"entry/under", "no short key is under a prefix",
		cacheDir + "entry.go", "return n <= int(e.n) && string(e.short[:n]) == prefix", "return n < 0",
	},
	{
		"table/past", "a search ends where an entry was removed",
		cacheDir + "table.go", "slots[i].entry.Store(nil)", "slots[i].entry.Store(nil)\n\tslots[i].hash.Store(0)",
	},
	// The fence.
	{
		"fence/stamp", "a load that was overtaken by a write is kept",
		cacheDir + "cache.go", `if err != nil || l.Detached() {`, `if err != nil {`,
	},
	{
		"fence/detach", "a Get that begins after a write joins a load from before it",
		flightDir + "slot.go", `s.cur.closed, s.cur.detached = true, true`, `s.cur.detached = true`,
	},
	{
		"fence/epoch", "DeletePrefix and Purge leave loads in progress as they are",
		cacheDir + "cache.go", "\t\tsh.loads.DetachPrefix(prefix)\n", "",
	},
	{
		"fence/sweep", "DeletePrefix and Purge leave entries",
		cacheDir + "cache.go", "\t\tsh.dropPrefix(prefix)\n", "",
	},
	{
		"fence/serial-loads", "a load begins while an overtaken one of its key runs",
		flightDir + "table.go", "\tcase s.cur == nil:\n\t\tl = s.newLoad", "\tcase s.cur == nil || s.cur.closed:\n\t\tl = s.newLoad",
	},
	{
		"fence/pin", "a GetOrLoad finds what an overtaken one has stored and is about to remove",
		flightDir + "slot.go", ` && !s.cur.pinned`, ``,
	},
	{
		"fence/given-up", "a GetOrLoad that was given up stores its value",
		cacheDir + "getorload.go", `return !l.Detached() && l.Pin()`, `l.Pin(); return !l.Detached()`,
	},
	{
		"fence/drop-on-error", "a write that failed does not drop the key",
		cacheDir + "write.go", "\tdefer func() { after(maybe) }()\n\terr := write()\n",
		"\terr := write()\n\tdefer func() {\n\t\tif err == nil {\n\t\t\tafter(maybe)\n\t\t}\n\t}()\n",
	},
	{
		"fence/drop-on-panic", "a write that panicked does not drop the key",
		cacheDir + "write.go", "\tdefer func() { after(maybe) }()\n\terr := write()\n\tmaybe = errors.Is(err, storage.ErrUnknownOutcome)\n",
		"\terr := write()\n\tmaybe = errors.Is(err, storage.ErrUnknownOutcome)\n\tafter(maybe)\n",
	},
	{
		"fence/drop-before", "a write drops the key before it is sent, and not after",
		cacheDir + "write.go", "\tdefer func() { after(maybe) }()\n\terr := write()\n",
		"\tafter(maybe)\n\terr := write()\n",
	},
	{
		"fence/drop", "a write leaves the entry",
		cacheDir + "view.go", "\t\tsh.drop(h, wire)\n\t\tsh.loads.Detach(wire)\n\t\tif maybe {", "\t\t_ = h\n\t\tsh.loads.Detach(wire)\n\t\tif maybe {",
	},
	{
		"fence/no-put", "a Set puts what it wrote into the cache",
		cacheDir + "write.go", `return v.write(func() error { return v.next.Set(ctx, key, value, ttl) }, key)`,
		`err := v.write(func() error { return v.next.Set(ctx, key, value, ttl) }, key)
	if err == nil {
		sh, wire, h := v.lock(key)
		e := &entry[V]{hash: h, value: value, tally: v.tally(h)}
		e.expires.Store(never)
		sh.add(wire, e, 0)
		sh.Unlock()
	}
	return err`,
	},
	{
		"fence/wire-key", "an entry is known by its view and key",
		cacheDir + "view.go", `prefix:  v.prefix + scope.Prefix,`, `prefix:  v.prefix + "view/" + scope.Prefix,`,
	},
	{
		"fence/hold", "what may yet be overwritten is kept",
		cacheDir + "cache.go", `expires <= now || sh.holds.held(l.Key, now)`, `expires <= now`,
	},
	{
		"fence/hold-ends", "holds that are over are kept",
		cacheDir + "hold.go", "func (h *holds) expire(now int64) {\n", "func (h *holds) expire(now int64) {\n\tif now >= 0 {\n\t\treturn\n\t}\n",
	},
	{
		"fence/hold-prefix", "what DeletePrefix may yet delete is kept",
		cacheDir + "cache.go", "\t\t\tsh.holds.addPrefix(prefix, c.now())\n", "",
	},
	{
		"fence/get-entry-seen", "GetEntry saw a newer value, and an older one is held",
		cacheDir + "view.go", "\tdefer v.forget(false, key)\n\treturn storage.GetEntry(", "\treturn storage.GetEntry(",
	},
	{
		"fence/get-entries-seen", "GetEntries saw a newer value, and an older one is held",
		cacheDir + "view.go", "\tdefer v.forget(false, keys...)\n", "",
	},
	{
		"fence/has-seen", "Has saw a value, and a load under way tells its absence",
		cacheDir + "view.go", "\tdefer v.forget(false, key)\n\treturn storage.Has(", "\treturn storage.Has(",
	},
	{
		"fence/keys-seen", "Keys saw a key, and its absence is held",
		cacheDir + "view.go", "\t\t\t\tv.seen(key)\n", "",
	},
	// Deadlines.
	{
		"deadline/ttl", "an entry outlives its value in the backend",
		cacheDir + "cache.go", `return min(after(r.begun, c.ttl), int64(r.expires.Sub(c.base)))`, `return after(r.begun, c.ttl)`,
	},
	{
		"deadline/touch", "an entry outlives the ttl of a Touch",
		cacheDir + "write.go", "e.expires.Store(min(e.expires.Load(), after(sent, ttl)))", "",
	},
	{
		"deadline/touch-load", "a load that knows the ttl from before a Touch is kept",
		cacheDir + "write.go", "\tsh, wire, h := v.lock(key)\n\tdefer sh.Unlock()\n\tsh.loads.Detach(wire)\n\te := sh.entries.find(h, v.prefix, key)\n\tswitch", "\tsh, _, h := v.lock(key)\n\tdefer sh.Unlock()\n\te := sh.entries.find(h, v.prefix, key)\n\tswitch",
	},
	{
		"deadline/touch-absent", "an absence is held although a Touch has found a value",
		cacheDir + "write.go", "\tcase e.absent:\n\t\tsh.remove(e)\n", "",
	},
	{
		"deadline/over-before", "a shared load tells a value that was over when the caller began",
		cacheDir + "load.go", `v.core.overBefore(r, now)`, `now < 0`,
	},
	{
		"deadline/over-before-batch", "the same for a batch",
		cacheDir + "load.go", `v.core.overBefore(r, w.since)`, `false`,
	},
	{
		"deadline/begun", "the age of an entry is counted from the end of its load",
		cacheDir + "cache.go", "\tif r.absent {\n\t\tif c.negative == 0 {", "\tr.begun = c.now()\n\tif r.absent {\n\t\tif c.negative == 0 {",
	},
	// Callers.
	{
		"callers/leader", "the leader's cancellation cancels the load of all",
		flightDir + "table.go", `context.WithCancel(context.WithoutCancel(l.ctx))`, `context.WithCancel(l.ctx)`,
	},
	{
		"callers/leave", "who is cancelled does not leave",
		flightDir + "table.go", "case <-ctx.Done():\n\t\t\tt.Lock.Lock()", "case <-context.Background().Done():\n\t\t\tt.Lock.Lock()",
	},
	{
		"callers/last", "a load goes on when the last of its callers has left",
		flightDir + "table.go", "\tl.closed = true\n\tl.stop()\n\tt.advance", "\tl.closed = true\n\tt.advance",
	},
	{
		"callers/closed", "a load that was cancelled for want of callers can be joined",
		flightDir + "table.go", "\tl.closed = true\n\tl.stop()\n\tt.advance", "\tl.stop()\n\tt.advance",
	},
	{
		"callers/batch", "a batch is cancelled when one of its keys is not wanted any more",
		flightDir + "batch.go", `wanted.Store(int64(len(loads)))`, `wanted.Store(1)`,
	},
	{
		"callers/panic", "a panic in a load reaches nobody",
		cacheDir + "load.go", "\tflight.Rethrow(err)\n\tif err != nil {\n\t\treturn value, err\n\t}\n", "\tif _, ok := err.(*flight.PanicError); ok {\n\t\treturn value, storage.ErrNotFound\n\t}\n\tif err != nil {\n\t\treturn value, err\n\t}\n",
	},
	// Zombies.
	{
		"zombies/move", "who waits for a load that is given up is not counted at the next one",
		flightDir + "slot.go", "\ts.next.waiters += l.waiters\n", "",
	},
	{
		"zombies/cancel", "a load that is given up goes on",
		flightDir + "slot.go", "l.waiters, l.zombie, l.moved = 0, true, s.next\n\tl.stop()", "l.waiters, l.zombie, l.moved = 0, true, s.next",
	},
	{
		"zombies/bound", "a key may have any number of loads that were given up",
		flightDir + "slot.go", `case len(s.zombies) < maxZombies:`, `default:`,
	},
	{
		"zombies/timer", "a load that hangs is not given up",
		flightDir + "slot.go", "\t\t\tt.watch(s)\n", "",
	},
	{
		"zombies/late", "a load that hangs beside two that were given up is not given up when one of them ends",
		flightDir + "slot.go", "\t\t\ts.late = true\n\t\t\tt.advance(s)\n", "\t\t\ts.late = true\n\t\t\tt.advance(s)\n\t\t\ts.late = false\n",
	},
	{
		"zombies/patience", "who waits for a load inherits the impatience of one who has left",
		flightDir + "slot.go", "s.timer, s.late = nil, false", "s.late = false",
	},
	// Callers who perform their loads.
	{
		"lead/moved", "who performs a load that was given up has its result",
		flightDir + "table.go", "value, wanted, err := p.load.run(ctx); wanted {", "value, wanted, err := p.load.run(ctx); wanted || err == nil {",
	},
	{
		"lead/reuse-shared", "a load is used again while a follower looks at it",
		flightDir + "table.go", "empty && done == nil && l == &slot.first {", "empty && l == &slot.first {",
	},
	{
		"lead/reuse-busy", "a slot is used again while its key has other loads",
		flightDir + "table.go", "empty := t.advance(slot); empty && done == nil", "_ = t.advance(slot); done == nil",
	},
	{
		"lead/share", "who joins a load that its caller performs is not waited for",
		flightDir + "table.go", "\t\tl = s.cur\n\t\tl.share()\n", "\t\tl = s.cur\n",
	},
	{
		"lead/endless", "a caller who may leave performs its load",
		flightDir + "table.go", "case ctx.Done() == nil:", "case true:",
	},
	// GetOrLoad.
	{
		"fills/before", "what was made before a write began is stored",
		cacheDir + "write.go", "\tv.overtake(keys)\n\treturn attempt", "\treturn attempt",
	},
	{
		"fills/after", "a fill that began during a write stores what it made",
		cacheDir + "write.go", "\tv.forget(maybe, keys...)\n\tv.overtake(keys)\n", "\tv.forget(maybe, keys...)\n",
	},
	{
		"fills/check", "a fill that was overtaken stores what it made",
		cacheDir + "getorload.go", `return !l.Detached() && l.Pin()`, `return l.Pin()`,
	},
	{
		"fills/unput", "a fill that stored too late leaves it",
		cacheDir + "getorload.go", "stored && v.overtaken(l) {", "stored && false {",
	},
	{
		"fills/unput-panicked", "a fill that stored too late, and panicked, leaves it",
		cacheDir + "getorload.go", "stored := true", "stored := false",
	},
	{
		"fills/given-up", "a fill that was given up is told of no write",
		flightDir + "slot.go", "\t\tl.detached = true\n", "\t\t_ = l\n",
	},
	{
		"deadline/own-load", "a caller does not believe its own load, if clocks disagree",
		cacheDir + "load.go", ` && r.begun < now`, ``,
	},
	{
		"fills/unput-cancelled", "a fill that stored too late leaves it if its callers have left",
		cacheDir + "getorload.go", `context.WithTimeout(context.WithoutCancel(ctx), `, `context.WithTimeout(ctx, `,
	},
	{
		"fills/prefix", "DeletePrefix overtakes no fill",
		cacheDir + "cache.go", "\t\tsh.fills.DetachPrefix(prefix)\n", "",
	},
	// Singleflight.
	{
		"flight/set", "a Set leaves calls in progress to later callers",
		single, "\tdefer s.detach(key)\n\treturn s.next.Set(", "\treturn s.next.Set(",
	},
	{
		"flight/delete", "so does a Delete",
		single, "\tdefer s.detach(key)\n\treturn s.next.Delete(", "\treturn s.next.Delete(",
	},
	{
		"flight/has", "Has saw a newer state",
		single, "\tdefer s.detach(key)\n\treturn storage.Has(", "\treturn storage.Has(",
	},
	{
		"flight/get-entry", "GetEntry saw a newer state",
		single, "\tdefer s.detach(key)\n\treturn storage.GetEntry(", "\treturn storage.GetEntry(",
	},
	{
		"flight/get-entries", "GetEntries saw a newer state",
		single, "\tdefer s.detachAll(keys)\n\treturn storage.GetEntries(", "\treturn storage.GetEntries(",
	},
	{
		"flight/get-many", "GetMany saw a newer state",
		single, "\tdefer s.detachAll(keys)\n\treturn storage.GetMany(", "\treturn storage.GetMany(",
	},
	{
		"flight/delete-many", "DeleteMany leaves calls in progress to later callers",
		single, "\tdefer s.detachAll(keys)\n\treturn storage.DeleteMany(", "\treturn storage.DeleteMany(",
	},
	{
		"flight/swap", "so does CompareAndSwap",
		single, "\tdefer s.detach(key)\n\treturn storage.CompareAndSwap(", "\treturn storage.CompareAndSwap(",
	},
	{
		"flight/take", "so does Take",
		single, "\tdefer s.detach(key)\n\treturn storage.Take(", "\treturn storage.Take(",
	},
	{
		"flight/keys", "Keys saw a newer state",
		single, "\t\t\t\ts.detach(key)\n", "",
	},
	{
		"flight/delete-prefix", "DeletePrefix leaves calls in progress to later callers",
		single, "\t\t\tshard.calls.DetachPrefix(s.prefix + prefix)\n", "",
	},
	{
		"flight/wire-key", "calls are shared within a view only",
		single, `prefix: s.prefix + scope.Prefix, group`, `prefix: s.prefix + "view/" + scope.Prefix, group`,
	},
}

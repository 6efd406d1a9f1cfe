package main

const redisDir = "adapters/redisstore/"

var redisAblations = []ablation{
	{
		"redisstore/write/once", "a command without an answer is sent again",
		redisDir + "write.go", "\tif !w.state.CompareAndSwap(unsent, sent) {\n\t\treturn nil, errSentTwice\n\t}\n", "\tw.state.Store(sent)\n",
	},
	{
		"redisstore/write/abandoned", "a command whose caller has left is sent",
		redisDir + "write.go", "\tif !w.claimed && !w.fate.send() {\n\t\tw.state.Store(unsent)\n\t\treturn nil, errAbandoned\n\t}\n", "\tif !w.claimed {\n\t\t_ = w.fate.send()\n\t}\n",
	},
	{
		"redisstore/write/no-retry", "go-redis sends a write again",
		redisDir + "write.go", `func (once) NoRetry() bool { return true }`, `func (once) NoRetry() bool { return false }`,
	},
	{
		"redisstore/write/refused", "what the server refused counts as sent",
		redisDir + "write.go", "\tnext, change := unsent, -onePending\n", "\tnext, change := sent, int64(0)\n",
	},
	{
		"redisstore/write/nil", "the answer that there is no value counts as a refusal",
		redisDir + "write.go", "if err == nil || err == redis.Nil {\n\t\tnext", "if err == nil {\n\t\tnext",
	},
	{
		"redisstore/write/answer", "a lost connection counts as an answer",
		redisDir + "write.go", "\tif err != nil && !isAnswer(err) {\n\t\treturn\n\t}\n", ``,
	},
	{
		"redisstore/write/reply-only", "a redis.Nil of a Sentinel counts as an answer",
		redisDir + "write.go", `return ok || err == redis.Nil`, `return ok || errors.Is(err, redis.Nil)`,
	},
	{
		"redisstore/write/pending", "an error while a command has no answer is definite",
		redisDir + "write.go", `return account%oneDone != 0 || account/oneDone == f.commands`, `return account/oneDone == f.commands`,
	},
	{
		"redisstore/write/all-done", "an error after all commands were done is definite",
		redisDir + "write.go", `return account%oneDone != 0 || account/oneDone == f.commands`, `return account%oneDone != 0`,
	},
	{
		"redisstore/write/abandon", "who leaves a write that was sent is told that it did not happen",
		redisDir + "write.go", `func (f *fate) abandon() bool { return f.account.Or(abandoned)&^abandoned != 0 }`, `func (f *fate) abandon() bool { f.account.Or(abandoned); return false }`,
	},
	{
		"redisstore/write/leave-unsent", "who leaves before a write is sent is told that it may have happened",
		redisDir + "write.go", `return f.account.Or(abandoned)&^abandoned != 0`, `f.account.Or(abandoned); return true`,
	},
	{
		"redisstore/write/lookup", "a client of a Cluster asks COMMAND before it sends anything",
		redisDir + "write.go", "\tcmd.SetStepCount(1)\n", ``,
	},

	{
		"redisstore/send/clone", "a value is not copied for a send that outlives its call",
		redisDir + "send.go", "\treturn bytes.Clone(value)\n", "\t_ = bytes.Clone\n\treturn value\n",
	},
	{
		"redisstore/send/ended", "a call begins whose context has ended",
		redisDir + "send.go", `ctxErr := ctx.Err()`, `var ctxErr error`,
	},
	{
		"redisstore/send/leave", "a caller waits for the client's timeouts",
		redisDir + "send.go", "\tcase <-done:\n\t\tif r.leave(l) {", "\tcase <-context.Background().Done():\n\t\tif r.leave(l) {",
	},
	{
		"redisstore/send/leave-group", "a caller waits for a batch",
		redisDir + "send.go", "\t\tcase <-done:\n\t\t\tif stage", "\t\tcase <-context.Background().Done():\n\t\t\tif stage",
	},
	{
		"redisstore/send/patience-group", "a connection's timer that goes off first makes a deadline of a batch a failure",
		redisDir + "send.go", "\t\t\tif done != nil {\n\t\t\t\tawaitEnd(ctx)\n\t\t\t}\n", ``,
	},
	{
		"redisstore/send/maybe", "who leaves a batch is told that his write did not happen",
		redisDir + "send.go", `stage == flying && r.write != nil && r.write.fate.abandon()`, `stage == flying && r.write != nil && r.write.fate.abandon() && false`,
	},
	{
		"redisstore/send/panic", "a panic of the client ends the process",
		redisDir + "send.go", "\tif res.panicked {\n\t\tpanic(res.reason)\n\t}\n", ``,
	},
	{
		"redisstore/send/left", "calls whose callers have left are not counted",
		redisDir + "send.go", "\t\tl.end(left)\n", "\t\tl.end(left && false)\n",
	},
	{
		"redisstore/send/patience", "a connection's timer that goes off first makes a deadline a failure",
		redisDir + "send.go", "\tif res.err != nil {\n\t\tawaitEnd(ctx)\n", "\tif res.err != nil {\n",
	},

	{
		"redisstore/link/bound", "calls whose callers have left have no bound",
		redisDir + "link.go", `case endable && l.left >= l.maxLeft:`, `case false:`,
	},
	{
		"redisstore/link/closed", "operations go on after Close",
		redisDir + "link.go", "\tcase l.closed:\n\t\treturn fmt", "\tcase l.closed && false:\n\t\treturn fmt",
	},
	{
		"redisstore/link/wait", "Close does not wait for what runs",
		redisDir + "link.go", "\t\t<-l.idle\n", ``,
	},
	{
		"redisstore/link/own", "a client of Open stays open",
		redisDir + "link.go", `if l.owned {`, `if false {`,
	},
	{
		"redisstore/link/borrow", "a borrowed client is closed",
		redisDir + "link.go", `if l.owned {`, `if true {`,
	},

	{
		"redisstore/client/pipeline-once", "a pipeline of reads goes to a second node of a Cluster",
		redisDir + "client.go", "\t\t\tquestions[i].once = c.cluster != nil\n", ``,
	},
	{
		"redisstore/client/no-reply", "a command of a pipeline without a reply has an empty value",
		redisDir + "client.go", "\tif err := q.Err(); err != nil || q.answered {", "\tif err := q.Err(); err != nil || true {",
	},
	{
		"redisstore/client/replied", "a read that was answered before a batch broke is lost",
		redisDir + "client.go", "\tif q.once && q.answered && q.Err() == nil {\n\t\treturn\n\t}\n", ``,
	},
	{
		"redisstore/client/lanes", "there are more lanes than connections",
		redisDir + "client.go", `return max(1, min(maxLanes, connections))`, `return max(connections, maxLanes)`,
	},
	{
		"redisstore/client/patience", "a pipeline in a Cluster dials without an end",
		redisDir + "client.go", "\tif c.patience > 0 {", "\tif false {",
	},
	{
		"redisstore/client/masters", "Ping asks one master of a Cluster",
		redisDir + "client.go", "\tif c.cluster == nil {\n\t\treturn c.Process", "\tif true {\n\t\treturn c.Process",
	},
	{
		"redisstore/client/reload", "a Cluster's slots are not loaded again after a failure",
		redisDir + "client.go", "\tc.cluster.ReloadState(ctx)\n", ``,
	},
	{
		"redisstore/client/reload-pause", "each failure has the slots loaded again",
		redisDir + "client.go", `now-last >= int64(reloadPause) &&`, `true &&`,
	},
	{
		"redisstore/client/clusterdown", "CLUSTERDOWN is no reason to load the slots again",
		redisDir + "client.go", `return strings.HasPrefix(reply, "CLUSTERDOWN")`, `return strings.HasPrefix(reply, "\x00")`,
	},
	{
		"redisstore/client/harmless", "what says nothing of a node has the slots loaded again",
		redisDir + "client.go", "\t\tif errors.Is(err, harmless) {\n\t\t\treturn false\n\t\t}\n", "\t\t_ = harmless\n",
	},
	{
		"redisstore/client/slots", "a client with slots from elsewhere is taken",
		redisDir + "client.go", `case c.Options().ClusterSlots != nil:`, `case false:`,
	},
	{
		"redisstore/client/replicas", "a client that reads from replicas is taken",
		redisDir + "client.go", `case c.Options().ReadOnly:`, `case false:`,
	},

	{
		"redisstore/topology/no-nodes", "a Cluster without masters is an empty one",
		redisDir + "topology.go", "\terr := errNoNodes\n", "\tvar err error\n",
	},
	{
		"redisstore/topology/settled", "a listing does not wait until the masters agree",
		redisDir + "topology.go", `if err != nil || t.complete() {`, `if err != nil || true {`,
	},
	{
		"redisstore/topology/bounded", "a listing waits for a Cluster that never settles",
		redisDir + "topology.go", `if waited >= patience {`, `if false {`,
	},
	{
		"redisstore/topology/unasked", "a master that another one knows of is left out",
		redisDir + "topology.go", `if id == "" || !asked[id] {`, `if id == "" {`,
	},
	{
		"redisstore/topology/demoted", "a node that is no master any more is one",
		redisDir + "topology.go", `if id == "" || !asked[id] {`, `if !asked[id] && id != "" {`,
	},
	{
		"redisstore/topology/uncovered", "slots without a master are as good as any",
		redisDir + "topology.go", `return !slices.ContainsFunc(served[:], func(slots uint64) bool { return slots != ^uint64(0) })`, `return true`,
	},
	{
		"redisstore/topology/run", "a master that was restarted is not scanned again",
		redisDir + "topology.go", `was.run != m.run || `, ``,
	},
	{
		"redisstore/topology/epoch", "slots that went away and came back are not noticed",
		redisDir + "topology.go", `was.epoch != m.epoch && len(from) > 0`, `false`,
	},
	{
		"redisstore/topology/new", "a new master is not scanned",
		redisDir + "topology.go", `comes := was == nil || was.run != m.run || was.epoch != m.epoch && len(from) > 0`, `comes := was != nil && (was.run != m.run || was.epoch != m.epoch && len(from) > 0)`,
	},
	{
		"redisstore/topology/going", "keys that are going to a master are not looked for there",
		redisDir + "topology.go", `slices.Contains(other.open[going], m.id)`, `false`,
	},
	{
		"redisstore/topology/coming", "keys that are coming to a master are not looked for there",
		redisDir + "topology.go", `slices.ContainsFunc(self.open[coming], func(id string) bool { return from[id] })`, `false`,
	},
	{
		"redisstore/topology/moved", "keys that have moved are not looked for",
		redisDir + "topology.go", `was != nil && overlap(&other.slots, &m.slots, &was.slots)`, `false`,
	},

	{
		"redisstore/scan/again", "a scan of a Cluster ends although keys have moved",
		redisDir + "scan.go", `if todo = now.gained(before, scanned); len(todo) == 0 {`, `if todo = now.gained(before, scanned); true {`,
	},
	{
		"redisstore/scan/masters", "a scan of a Cluster lists one master",
		redisDir + "scan.go", "\ttodo := before.masters\n", "\ttodo := before.masters[:1]\n",
	},
	{
		"redisstore/scan/restart", "a scan goes on in a server that was restarted",
		redisDir + "scan.go", `if err != nil || now == before {`, `if err != nil || len(now)+len(before) >= 0 {`,
	},
	{
		"redisstore/scan/left", "the client of a master that left is the store's that is closed",
		redisDir + "scan.go", `if !errors.Is(err, storage.ErrClosed) {`, `if true {`,
	},
	{
		"redisstore/scan/escape", "characters of a prefix match others",
		redisDir + "scan.go", `return globEscaper.Replace(prefix) + "*"`, `return prefix + "*"`,
	},
	{
		"redisstore/scan/prefix", "a server that takes a pattern otherwise is believed",
		redisDir + "scan.go", `strings.HasPrefix(key, sc.prefix) && key`, `key`,
	},
	{
		"redisstore/scan/own-prefix", "the key that is the prefix is in the store",
		redisDir + "scan.go", ` && key != sc.store.prefix`, ``,
	},
	{
		"redisstore/scan/all", "DeletePrefix of nothing empties the database",
		redisDir + "scan.go", "\tif full == \"\" {\n\t\treturn storage.ErrInvalidKey\n\t}\n", ``,
	},

	{
		"redisstore/greeting/ask", "a server with too many clients looks broken",
		redisDir + "greeting.go", "\tif !hungUp(err) {", "\tif true {",
	},
	{
		"redisstore/greeting/addr", "a node is not asked itself",
		redisDir + "greeting.go", `if c.cluster != nil && errors.As(err, &op) && op.Addr != nil {`, `if false && errors.As(err, &op) {`,
	},
	{
		"redisstore/greeting/dialer", "a Dialer is asked for an address that it does not know",
		redisDir + "greeting.go", `if addr != "" || dial == nil {`, `if dial == nil {`,
	},
	{
		"redisstore/greeting/kept", "every failing call asks",
		redisDir + "greeting.go", `if time.Since(h.asked) > greetingKept {`, `if true {`,
	},

	{
		"redisstore/errors/sentinel", "what a Sentinel says is what the server says",
		redisDir + "errors.go", "\tif bySentinels(err) {\n", "\tif false {\n",
	},
	{
		"redisstore/errors/text", "the words of the server are shown",
		redisDir + "errors.go", "\t\t\treturn code, r.means\n", "\t\t\treturn reply, r.means\n",
	},
	{
		"redisstore/errors/unknown-type", "an error of a type that is not known is shown",
		redisDir + "errors.go", `return fmt.Sprintf("an error of type %T", err)`, `return err.Error()`,
	},
	{
		"redisstore/errors/pool", "a busy pool is a server that is gone",
		redisDir + "errors.go", "errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):\n\t\tmeans = storage.ErrOverloaded", "errors.Is(err, redis.ErrPoolTimeout), errors.Is(err, redis.ErrPoolExhausted):\n\t\tmeans = storage.ErrUnavailable",
	},
	{
		"redisstore/errors/deadline", "a deadline that the connection met first is a failure",
		redisDir + "errors.go", "\tif deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {\n\t\treturn context.DeadlineExceeded\n\t}\n", "\t_ = time.Now\n",
	},

	{
		"redisstore/request/noscript", "a script that the server has forgotten fails",
		redisDir + "request.go", `return r.script != nil && redis.HasErrorPrefix(err, "NOSCRIPT")`, `return false`,
	},
	{
		"redisstore/request/once", "a read goes to a second node of a Cluster",
		redisDir + "request.go", `once := c.cluster != nil`, `once := false`,
	},
	{
		"redisstore/request/batch-once", "a read of a batch has go-redis send it again",
		redisDir + "request.go", `c.together(ctx, requests, true)`, `c.together(ctx, requests, false)`,
	},
	{
		"redisstore/entry/aborted", "an entry is not read because of another's key, or in a Cluster of a move",
		redisDir + "request.go", "\tif err == errAborted {\n", "\tif false {\n",
	},
	{
		"redisstore/entry/again", "an entry of a batch is not read because of another's key",
		redisDir + "request.go", "\tif r.err == errAborted {\n\t\treturn true\n\t}\n", "",
	},
	{
		"redisstore/entry/many", "entries are not read because of one of the keys",
		redisDir + "entry.go", `if aborted = err == errAborted; aborted {`, `if false {`,
	},
	{
		"redisstore/entry/denied", "a user without MULTI reads no entries",
		redisDir + "transaction.go", `discarded(multi.err(), "NOPERM")`, `multi.err()`,
	},
	{
		"redisstore/entry/memory", "a server without memory reads no entries",
		redisDir + "transaction.go", `const noMemory = "OOM"`, `const noMemory = "\x00"`,
	},
	{
		"redisstore/entry/type", "a key of another type is absent, if it was read with others",
		redisDir + "transaction.go", `if ttl == int64(-2) {`, `if true {`,
	},
	{
		"redisstore/entry/slots", "a transaction has keys of several slots of a Cluster",
		redisDir + "transaction.go", `if c.cluster != nil {`, `if false {`,
	},
	{
		"redisstore/entry/nil", "what is absent has an entry",
		redisDir + "transaction.go", "\t\t\treturn nil, nil, redis.Nil\n", "\t\t\treturn \"\", int64(-1), nil\n",
	},
	{
		"redisstore/entry/error", "a key of another type is an odd reply",
		redisDir + "transaction.go", "\tcase error:\n\t\treturn nil, nil, reply\n", "\tcase error:\n\t\t_ = reply\n",
	},
	{
		"redisstore/request/replied", "a write that was answered before a batch broke is unknown",
		redisDir + "request.go", `case r.write.state.Load() == done && err != redis.Nil:`, `case false:`,
	},
	{
		"redisstore/request/nil", "a Take of nothing in a batch finds something",
		redisDir + "request.go", `case r.write.state.Load() == done && err != redis.Nil:`, `case r.write.state.Load() == done:`,
	},
	{
		"redisstore/request/refused", "what a server says to a connection of a batch is not told",
		redisDir + "request.go", "\tif answered || err == nil {\n", "\tif true || answered {\n",
	},
	{
		"redisstore/request/retry", "a read that shared a broken batch with writes is not sent again",
		redisDir + "request.go", `r.write == nil && r.shared && c.retries && !isAnswer(r.err) && isFault(r.err)`, `false`,
	},
	{
		"redisstore/request/retry-writes", "a write of a broken batch is sent again",
		redisDir + "request.go", `r.write == nil && r.shared && c.retries`, `r.shared && c.retries`,
	},
	{
		"redisstore/request/read-only", "a write in a batch to a replica is not sent to the master",
		redisDir + "request.go", `return redis.HasErrorPrefix(r.err, "READONLY")`, `return false`,
	},

	{
		"redisstore/group/share", "nobody shares a pipeline",
		redisDir + "group.go", `return g.flying < l.maxLanes && g.flying-g.stalled < allowed`, `return true || allowed > 0`,
	},
	{
		"redisstore/group/max-lanes", "there are more batches on their way than lanes",
		redisDir + "group.go", `return g.flying < l.maxLanes && g.flying-g.stalled < allowed`, `return g.flying-g.stalled < allowed`,
	},
	{
		"redisstore/group/round-trip", "callers of a server that is far away wait for each other",
		redisDir + "group.go", "\t\tallowed = lanes\n", "\t\tallowed = 1\n",
	},
	{
		"redisstore/group/long-queue", "a long queue has one lane",
		redisDir + "group.go", "\t\tallowed = 2\n", "\t\tallowed = 1\n",
	},
	{
		"redisstore/group/stall", "a batch that does not come back stops the others",
		redisDir + "group.go", `if g.waiting > 0 && g.taken == g.seen {`, `if false {`,
	},
	{
		"redisstore/group/stalled-back", "a lane that came back does not count for ever",
		redisDir + "group.go", "\t\tg.stalled--\n", ``,
	},
	{
		"redisstore/group/keys", "a batch has no bound in number",
		redisDir + "group.go", `r != nil && len(batch) < batchKeys; r = g.first`, `r != nil; r = g.first`,
	},
	{
		"redisstore/group/bytes", "a batch has no bound in bytes",
		redisDir + "group.go", `size > batchBytes && len(batch) > 0 {`, `false {`,
	},
	{
		"redisstore/group/large", "a value larger than a batch is never sent",
		redisDir + "group.go", `size > batchBytes && len(batch) > 0 {`, `size > batchBytes {`,
	},
	{
		"redisstore/group/claim", "who leaves a batch breaks it",
		redisDir + "group.go", "\t\t\tr.write.claim()\n", ``,
	},
	{
		"redisstore/group/leave", "who leaves the queue is sent",
		redisDir + "group.go", "\t\tr.group.remove(r)\n\t\tl.finish(1)\n", ``,
	},
	{
		"redisstore/group/left", "who leaves a batch is not counted",
		redisDir + "group.go", "\t\tr.stage = left\n\t\tl.left++\n", "\t\tr.stage = flying\n",
	},
	{
		"redisstore/group/masters", "one master that is silent stops the others of a Cluster",
		redisDir + "client.go", "\treturn node, err == nil\n", "\t_ = node\n\treturn nil, err == nil\n",
	},
	{
		"redisstore/group/forget", "groups of masters that are gone stay",
		redisDir + "group.go", "\t\t\t\tdelete(l.groups, old)\n", "\t\t\t\t_ = old\n",
	},

	{
		"redisstore/lane/settle", "a write of a batch that was not sent may have happened",
		redisDir + "lane.go", "\t\t\t\tr.write.settle()\n", ``,
	},
	{
		"redisstore/lane/panic", "a panic in a batch reaches nobody",
		redisDir + "lane.go", `r.panicked, r.reason = panicked, reason`, `r.reason = reason`,
	},
	{
		"redisstore/lane/goexit", "a hook that ends the goroutine of a batch leaves its callers waiting",
		redisDir + "lane.go", "if batch != nil { // or", "if batch != nil && false { // or",
	},
	{
		"redisstore/lane/explain", "a server with too many clients looks broken to a batch",
		redisDir + "lane.go", "\t\t\tr.err = l.explain(context.Background(), r.err, r.fate())\n", ``,
	},
	{
		"redisstore/lane/deadline", "a batch goes on although nobody waits for it",
		redisDir + "lane.go", "\t\tctx = until{ctx, last}\n", ``,
	},
	{
		"redisstore/lane/patience", "a batch ends with the first of its callers",
		redisDir + "lane.go", "\t\tif r.deadline.IsZero() {\n\t\t\treturn time.Time{}\n\t\t}\n", ``,
	},
	{
		"redisstore/lane/minimum", "the shortest round trip is never forgotten",
		redisDir + "minimum.go", `case at.Sub(m.since) > 2*minimumKept:`, `case m.since.IsZero():`,
	},

	{
		"redisstore/open/find-master", "a client asks a silent Sentinel on and on",
		redisDir + "target.go", "\t\tfindMaster(o)\n", ``,
	},
	{
		"redisstore/open/retries", "Open makes a client that retries",
		redisDir + "target.go", `if *retries <= 0 {`, `if false {`,
	},
	{
		"redisstore/open/timeouts", "Open leaves the timeouts of go-redis",
		redisDir + "target.go", `if *timeout == 0 {`, `if false {`,
	},
	{
		"redisstore/open/dialer-retries", "Open makes a client that dials a dead server five times",
		redisDir + "target.go", "o.DialerRetries, o.ContextTimeoutEnabled = 1, true\n\t\tfindMaster", "o.ContextTimeoutEnabled = true\n\t\tfindMaster",
	},
}

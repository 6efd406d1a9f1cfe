package main

const (
	retryDir    = "decorators/retry/"
	timeoutDir  = "decorators/timeout/"
	breakerDir  = "decorators/breaker/"
	limitDir    = "decorators/limit/"
	settleLater = "\tdefer func() { c.settle(began, result) }()\n\tasked := ctx.Err() == nil\n\terr := next(ctx)\n\tresult = judge(err, asked)\n"
)

var interceptorAblations = []ablation{
	{
		"retry/unknown", "a lost reply is forgotten when the last try fails definitely",
		retryDir + "retry.go", "\t\tif errors.Is(err, storage.ErrUnknownOutcome) {\n\t\t\tunknown = err\n\t\t}\n", "",
	},
	{
		"retry/lasting", "what stays is tried again",
		retryDir + "retry.go", `range lasting {`, `range lasting[:0] {`,
	},
	{
		"retry/refusal", "what a breaker refuses is tried again",
		retryDir + "retry.go", `!errors.As(err, &says) || says.Retryable()`, `!errors.As(err, &says) || true`,
	},
	{
		"retry/failed", "answers and misuse are tried again",
		retryDir + "retry.go", `if !storage.Failed(err) {`, `if err == nil {`,
	},
	{
		"retry/once", "Take and CompareAndSwap are tried again",
		retryDir + "retry.go", `return op.Idempotent() && !op.Streaming()`, `return !op.Streaming()`,
	},
	{
		"retry/keys", "Keys is tried again",
		retryDir + "retry.go", `op.Idempotent() && !op.Streaming()`, `op.Idempotent()`,
	},
	{
		"retry/deadline", "a wait begins that the deadline leaves no time for",
		retryDir + "retry.go", ` || !fits(ctx, wait)`, ``,
	},
	{
		"retry/leave", "who leaves during a wait does not return",
		retryDir + "retry.go", `case <-ctx.Done():`, `case <-context.Background().Done():`,
	},
	{
		"retry/ended", "who leaves during a try is not told so",
		retryDir + "retry.go", `if ctx.Err() != nil && passing(err) {`, `if false {`,
	},
	{
		"retry/base", "a wait may be shorter than Base",
		retryDir + "retry.go", `min(r.Base+rand.N(`, `min(rand.N(`,
	},
	{
		"retry/random", "those who fail together come back together",
		retryDir + "retry.go", `max(longest-r.Base, 0)+1)`, `max(longest-r.Base, 0)+1)*0`,
	},
	{
		"retry/max", "a wait may be longer than Max",
		retryDir + "retry.go", `, r.Max)`, `, math.MaxInt64)`,
	},
	{
		"retry/budget", "the budget bounds nothing",
		retryDir + "retry.go", ` || !r.budget.take()`, ``,
	},
	{
		"retry/pay", "what has been taken from the budget is gone for good",
		retryDir + "retry.go", "\tr.budget.pay()\n", "",
	},
	{
		"retry/full", "the budget saves up without a bound",
		retryDir + "budget.go", `level >= fullBucket || b.level.CompareAndSwap(level, min(level+b.deposit, fullBucket))`, `b.level.CompareAndSwap(level, level+b.deposit)`,
	},

	{
		"timeout/keys", "a loop over Keys is ended",
		timeoutDir + "timeout.go", `if call.Op.Streaming() {`, `if false {`,
	},
	{
		"timeout/callers", "the deadline of a caller is a failure of the store",
		timeoutDir + "timeout.go", `ok && !own.After(deadline)`, `ok && own.IsZero()`,
	},
	{
		"timeout/early", "a store that notices the deadline before its timer does has not failed",
		timeoutDir + "timeout.go", `time.Now().Before(deadline)`, `below.Err() == nil`,
	},
	{
		"timeout/class", "a store that is too slow has not failed by our words",
		timeoutDir + "timeout.go", `%w: %w", call.Op, patience, storage.ErrUnavailable, err)`, `%w", call.Op, patience, err)`,
	},
	{
		"timeout/unknown", "a write that took too long is said not to have happened",
		timeoutDir + "timeout.go", `%w: %w", call.Op`, `%w: %v", call.Op`,
	},

	{
		"breaker/era", "results count for a state in which their operation did not begin",
		breakerDir + "circuit.go", `if era == c.era.Load() {`, `if true {`,
	},
	{
		"breaker/cancel", "callers who leave open the breaker",
		breakerDir + "breaker.go", "case errors.Is(err, context.Canceled):\n\t\treturn uncounted", "case errors.Is(err, context.Canceled):\n\t\treturn failure",
	},
	{
		"breaker/asked", "callers who come too late open the breaker",
		breakerDir + "breaker.go", "\tcase !asked:\n\t\treturn uncounted\n", "",
	},
	{
		"breaker/reached", "a refusal of the server opens the breaker",
		breakerDir + "breaker.go", `range reached {`, `range reached[:0] {`,
	},
	{
		"breaker/misuse", "misuse closes the breaker",
		breakerDir + "breaker.go", "\t\treturn uncounted\n\tcase !asked", "\t\treturn success\n\tcase !asked",
	},
	{
		"breaker/ping", "a readiness probe is told of the breaker and not of the store",
		breakerDir + "breaker.go", `if call.Op == storage.OpPing {`, `if false {`,
	},
	{
		"breaker/panic", "a probe that panics takes its place along",
		breakerDir + "breaker.go", settleLater, "\tasked := ctx.Err() == nil\n\terr := next(ctx)\n\tresult = judge(err, asked)\n\tc.settle(began, result)\n",
	},
	{
		"breaker/probes", "a half-open breaker lets everybody through",
		breakerDir + "circuit.go", `if c.probing >= c.opts.Probes {`, `if false {`,
	},
	{
		"breaker/room", "a probe that has ended keeps its place",
		breakerDir + "circuit.go", "\tc.probing--\n", "",
	},
	{
		"breaker/gone", "probes that do not come back stop the breaker for good",
		breakerDir + "circuit.go", "c.enter(HalfOpen) // these do not come back", "return false",
	},
	{
		"breaker/forget", "successes of probes from before another failure count",
		breakerDir + "circuit.go", `c.probing, c.successes = 0, 0`, `c.probing = 0`,
	},
	{
		"breaker/closed", "a closed breaker remembers the outage",
		breakerDir + "circuit.go", "\t\tc.results = newWindow(c.opts.Window)\n", "",
	},
	{
		"breaker/window", "results are never forgotten",
		breakerDir + "window.go", `n < slots; n++`, `n < 0; n++`,
	},
	{
		"breaker/order", "changes of the state are told in any order",
		breakerDir + "state.go", "\tif c.telling {\n\t\treturn\n\t}\n", "",
	},

	{
		"limit/queue", "any number may wait for a place",
		limitDir + "limit.go", `l.waiting.Add(1) > l.queue`, `l.waiting.Add(1) < 0`,
	},
	{
		"limit/left", "who has left still counts as waiting",
		limitDir + "limit.go", "\tdefer l.waiting.Add(-1)\n", "",
	},
	{
		"limit/place", "an operation that has ended keeps its place",
		limitDir + "limit.go", "default:\n\t\tdefer l.places.Release(1)", "default:",
	},
	{
		"limit/keys", "a loop over Keys holds a place that its body may wait for",
		limitDir + "limit.go", "case call.Op.Streaming():\n\t\tl.places.Release(1)", "case call.Op.Streaming():\n\t\tdefer l.places.Release(1)",
	},
	{
		"limit/leave", "who leaves while it waits does not return",
		limitDir + "limit.go", `context.WithTimeout(ctx, l.maxWait)`, `context.WithTimeout(context.WithoutCancel(ctx), l.maxWait)`,
	},
	{
		"limit/ended", "who leaves while it waits is told that the store is busy",
		limitDir + "limit.go", `if ctx.Err() != nil {`, `if false {`,
	},
	{
		"limit/cost", "a batch costs no more than one operation",
		limitDir + "limit.go", `max(1, min(len(call.Keys), l.burst))`, `1`,
	},
	{
		"limit/burst", "a batch of more keys than Burst never comes",
		limitDir + "limit.go", `max(1, min(len(call.Keys), l.burst))`, `max(1, len(call.Keys))`,
	},
	{
		"limit/ping", "a readiness probe is refused by a busy instance",
		limitDir + "limit.go", `if call.Op == storage.OpPing {`, `if false {`,
	},
}

package flight

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
)

// batch is a set of tables, as a store with shards has, and the calls that
// RunBatch made.
type batch struct {
	*bench
	shards []*bench
	calls  []*batchCall
	mu     sync.Mutex
}

type batchCall struct {
	ctx context.Context
	end chan func() func(string) (string, error)
}

// inBatchBubble runs test with three tables, of which the key "i…" is in the
// one with the number i.
func inBatchBubble(t *testing.T, test func(t *testing.T, b *batch)) {
	t.Helper()
	inBubble(t, func(t *testing.T, first *bench) {
		b := &batch{bench: first, shards: []*bench{first, newBench(t), newBench(t)}}
		test(t, b)
		for _, shard := range b.shards {
			shard.wantEmpty()
			shard.table.Drain()
		}
	})
}

func (b *batch) shard(key string) *bench { return b.shards[key[0]-'0'] }

// get starts a caller for each of keys. What they lead is one batch.
func (b *batch) get(keys ...string) []*caller {
	b.t.Helper()
	return b.run(b.join(keys...))
}

type joined struct {
	place  Place[string]
	ctx    context.Context
	cancel context.CancelFunc
	lead   *Load[string]
}

func (b *batch) join(keys ...string) (all []joined) {
	for _, key := range keys {
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, "batch"))
		shard := b.shard(key)
		shard.Lock()
		p, lead, err := shard.table.JoinBatch(ctx, key, Func[string](shard.source))
		shard.Unlock()
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, joined{p, ctx, cancel, lead})
	}
	return all
}

func (b *batch) run(all []joined) (callers []*caller) {
	var led []*Load[string]
	for _, j := range all {
		if j.lead != nil {
			led = append(led, j.lead)
		}
	}
	if len(all) > 0 {
		RunBatch(all[0].ctx, led, b.source)
	}
	for _, j := range all {
		callers = append(callers, b.shard(j.place.load.Key).wait(j.ctx, j.cancel, j.place))
	}
	return callers
}

func (b *batch) source(ctx context.Context) func(string) (string, error) {
	c := &batchCall{ctx, make(chan func() func(string) (string, error), 1)}
	b.mu.Lock()
	b.calls = append(b.calls, c)
	b.mu.Unlock()
	select {
	case fn := <-c.end:
		return fn()
	case <-b.over: // the test has failed
		return func(string) (string, error) { return "", errTest }
	}
}

// call returns the only call that was made since it was last asked.
func (b *batch) call() *batchCall {
	b.t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.calls) != 1 {
		b.t.Fatalf("%d calls were made, want 1", len(b.calls))
	}
	c := b.calls[0]
	b.calls = nil
	return c
}

// give ends the call; a key of results has its value, any other its name.
func (c *batchCall) give(errs map[string]error) {
	c.do(func() func(string) (string, error) {
		return func(key string) (string, error) {
			if err := errs[key]; err != nil {
				return "", err
			}
			return "value of " + key, nil
		}
	})
}

func (c *batchCall) do(fn func() func(string) (string, error)) {
	c.end <- fn
	synctest.Wait()
}

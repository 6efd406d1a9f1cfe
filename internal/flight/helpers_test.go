package flight

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// bench is a table of strings over a source whose loads end when the test says
// so. It is made for bubbles of synctest.
type bench struct {
	t testing.TB
	sync.Mutex
	table Table[string]

	loads    []*load  // all that began, in order
	finished []string // what Finished was told
	over     chan struct{}
}

// load is one load that reached the source.
type load struct {
	ctx  context.Context
	load *Load[string]
	end  chan func() (string, error)
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, over: make(chan struct{})}
	t.Cleanup(func() { close(b.over) })
	b.table.Lock = b
	b.table.Finished = func(l *Load[string], value string, err error) func() {
		if b.TryLock() {
			b.t.Error("Finished is called without the lock")
		}
		note := l.Key + "=" + value
		if err != nil {
			note += " " + err.Error()
		}
		if l.Detached() {
			note += " detached"
		}
		b.finished = append(b.finished, note)
		return nil
	}
	return b
}

// source is a load that does not care for its context.
func (b *bench) source(ctx context.Context, l *Load[string]) (string, error) {
	c := &load{ctx, l, make(chan func() (string, error), 1)}
	b.Lock()
	b.loads = append(b.loads, c)
	b.Unlock()
	select {
	case fn := <-c.end:
		return fn()
	case <-b.over: // the test has failed
		return "", errTest
	}
}

// load returns one of the loads that began.
func (b *bench) load(i int) *load {
	b.t.Helper()
	defer b.settled()()
	if i >= len(b.loads) {
		b.t.Fatalf("%d loads began, want %d at least", len(b.loads), i+1)
	}
	return b.loads[i]
}

func (c *load) give(value string) { c.do(func() (string, error) { return value, nil }) }

func (c *load) do(fn func() (string, error)) {
	c.end <- fn
	synctest.Wait()
}

// canceled reports whether the context of the load has ended.
func (c *load) canceled() bool { return c.ctx.Err() != nil }

// caller is a goroutine that waits for a key.
type caller struct {
	b        *bench
	cancel   context.CancelFunc
	returned bool
	value    string
	err      error
	took     time.Duration
}

type ctxKey struct{}

// get starts a caller and returns when it waits, or has its answer.
func (b *bench) get(key string) *caller {
	b.t.Helper()
	return b.getBy(context.Background(), key)
}

// getEndless is get with a context that cannot end.
func (b *bench) getEndless(key string) *caller {
	b.t.Helper()
	ctx := context.WithValue(context.Background(), ctxKey{}, "endless")
	b.Lock()
	p, err := b.table.Join(ctx, key, Func[string](b.source))
	b.Unlock()
	if err != nil {
		b.t.Fatal(err)
	}
	return b.wait(ctx, func() {}, p)
}

func (b *bench) getBy(ctx context.Context, key string) *caller {
	b.t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	b.Lock()
	p, err := b.table.Join(ctx, key, Func[string](b.source))
	b.Unlock()
	if err != nil {
		cancel()
		return &caller{b: b, cancel: cancel, returned: true, err: err}
	}
	return b.wait(ctx, cancel, p)
}

func (b *bench) wait(ctx context.Context, cancel context.CancelFunc, p Place[string]) *caller {
	c := &caller{b: b, cancel: cancel}
	start := time.Now()
	go func() {
		value, err := p.Wait(ctx)
		b.Lock()
		defer b.Unlock()
		c.returned, c.value, c.err, c.took = true, value, err, time.Since(start)
		cancel()
	}()
	synctest.Wait()
	return c
}

// leave ends the caller's context, and checks that the caller is gone at once.
func (c *caller) leave() {
	c.b.t.Helper()
	c.cancel()
	synctest.Wait()
	c.wantErr(context.Canceled)
}

// settled waits until nothing more happens by itself, and takes the lock.
func (b *bench) settled() (unlock func()) {
	synctest.Wait()
	b.Lock()
	return b.Unlock
}

func (c *caller) wantWaiting() {
	c.b.t.Helper()
	defer c.b.settled()()
	if c.returned {
		c.b.t.Fatalf("the caller got %q, %v, want it to wait", c.value, c.err)
	}
}

func (c *caller) wantValue(want string) {
	c.b.t.Helper()
	defer c.b.settled()()
	if !c.returned || c.value != want || c.err != nil {
		c.b.t.Fatalf("the caller got %q, %v (returned: %v), want %q", c.value, c.err, c.returned, want)
	}
}

func (c *caller) wantErr(want error) {
	c.b.t.Helper()
	defer c.b.settled()()
	if !c.returned || c.value != "" || !errors.Is(c.err, want) {
		c.b.t.Fatalf("the caller got %q, %v (returned: %v), want the error %v", c.value, c.err, c.returned, want)
	}
}

func (b *bench) detach(key string) {
	b.Lock()
	defer b.Unlock()
	b.table.Detach(key)
}

// wantLoads checks how many loads have begun.
func (b *bench) wantLoads(n int) {
	b.t.Helper()
	defer b.settled()()
	if len(b.loads) != n {
		b.t.Fatalf("%d loads began, want %d", len(b.loads), n)
	}
}

// wantFinished checks which results Finished was told since it was last asked.
func (b *bench) wantFinished(want ...string) {
	b.t.Helper()
	defer b.settled()()
	if !slices.Equal(b.finished, want) {
		b.t.Fatalf("Finished was told %q, want %q", b.finished, want)
	}
	b.finished = nil
}

// wantEmpty checks that nothing is left in the table.
func (b *bench) wantEmpty() {
	b.t.Helper()
	defer b.settled()()
	if n := b.table.Len(); n != 0 {
		b.t.Fatalf("%d keys are left in the table, want none", n)
	}
}

// inBubble runs test with a bench of its own in a bubble, which also checks
// that no goroutine is left.
func inBubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		test(t, b)
		b.wantEmpty()
		b.table.Drain()
	})
}

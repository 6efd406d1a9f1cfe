package flight

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

var errTest = errors.New("test")

func panics(value any) func() (string, error) { return func() (string, error) { panic(value) } }

func exits() (string, error) {
	runtime.Goexit()
	return "unreachable", nil
}

// wantPanic checks that the caller got a PanicError with value.
func (c *caller) wantPanic(value any) *PanicError {
	c.b.t.Helper()
	defer c.b.settled()()
	p, ok := c.err.(*PanicError)
	if !c.returned || !ok || p.Value != value {
		c.b.t.Fatalf("the caller got %q, %T (returned: %v), want a panic with %v", c.value, c.err, c.returned, value)
	}
	return p
}

func TestPanicReachesAll(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two, leaver := b.get("key"), b.get("key"), b.get("key")
		leaver.leave()
		b.detach("key")
		late := b.get("key")
		b.load(0).do(panics(errTest))
		p := one.wantPanic(errTest)
		two.wantPanic(errTest)
		if !strings.Contains(string(p.Stack), "abnormal_test.go") {
			t.Errorf("the stack does not tell who panicked:\n%s", p.Stack)
		}
		if text := p.Error(); !strings.Contains(text, errTest.Error()) || !strings.Contains(text, "abnormal_test.go") {
			t.Errorf("want the value and the stack in %q", text)
		}
		if !errors.Is(p, errTest) {
			t.Error("want errors.Is to find an error that the load panicked with")
		}
		late.wantWaiting()
		b.load(1).give("value")
		late.wantValue("value")
	})
}

func TestPanicOfNoError(t *testing.T) {
	p := &PanicError{Value: "text"}
	if errors.Unwrap(p) != nil {
		t.Error("a value that is no error was unwrapped")
	}
	inBubble(t, func(t *testing.T, b *bench) {
		c := b.get("key")
		b.load(0).do(panics(nil))
		if p, ok := c.err.(*PanicError); !ok {
			t.Errorf("panic(nil) gave %v", c.err)
		} else if _, ok := p.Value.(*runtime.PanicNilError); !ok {
			t.Errorf("panic(nil) gave a panic with %v", p.Value)
		}
	})
}

func TestGoexitReachesAll(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		one, two := b.get("key"), b.get("key")
		b.load(0).do(exits)
		one.wantErr(storage.ErrUnavailable)
		two.wantErr(storage.ErrUnavailable)
		c := b.get("key")
		b.load(1).give("value")
		c.wantValue("value")
	})
}

func TestZombieMayPanicOrExit(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.get("key").leave()
		b.get("key").leave()
		c := b.get("key")
		b.load(0).do(panics("nobody cares"))
		b.load(1).do(exits)
		b.load(2).give("value")
		c.wantValue("value")
		b.wantFinished("key=value")
	})
}

func TestPanicThroughTwoLevelsIsWrappedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		lower := newBench(t)
		upper := b.get("key")
		load := b.load(0)
		load.do(func() (string, error) {
			lower.Lock()
			p, _ := lower.table.Join(load.ctx, "key", Func[string](func(context.Context, *Load[string]) (string, error) {
				panic("deep")
			}))
			lower.Unlock()
			value, err := p.Wait(load.ctx)
			Rethrow(err)
			return value, err
		})
		p := upper.wantPanic("deep")
		if n := strings.Count(p.Error(), "panic in a shared load"); n != 1 {
			t.Errorf("the panic says %d times that it is one: %s", n, p)
		}
	})
}

func TestRethrow(t *testing.T) {
	Rethrow(nil)
	Rethrow(errTest)
	p := &PanicError{Value: "text"}
	defer func() {
		if got := recover(); got != p {
			t.Errorf("Rethrow of a panic panicked with %v, want the same", got)
		}
	}()
	Rethrow(p)
}

func TestFinished(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		var c *caller
		called := false
		b.table.Finished = func(*Load[string], string, error) func() {
			return func() {
				called = true
				if !b.TryLock() {
					t.Error("the function is called with the lock held")
				} else {
					b.Unlock()
				}
				if c.returned {
					t.Error("the function is called after a caller has returned")
				}
			}
		}
		c = b.get("key")
		b.load(0).give("value")
		c.wantValue("value")
		if !called {
			t.Error("the function that Finished returned was not called")
		}
	})
}

func TestFinishedMayPanic(t *testing.T) {
	for name, finished := range map[string]func(*Load[string], string, error) func(){
		"with the lock": func(*Load[string], string, error) func() { panic("hook") },
		"without":       func(*Load[string], string, error) func() { return func() { panic("hook") } },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.table.Finished = finished
				one, two := b.get("key"), b.get("key")
				b.load(0).give("value")
				one.wantPanic("hook")
				two.wantPanic("hook")
			})
		})
	}
}

func TestFinishedMayExit(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.table.Finished = func(*Load[string], string, error) func() { return runtime.Goexit }
		c := b.get("key")
		b.load(0).give("value")
		if !c.returned {
			t.Error("the caller hangs")
		}
	})
}

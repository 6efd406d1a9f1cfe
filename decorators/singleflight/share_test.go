package singleflight_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/storage"
)

func TestStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, b.raw, "ns:key", "value")
		view := namespace.New(s, "ns")
		b.hold()
		const callers = 1000
		answers := make(chan string, callers)
		for i := range callers {
			go func() {
				var value []byte
				var err error
				if i%2 == 0 {
					value, err = s.Get(ctx, "ns:key")
				} else {
					value, err = view.Get(ctx, "key")
				}
				if err != nil {
					t.Error(err)
				}
				answers <- string(value)
			}()
		}
		b.wantCalls(t, storage.OpGet, 1)
		b.only(t).do(nil)
		for range callers {
			if value := <-answers; value != "value" {
				t.Errorf("a caller got %q", value)
			}
		}
		b.wantCalls(t, storage.OpGet, 1)
	})
}

func TestMissesAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		b.hold()
		one, two := later(ctx, s, "key"), later(ctx, s, "key")
		b.only(t).do(nil)
		one.wantErr(t, storage.ErrNotFound)
		two.wantErr(t, storage.ErrNotFound)
		if one.err != storage.ErrNotFound {
			t.Errorf("a miss is %v, want the bare sentinel", one.err)
		}
		b.wantCalls(t, storage.OpGet, 1)
	})
}

func TestNothingIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		for i, value := range []string{"one", "two"} {
			set(t, b.raw, "key", value)
			later(ctx, s, "key").want(t, value)
			b.wantCalls(t, storage.OpGet, i+1)
		}
	})
}

func TestKeysAreNotShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		a, c := namespace.New(s, "a"), namespace.New(s, "b")
		set(t, a, "key", "of a")
		set(t, c, "key", "of b")
		b.hold()
		one, two, three := later(ctx, a, "key"), later(ctx, c, "key"), later(ctx, s, "key")
		b.release()
		one.want(t, "of a")
		two.want(t, "of b")
		three.wantErr(t, storage.ErrNotFound)
	})
}

func TestCallersLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		b.hold()
		leads, leave := context.WithCancel(ctx)
		leader := later(leads, s, "key")
		hurries, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		hurried, follower := later(hurries, s, "key"), later(ctx, s, "key")
		start := time.Now()
		<-hurried.c
		hurried.wantErr(t, context.DeadlineExceeded)
		if took := time.Since(start); took != time.Millisecond {
			t.Errorf("a follower with a deadline of 1ms left after %v", took)
		}
		leave()
		leader.wantErr(t, context.Canceled)
		if !strings.HasPrefix(leader.err.Error(), "singleflight: get: ") {
			t.Errorf("the error %q does not tell where it is from", leader.err)
		}
		follower.wantWaiting(t)
		h := b.only(t)
		if h.ctx.Err() != nil {
			t.Error("the call was cancelled by its leader, and others wait for it")
		}
		h.do(nil)
		follower.want(t, "value")
	})
}

func TestLastCallerCancelsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		b.hold()
		leaves, leave := context.WithCancel(ctx)
		one, two := later(leaves, s, "key"), later(leaves, s, "key")
		leave()
		one.wantErr(t, context.Canceled)
		two.wantErr(t, context.Canceled)
		abandoned := b.only(t)
		if abandoned.ctx.Err() == nil {
			t.Error("the call goes on, and nobody waits for it")
		}
		again := later(ctx, s, "key") // it does not wait for what nobody else waits for
		b.only(t).do(nil)
		again.want(t, "value")
		abandoned.do(nil)
	})
}

func TestEndedContextMakesNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		later(ended, s, "key").wantErr(t, context.Canceled)
		later(ctx, s, "").wantErr(t, storage.ErrInvalidKey)
		b.wantCalls(t, storage.OpGet, 0)
	})
}

func TestCallCarriesTheValuesOfItsLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		b.hold()
		leads, cancel := context.WithTimeout(context.WithValue(ctx, ctxKey{}, "leader"), time.Hour)
		defer cancel()
		view := storage.In(s, storage.Scope{Prefix: "ns:", Name: "name"})
		later(leads, view, "key")
		later(context.WithValue(ctx, ctxKey{}, "follower"), s, "ns:key")
		h := b.only(t)
		if got := h.ctx.Value(ctxKey{}); got != "leader" {
			t.Errorf("the call carries the values of %v, want the leader's", got)
		}
		if _, ok := h.ctx.Deadline(); ok {
			t.Error("the call has the leader's deadline")
		}
		if want := (storage.Scope{Prefix: "ns:", Name: "name"}); h.scope != want {
			t.Errorf("the layer below sees the scope %v, want the leader's %v", h.scope, want)
		}
		h.do(nil)
	})
}

func TestClone(t *testing.T) {
	for _, clones := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var options []singleflight.Option[[]byte]
			if clones {
				options = append(options, singleflight.Clone(bytes.Clone))
			}
			s, b := newStore(t, options...)
			set(t, s, "key", "value")
			b.hold()
			one, two := later(ctx, s, "key"), later(ctx, s, "key")
			b.only(t).do(nil)
			one.want(t, "value")
			two.want(t, "value")
			one.value[0] = 'V'
			if clones && string(two.value) != "value" {
				t.Errorf("with Clone a caller sees what another wrote: %q", two.value)
			} else if !clones && string(two.value) != "Value" {
				t.Errorf("without Clone the value is not shared: %q", two.value)
			}
			_ = append(one.value[:4], 'E')
			if cap(two.value) != len(two.value) && !clones {
				t.Error("a shared value has room to append, where callers meet")
			}
		})
	}
}

// roomy is a store whose values have room behind them.
type roomy struct{ storage.ByteStore }

func (roomy) Get(context.Context, string) ([]byte, error) {
	return append(make([]byte, 0, 100), "value"...), nil
}

func TestCallersMayAppend(t *testing.T) {
	s := singleflight.New(storage.ByteStore(roomy{}))
	value, err := s.Get(ctx, "key")
	must(t, err)
	if cap(value) != len(value) {
		t.Errorf("a value of %d bytes has room for %d, where those who share it meet", len(value), cap(value))
	}
}

func TestCloneDoesNotSeeFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newStore(t, singleflight.Clone(func([]byte) []byte { panic("cloned what was not found") }))
		later(ctx, s, "key").wantErr(t, storage.ErrNotFound)
	})
}

func TestNewOfNothingPanics(t *testing.T) {
	defer func() {
		if got := recover(); got != "singleflight: New of a nil store" {
			t.Errorf("New(nil): %v", got)
		}
	}()
	singleflight.New[[]byte](nil)
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		view := namespace.New(s, "ns")
		b.hold()
		one, two := later(ctx, s, "key"), later(ctx, view, "key")
		must(t, storage.Close(view)) // does nothing
		one.wantWaiting(t)
		two.wantWaiting(t)
		closed := make(chan error, 2)
		for range cap(closed) {
			go func() { closed <- s.Close() }()
		}
		one.wantErr(t, storage.ErrClosed)
		two.wantErr(t, storage.ErrClosed)
		b.mu.Lock()
		for _, h := range b.held {
			if h.ctx.Err() == nil {
				t.Error("a call was not cancelled")
			}
		}
		b.mu.Unlock()
		if len(closed) != 0 {
			t.Error("Close returned while a call was in progress")
		}
		b.release()
		synctest.Wait()
		if len(closed) != 2 {
			t.Error("Close does not return")
		}
		later(ctx, s, "key").wantErr(t, storage.ErrClosed)
		later(ctx, view, "key").wantErr(t, storage.ErrClosed)
		if !errors.Is(one.err, storage.ErrClosed) || !storage.Failed(one.err) {
			t.Errorf("%v is no failure", one.err)
		}
		if value, err := b.raw.Get(ctx, "key"); string(value) != "value" || err != nil {
			t.Errorf("the store below is not as it was: %q, %v", value, err)
		}
	})
}

// Who brings a context that cannot end waits for its call, and so does Close.
func TestCloseWaitsForTheEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newStore(t)
		set(t, s, "key", "value")
		b.hold()
		got := make(chan error, 1)
		go func() {
			_, err := s.Get(context.Background(), "key")
			got <- err
		}()
		synctest.Wait()
		follower := later(ctx, s, "key")
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		follower.wantErr(t, storage.ErrClosed)
		if len(got) != 0 || len(closed) != 0 {
			t.Error("Get or Close returned while the call was in progress")
		}
		b.release()
		if err := <-got; !errors.Is(err, storage.ErrClosed) {
			t.Errorf("Get returned %v, want ErrClosed", err)
		}
		must(t, <-closed)
	})
}

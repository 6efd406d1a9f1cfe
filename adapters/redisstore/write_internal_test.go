package redisstore

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// What is known of a batch after each of its commands met something: nothing,
// or what is in its list.
func TestFate(t *testing.T) {
	const (
		out     = "sent"
		did     = "answered"
		refused = "refused"
		lost    = "no answer"
	)
	for _, c := range []struct {
		commands []string
		unknown  bool // if the call fails
		maybe    bool // if the caller leaves
	}{
		{[]string{""}, false, false},
		{[]string{out}, true, true},
		{[]string{out + refused}, false, false},
		{[]string{out + refused + out}, true, true},
		{[]string{out + refused + out + refused}, false, false},
		{[]string{out + lost}, true, true},
		{[]string{out + did}, true, true},     // then an error says something else
		{[]string{"", refused}, false, false}, // a server that takes no connection
		{[]string{out + did, out + refused}, false, true},
		{[]string{out + did, ""}, false, true},
		{[]string{out + refused, out + lost}, true, true},
		{[]string{"", out}, true, true},
		{[]string{out + did, out + did}, true, true},
	} {
		b := newWriteBatch(len(c.commands))
		for i, met := range c.commands {
			b.add(t.Context(), "k", func(key *write) []any { return []any{"set", key, "v"} })
			for met != "" {
				switch {
				case cut(&met, out):
					if _, err := b.writes[i].MarshalBinary(); err != nil {
						t.Fatal(err)
					}
				case cut(&met, did):
					b.cmds[i].SetErr(nil)
				case cut(&met, refused):
					b.cmds[i].SetErr(greeting("MOVED 1 host:1"))
				case cut(&met, lost):
					b.cmds[i].SetErr(io.EOF)
				}
			}
		}
		if got := b.fate.unknown(); got != c.unknown {
			t.Errorf("%q: unknown is %v", c.commands, got)
		}
		if got := b.fate.abandon(); got != c.maybe {
			t.Errorf("%q: abandon is %v", c.commands, got)
		}
		if got := b.fate.unknown(); got != c.unknown {
			t.Errorf("%q: unknown is %v after the caller has left", c.commands, got)
		}
	}
}

func cut(s *string, prefix string) bool {
	if len(*s) < len(prefix) || (*s)[:len(prefix)] != prefix {
		return false
	}
	*s = (*s)[len(prefix):]
	return true
}

// Whoever asks for the bytes of a command a second time, without an answer in
// between, does not get them, and neither does one whose caller has left.
func TestWriteGoesOutOnce(t *testing.T) {
	w := newWrite("k")
	cmd := newOnce(t.Context(), []any{"evalsha", "sha", 1, w})
	send := func(want error) {
		t.Helper()
		if key, err := w.MarshalBinary(); !errors.Is(err, want) || err == nil && string(key) != "k" {
			t.Errorf("%q, %v, want %v", key, err, want)
		}
	}
	send(nil)
	send(errSentTwice)
	cmd.SetErr(io.EOF)
	send(errSentTwice)
	cmd.SetErr(greeting("NOSCRIPT"))
	send(nil)
	cmd.SetErr(redis.Nil)
	send(errSentTwice)
	if !w.fate.abandon() {
		t.Error("it was done")
	}

	w = newWrite("k")
	if w.fate.abandon() {
		t.Error("it was not sent")
	}
	send(errAbandoned)
	send(errAbandoned)
	if w.fate.unknown() {
		t.Error("it was not sent")
	}
}

// Either the caller learns that the command was sent, or it is not sent.
func TestLeavingRacesWithSending(t *testing.T) {
	for range 10_000 {
		w := newWrite("k")
		var sent, maybe bool
		var both sync.WaitGroup
		both.Go(func() {
			_, err := w.MarshalBinary()
			sent = err == nil
		})
		both.Go(func() { maybe = w.fate.abandon() })
		both.Wait()
		if sent && !maybe {
			t.Fatal("the caller was told that nothing was sent")
		}
	}
}

// What a Sentinel does not know is not absent from the store.
func TestNilOfASentinel(t *testing.T) {
	err := errors.Join(errors.New("redis: all sentinels"), redis.Nil)
	var o outcome
	o.add(err)
	if got := o.of(nil); got != err {
		t.Errorf("of a pipeline: %v", got)
	}
	if got := newLink(nil, false, 0).fail(t.Context(), storage.OpGet, err, nil); !errors.Is(got, storage.ErrUnavailable) {
		t.Errorf("got %v", got)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := newLink(nil, false, 0).fail(ended, storage.OpGet, err, nil); !errors.Is(got, context.Canceled) {
		t.Errorf("with an ended context: got %v", got)
	}
}

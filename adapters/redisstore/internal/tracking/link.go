package tracking

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// A Kind is what an [Event] is about.
type Kind int

const (
	// Changed says that Key may have another value now, or none.
	Changed Kind = iota + 1

	// Flushed says so of every key.
	Flushed

	// Beat says that every change that was acknowledged to its writer before
	// Sent has been told.
	Beat
)

// An Event is what a link tells.
type Event struct {
	Kind Kind
	Key  string
	Sent time.Time
}

// Channel is what the link subscribes to. Nobody publishes there.
const Channel = "tunica:link"

// Options say what a link is to.
type Options struct {
	// Dial connects to the server, ready for its first command.
	Dial func(ctx context.Context) (net.Conn, error)

	// Credentials returns the user and the password to log in with, both "" for
	// none. nil is none.
	Credentials func(ctx context.Context) (user, password string, err error)

	// Prefix is what the keys begin with that are told of. "" is all keys.
	Prefix string

	// Interval is the time from one PING to the next.
	Interval time.Duration

	// Silence is how long the server may say nothing before the link ends.
	Silence time.Duration
}

// A Refusal is the error of a server that makes no link, and would not the next
// time: it does not know RESP3 or tracking, or does not let this user.
type Refusal struct {
	Step  string // the command that was refused, without what is secret
	Reply error  // the server's
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("the server refuses %s: %v", r.Step, r.Reply)
}

func (r *Refusal) Unwrap() error { return r.Reply }

// Run connects, and calls tell for each event in the order in which the server
// tells them, the first of which is a Beat. It never calls tell twice at a time.
// It returns when ctx ends, or when the link is lost, and always with an error.
func Run(ctx context.Context, o Options, tell func(Event)) error {
	conn, err := o.Dial(ctx)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer func() {
		stop()
		_ = conn.Close()
	}()
	l := &link{Options: o, conn: conn, in: bufio.NewReaderSize(conn, 16<<10), pings: make(chan time.Time, maxPings)}
	err = l.greet(ctx)
	if err == nil {
		err = l.serve(tell)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// maxPings is how many PINGs can be without an answer. Silence ends the link before.
const maxPings = 1024

type link struct {
	Options
	conn  net.Conn
	in    *bufio.Reader
	pings chan time.Time // when those were sent that have no answer
}

// greet makes a link of the connection. Nothing is told before the answers to
// these commands but what is pushed after the tracking has begun.
func (l *link) greet(ctx context.Context) error {
	hello := []string{"hello", "3"}
	if l.Credentials != nil {
		user, password, err := l.Credentials(ctx)
		if err != nil {
			return err
		}
		if password != "" {
			if user == "" {
				user = "default"
			}
			hello = append(hello, "auth", user, password)
		}
	}
	tracking := []string{"client", "tracking", "on", "bcast"}
	if l.Prefix != "" {
		tracking = append(tracking, "prefix", l.Prefix)
	}
	for _, step := range []struct {
		name    string
		command []string
	}{
		{"HELLO 3, with which RESP3 begins", hello},
		{"SUBSCRIBE " + Channel, []string{"subscribe", Channel}},
		{"CLIENT TRACKING", tracking},
	} {
		if err := l.ask(step.name, step.command); err != nil {
			return err
		}
	}
	return nil
}

// ask sends a command and waits for its answer.
func (l *link) ask(step string, command []string) error {
	if err := l.conn.SetDeadline(time.Now().Add(l.Silence)); err != nil {
		return err
	}
	if _, err := l.conn.Write(appendCommand(nil, command...)); err != nil {
		return err
	}
	value, err := read(l.in)
	if err != nil {
		return err
	}
	if r, ok := value.(reply); ok {
		if transient(string(r)) {
			return r
		}
		return &Refusal{step, r}
	}
	return nil
}

// transient reports whether a server that says so may say something else soon.
func transient(reply string) bool {
	word, _, _ := strings.Cut(reply, " ")
	switch word {
	case "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN":
		return true
	}
	return strings.HasPrefix(reply, "ERR max number of clients")
}

// serve sends PINGs, and tells what the server says, until the connection breaks.
func (l *link) serve(tell func(Event)) error {
	if err := l.conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	over := make(chan struct{})
	beaten := make(chan error, 1)
	go func() { beaten <- l.beat(over) }()
	err := l.listen(tell)
	close(over)
	_ = l.conn.Close()
	if failed := <-beaten; failed != nil && errors.Is(err, net.ErrClosed) {
		return failed
	}
	return err
}

// beat sends a PING at once, and at intervals.
func (l *link) beat(over <-chan struct{}) error {
	ticker := time.NewTicker(l.Interval)
	defer ticker.Stop()
	ping := appendCommand(nil, "ping")
	for {
		select {
		case l.pings <- time.Now():
		default:
			_ = l.conn.Close()
			return errors.New("PINGs without an answer")
		}
		if err := l.conn.SetWriteDeadline(time.Now().Add(l.Silence)); err != nil {
			return err
		}
		if _, err := l.conn.Write(ping); err != nil {
			_ = l.conn.Close()
			return err
		}
		select {
		case <-ticker.C:
		case <-over:
			return nil
		}
	}
}

// listen tells what the server says.
func (l *link) listen(tell func(Event)) error {
	for {
		if err := l.conn.SetReadDeadline(time.Now().Add(l.Silence)); err != nil {
			return err
		}
		value, err := read(l.in)
		if err != nil {
			return err
		}
		switch value := value.(type) {
		case push:
			if err := l.pushed(value, tell); err != nil {
				return err
			}
		case reply:
			return value
		default: // the answer to a PING; those come in the order in which they are asked for
			select {
			case sent := <-l.pings:
				tell(Event{Kind: Beat, Sent: sent})
			default:
				return errProtocol
			}
		}
	}
}

// pushed tells what a message says: the names of keys that have changed, or null for
// all of them.
func (l *link) pushed(message push, tell func(Event)) error {
	if len(message) != 2 || message[0] != "invalidate" {
		return nil // of another kind, which later servers may have
	}
	names, ok := message[1].([]any)
	if !ok {
		if message[1] == nil {
			tell(Event{Kind: Flushed})
			return nil
		}
		return errProtocol
	}
	for _, name := range names {
		key, ok := name.(string)
		if !ok { // too long to be kept
			tell(Event{Kind: Flushed})
			continue
		}
		tell(Event{Kind: Changed, Key: key})
	}
	return nil
}

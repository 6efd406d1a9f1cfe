package redistest

import (
	"errors"
	"io"
	"time"
)

// A chunk is what the server said at a time.
type chunk struct {
	b   []byte
	at  time.Time
	err error // nothing comes after it
}

// read reads from the server.
func (l *link) read(chunks chan<- chunk) {
	defer close(chunks)
	for {
		b := make([]byte, 32<<10)
		n, err := l.server.Read(b)
		chunks <- chunk{b[:n], time.Now(), err}
		if err != nil {
			return
		}
	}
}

// down sends to the client what the server says, when its time has come.
func (l *link) down(chunks <-chan chunk) {
	for c := range chunks {
		for b := c.b; len(b) > 0; {
			n, due := l.cut(b)
			if l.await(c.at) {
				l.write(b[:n])
			}
			b = b[n:]
			if due != nil {
				l.strike(due)
			}
		}
		if c.err != nil && l.await(c.at) {
			how := reset
			if errors.Is(c.err, io.EOF) {
				how = ended
			}
			l.p.mu.Lock()
			l.end(how)
			l.p.mu.Unlock()
		}
	}
}

// cut returns how much of b is to be written before a fault strikes, if one does.
func (l *link) cut(b []byte) (n int, due *dueStrike) {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	for n < len(b) {
		push := l.replies.kind == '>'
		if l.replies.left == 0 {
			push = b[n] == '>' // nobody asked for it
		}
		if len(l.due) > 0 && (l.stream || l.replies.left == 0 && !push && l.due[0].request == l.answered) {
			due, l.due = &l.due[0], l.due[1:]
			return n, due
		}
		k, end := l.replies.next(b[n:])
		n += k
		if end && !push {
			l.answered++
		}
	}
	return n, nil
}

// await waits until what the server said at a time may be told to the client, and
// reports whether the proxy is still there.
func (l *link) await(said time.Time) bool {
	for {
		l.p.mu.Lock()
		f, closed, changed := l.p.fault, l.p.closed, l.p.changed
		held := f.kind == silent || l.silent && !l.over
		at := l.late
		if f.kind == late && said.Add(f.delay).After(at) {
			at = said.Add(f.delay)
		}
		l.p.mu.Unlock()
		switch d := time.Until(at); {
		case closed:
			return false
		case held:
			<-changed
		case d <= 0:
			return true
		default:
			timer := time.NewTimer(d)
			select {
			case <-timer.C:
			case <-changed:
			}
			timer.Stop()
		}
	}
}

func (l *link) write(b []byte) {
	l.p.mu.Lock()
	mute := l.mute
	l.p.mu.Unlock()
	if !mute && len(b) > 0 {
		_, _ = l.client.Write(b) // a client that is gone is noticed by up
	}
}

// strike lets an armed fault strike at the reply that is next.
func (l *link) strike(due *dueStrike) {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	if due.healed != l.p.healed {
		return // disarmed
	}
	l.p.pending--
	switch f := due.fault; f.kind {
	case late:
		l.late = time.Now().Add(f.delay)
	case silent:
		l.silent = true
	default:
		l.end(f.kind)
	}
}

// end closes the client's connection. The caller holds the proxy's mutex.
func (l *link) end(how faultKind) {
	switch how {
	case halfClosed:
		_ = l.client.CloseWrite()
	case ended:
		_ = l.client.CloseWrite() // so that it comes before a reset for what is not read
		_ = l.client.Close()
	case reset:
		_ = l.client.SetLinger(0)
		_ = l.client.Close()
	}
	l.mute = true
	l.over = l.over || how != halfClosed
}

package redistest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// askTimeout is the patience for the replies of one server that runs.
const askTimeout = 10 * time.Second

// A replyError is what a server answers with a minus.
type replyError string

func (e replyError) Error() string { return string(e) }

// ask sends the commands, in one go and on a connection of its own, and returns
// a reply to each: a string, an int64, a []any, a replyError or nil. It leaves
// by QUIT and waits until the server has let it go, so that it does not count
// among the server's clients any more.
func (p *process) ask(deadline time.Time, commands ...[]string) ([]any, error) {
	conn, err := p.dial(deadline)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, err
	}
	login := p.conf.login()
	if _, err := conn.Write(encode(append(append(login, commands...), []string{"QUIT"})...)); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	replies := make([]any, len(login)+len(commands))
	for i := range replies {
		if replies[i], err = readReply(r); err != nil {
			return nil, err
		}
	}
	if quit, err := readReply(r); err == nil && quit == "OK" { // a sentinel may not know QUIT
		_, _ = io.Copy(io.Discard, r)
	}
	return replies[len(login):], nil
}

func (p *process) dial(deadline time.Time) (net.Conn, error) {
	d := &net.Dialer{Deadline: deadline}
	if c := p.conf.certs.config(); c != nil {
		return tls.DialWithDialer(d, "tcp", p.addr(), c)
	}
	return d.Dial("tcp", p.addr())
}

// do sends one command and returns its reply; an error reply is an error.
func (p *process) do(args ...string) (any, error) {
	replies, err := p.ask(time.Now().Add(askTimeout), args)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", args[0], p.addr(), err)
	}
	if e, ok := replies[0].(replyError); ok {
		return nil, fmt.Errorf("%s to %s: %w", strings.Join(args[:min(2, len(args))], " "), p.addr(), e)
	}
	return replies[0], nil
}

// ping returns nil when the server answers, be it with a demand for a password.
func (p *process) ping(deadline time.Time) error {
	replies, err := p.ask(deadline, []string{"PING"})
	if err != nil {
		return err
	}
	if e, ok := replies[0].(replyError); ok && strings.HasPrefix(string(e), "LOADING") {
		return errors.New("server is loading its data")
	}
	return nil
}

// encode returns the commands as a client sends them.
func encode(commands ...[]string) []byte {
	var b []byte
	for _, args := range commands {
		b = fmt.Appendf(b, "*%d\r\n", len(args))
		for _, a := range args {
			b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
		}
	}
	return b
}

// readReply reads one reply as a server writes it to a client that has not said
// which version of the protocol it speaks.
func readReply(r *bufio.Reader) (any, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return nil, errors.New("empty reply")
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '+':
		return rest, nil
	case '-':
		return replyError(rest), nil
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reply %q is not of Redis's protocol", line)
	}
	switch {
	case kind == ':':
		return n, nil
	case n < 0:
		return nil, nil
	case kind == '$':
		bulk := make([]byte, n+2)
		_, err := io.ReadFull(r, bulk)
		return string(bulk[:n]), err
	case kind == '*':
		items := make([]any, n)
		for i := range items {
			if items[i], err = readReply(r); err != nil {
				return nil, err
			}
		}
		return items, nil
	}
	return nil, fmt.Errorf("reply %q is not of Redis's protocol", line)
}

// fields returns a reply of names and values by name.
func fields(reply any) map[string]string {
	m := make(map[string]string)
	items, _ := reply.([]any)
	for i := 0; i+1 < len(items); i += 2 {
		name, _ := items[i].(string)
		m[name], _ = items[i+1].(string)
	}
	return m
}

// section returns the fields of a reply to INFO by name.
func section(reply any) map[string]string {
	m := make(map[string]string)
	text, _ := reply.(string)
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			m[name] = value
		}
	}
	return m
}

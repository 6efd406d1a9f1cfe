package tracking

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// errProtocol says that the server does not speak RESP3 as it should.
var errProtocol = errors.New("a reply that is not RESP3")

// limits of what is read: a name that is longer, or a reply with more elements, is
// none that a link has to do with. (A HELLO has some ten elements.)
const (
	maxBulk     = 1 << 20
	maxElements = 1 << 20
	maxDepth    = 4
)

// A reply is an error reply of a server.
type reply string

func (r reply) Error() string { return string(r) }

// RedisError implements [redis.Error].
func (reply) RedisError() {}

// push is a message of the server that answers nothing.
type push []any

// long stands for a string that is too long to be kept.
type long struct{}

// read returns the next value: a string, an int64, nil, a reply, a push, a []any,
// which a map is too with its keys and values in turn, or long{}.
func read(in *bufio.Reader) (any, error) { return readValue(in, 0) }

func readValue(in *bufio.Reader, depth int) (any, error) {
	line, err := readLine(in)
	if err != nil {
		return nil, err
	}
	if len(line) == 0 || depth > maxDepth {
		return nil, errProtocol
	}
	switch text := line[1:]; line[0] {
	case '+', ',', '(':
		return text, nil
	case '-':
		return reply(text), nil
	case ':':
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errProtocol
		}
		return n, nil
	case '#':
		return text == "t", nil
	case '_':
		return nil, nil
	case '$', '=', '!':
		return readBulk(in, line[0], text)
	case '*', '~', '>', '%', '|':
		return readMany(in, line[0], text, depth)
	}
	return nil, errProtocol
}

func readBulk(in *bufio.Reader, kind byte, text string) (any, error) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < -1:
		return nil, errProtocol
	case n == -1:
		return nil, nil
	case n > maxBulk:
		if _, err := io.CopyN(io.Discard, in, int64(n)+2); err != nil {
			return nil, err
		}
		return long{}, nil
	}
	data := make([]byte, n+2)
	if _, err := io.ReadFull(in, data); err != nil {
		return nil, err
	}
	if string(data[n:]) != "\r\n" {
		return nil, errProtocol
	}
	if kind == '!' {
		return reply(data[:n]), nil
	}
	return string(data[:n]), nil
}

func readMany(in *bufio.Reader, kind byte, text string, depth int) (any, error) {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < -1 || n > maxElements:
		return nil, errProtocol
	case n == -1:
		return nil, nil
	case kind == '%' || kind == '|':
		n *= 2
	}
	values := make([]any, 0, min(n, 64))
	for range n {
		value, err := readValue(in, depth+1)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	switch kind {
	case '|': // attributes of what follows
		return readValue(in, depth+1)
	case '>':
		return push(values), nil
	}
	return values, nil
}

// readLine returns a line without its end.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errProtocol
	}
	if err != nil {
		return "", err
	}
	if n := len(line); n >= 2 && line[n-2] == '\r' {
		return string(line[:n-2]), nil
	}
	return "", errProtocol
}

// appendCommand appends a command as it goes out.
func appendCommand(out []byte, args ...string) []byte {
	out = fmt.Appendf(out, "*%d\r\n", len(args))
	for _, arg := range args {
		out = fmt.Appendf(out, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return out
}

package tracking

import (
	"bufio"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for text, want := range map[string]any{
		"+OK\r\n":                        "OK",
		"-ERR no\r\n":                    reply("ERR no"),
		"!6\r\nERR no\r\n":               reply("ERR no"),
		":-5\r\n":                        int64(-5),
		"#t\r\n":                         true,
		"_\r\n":                          nil,
		"$-1\r\n":                        nil,
		"*-1\r\n":                        nil,
		"$0\r\n\r\n":                     "",
		"$4\r\na\r\nb\r\n":               "a\r\nb",
		"=6\r\ntxt:ab\r\n":               "txt:ab",
		",1.5\r\n":                       "1.5",
		"*2\r\n:1\r\n*0\r\n":             []any{int64(1), []any{}},
		"~1\r\n+a\r\n":                   []any{"a"},
		"%1\r\n+a\r\n:1\r\n":             []any{"a", int64(1)},
		"|1\r\n+ttl\r\n:1\r\n+after\r\n": "after",
		">2\r\n$10\r\ninvalidate\r\n*1\r\n+k\r\n": push{"invalidate", []any{"k"}},
		">2\r\n$10\r\ninvalidate\r\n_\r\n":        push{"invalidate", nil},
	} {
		got, err := read(bufio.NewReader(strings.NewReader(text)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v, want %#v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"\r\n", "+OK\n", "?1\r\n", ":x\r\n", "$x\r\n", "$-2\r\n", "$1\r\nabc", "*x\r\n", "*-2\r\n", "*1048577\r\n",
		strings.Repeat("*1\r\n", 6), "+" + strings.Repeat("a", 5000) + "\r\n",
	} {
		if got, err := read(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, errProtocol) {
			t.Errorf("%.20q: %#v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "+OK", "$5\r\nab", "*2\r\n:1\r\n", "$2000000\r\nab"} {
		if got, err := read(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%.20q: %#v, %v", text, got, err)
		}
	}
}

package redistest

import (
	"slices"
	"strings"
	"testing"
)

// Requests and replies, and how they are told apart.
var streamsOfFrames = []struct {
	stream string
	want   []string // each frame
	first  []string // its first bulk or word
}{
	{"*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nget\r\n$0\r\n\r\n", []string{"*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nget\r\n$0\r\n\r\n"}, []string{"PING", "get"}},
	{"*3\r\n$3\r\nset\r\n$1\r\nk\r\n$20\r\n*1\r\n$3\r\nget\r\n+OK\r\nAB\r\n", nil, []string{"set"}},
	{"PING\r\nget  key\n", []string{"PING\r\n", "get  key\n"}, []string{"PING", "get"}},
	{"\r\n*0\r\n*-1\r\n", []string{"\r\n", "*0\r\n", "*-1\r\n"}, []string{"", "", ""}},
	{"+OK\r\n-ERR no\r\n:1\r\n_\r\n#t\r\n,1.5\r\n(12\r\n", []string{"+OK\r\n", "-ERR no\r\n", ":1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(12\r\n"}, nil},
	{"$-1\r\n*-1\r\n$0\r\n\r\n*0\r\n", []string{"$-1\r\n", "*-1\r\n", "$0\r\n\r\n", "*0\r\n"}, nil},
	{"*2\r\n*1\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+OK\r\n", []string{"*2\r\n*1\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n", "+OK\r\n"}, nil},
	{"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n%0\r\n", []string{"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", "%0\r\n"}, nil},
	{">2\r\n+a\r\n:1\r\n~1\r\n:1\r\n=7\r\ntxt:abc\r\n!3\r\nERR\r\n", []string{">2\r\n+a\r\n:1\r\n", "~1\r\n:1\r\n", "=7\r\ntxt:abc\r\n", "!3\r\nERR\r\n"}, nil},
	{"|1\r\n+ttl\r\n:1\r\n$1\r\nv\r\n+OK\r\n", []string{"|1\r\n+ttl\r\n:1\r\n$1\r\nv\r\n", "+OK\r\n"}, nil},
	{"*2\r\n|1\r\n+ttl\r\n:1\r\n:5\r\n:6\r\n+OK\r\n", []string{"*2\r\n|1\r\n+ttl\r\n:1\r\n:5\r\n:6\r\n", "+OK\r\n"}, nil},
}

func TestFrames(t *testing.T) {
	t.Parallel()
	for _, tt := range streamsOfFrames {
		want := tt.want
		if want == nil {
			want = []string{tt.stream}
		}
		for size := 1; size <= len(tt.stream); size++ {
			got, first := framesOf(tt.stream, size)
			if !slices.Equal(got, want) {
				t.Errorf("%q in pieces of %d: got %q, want %q", tt.stream, size, got, want)
			}
			if tt.first != nil && !slices.Equal(first, tt.first) {
				t.Errorf("%q in pieces of %d: got first %q, want %q", tt.stream, size, first, tt.first)
			}
		}
	}
}

// framesOf cuts a stream into frames that comes in pieces of a size.
func framesOf(stream string, size int) (all, first []string) {
	var f frames
	var frame strings.Builder
	for piece := range slices.Chunk([]byte(stream), size) {
		for len(piece) > 0 {
			n, end := f.next(piece)
			frame.Write(piece[:n])
			piece = piece[n:]
			if end {
				all, first = append(all, frame.String()), append(first, string(f.first))
				frame.Reset()
			}
		}
	}
	return all, first
}

func FuzzFrames(f *testing.F) {
	for _, tt := range streamsOfFrames {
		f.Add(tt.stream, 3)
	}
	f.Add("*2147483647\r\n$99999999999999999999\r\n%-2147483648\r\n\x16\x03\x01\n", 1)
	f.Fuzz(func(t *testing.T, stream string, size int) {
		if size < 1 || size > len(stream) {
			size = max(1, len(stream))
		}
		whole, _ := framesOf(stream, max(1, len(stream)))
		pieces, _ := framesOf(stream, size)
		if !slices.Equal(whole, pieces) {
			t.Errorf("got %q of the whole and %q of pieces of %d", whole, pieces, size)
		}
	})
}

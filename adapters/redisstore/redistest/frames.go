package redistest

import (
	"bytes"
	"strconv"
)

// frames finds where the requests or the replies in a stream of Redis's
// protocol, version 2 or 3, begin and end, wherever the stream is cut. Of a
// stream of anything else it makes something, without harm.
type frames struct {
	left  int    // values of the present frame that are yet to come; 0: between two frames
	kind  byte   // the first byte of the present frame
	bulk  int    // bytes of the present bulk that are yet to come, with its end of line
	line  []byte // the present line so far, or its beginning
	first []byte // the first bulk of the present frame, or its beginning; of an inline command the first word
	named bool   // first is complete
}

// maxHeld is how much is kept of a line and of a name: more than any length and
// any command have.
const maxHeld = 64

// next consumes what belongs to the present frame, or else to the next one, and
// reports whether the frame ends there. There is something in b.
func (f *frames) next(b []byte) (n int, end bool) {
	if f.left == 0 {
		f.left, f.kind, f.first, f.named = 1, b[0], f.first[:0], false
	}
	for n < len(b) && f.left > 0 {
		if f.bulk > 0 {
			n += f.content(b[n:])
			continue
		}
		c := b[n]
		n++
		if c == '\n' {
			f.header(bytes.TrimSuffix(f.line, []byte("\r")))
			f.line = f.line[:0]
		} else if len(f.line) < maxHeld {
			f.line = append(f.line, c)
		}
	}
	return n, f.left == 0
}

// content consumes what is there of a bulk.
func (f *frames) content(b []byte) int {
	n := min(f.bulk, len(b))
	if text := min(n, f.bulk-2, maxHeld-len(f.first)); !f.named && text > 0 {
		f.first = append(f.first, b[:text]...)
	}
	f.bulk -= n
	if f.bulk == 0 {
		f.left--
		f.named = true
	}
	return n
}

// header takes a line that is not in a bulk.
func (f *frames) header(line []byte) {
	f.left--
	if len(line) == 0 {
		return
	}
	n, err := strconv.ParseInt(string(line[1:]), 10, 32)
	switch kind := line[0]; kind {
	case '$', '=', '!': // bulk, verbatim text, error
		if err == nil && n >= 0 {
			f.left++
			f.bulk = int(n) + 2
		}
	case '*', '~', '>': // array, set, push
		f.left += int(max(n, 0))
	case '%': // map
		f.left += 2 * int(max(n, 0))
	case '|': // attributes, and what they are of
		f.left += 2*int(max(n, 0)) + 1
	default:
		if word := bytes.Fields(line); !f.named && len(word) > 0 {
			f.first, f.named = append(f.first, word[0]...), true
		}
	}
}

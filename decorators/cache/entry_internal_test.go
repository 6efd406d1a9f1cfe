package cache

import (
	"strings"
	"testing"
)

// Keys are found by all of their bytes and by nothing else, whether they stand in
// the entry or elsewhere.
func TestEntryKey(t *testing.T) {
	for _, length := range []int{0, 1, shortKey - 1, shortKey, shortKey + 1, 300} {
		text := strings.Repeat("k", length)
		e := entryOf(text, 1)
		if e.key() != text {
			t.Errorf("%d bytes: the key is %q", length, e.key())
		}
		for n := range length + 1 {
			if !e.is(text[:n], text[n:]) || !e.under(text[:n]) {
				t.Errorf("%d bytes: not the entry of its key in parts of %d and %d bytes", length, n, length-n)
			}
			if n < length && (e.is(text[:n], text[n+1:]) || e.is(text[:n], "x"+text[n+1:]) || e.is(text[:n]+"x", text[n+1:]) || e.under(text[:n]+"x")) {
				t.Errorf("%d bytes: the entry of a key that differs at byte %d", length, n)
			}
		}
		if e.is(text, "k") || e.is("", text+"k") || e.under(text+"k") {
			t.Errorf("%d bytes: the entry of a longer key", length)
		}
	}
}

package cache

import (
	"testing"
	"unsafe"
)

// The figures of docs/performance.md, "Where the memory goes".
func TestSizes(t *testing.T) {
	var (
		e entry[[]byte]
		s slot[[]byte]
		l link[[]byte]
	)
	for name, size := range map[string]struct{ is, want uintptr }{
		"an entry":                  {unsafe.Sizeof(e), 160},
		"what a hit looks at":       {unsafe.Sizeof(e) - unsafe.Offsetof(e.place.uses) - unsafe.Offsetof(e.place), 96},
		"a slot of the table":       {unsafe.Sizeof(s), 16},
		"a place in a second order": {unsafe.Sizeof(l), 32},
	} {
		if size.is != size.want {
			t.Errorf("%s has %d bytes, docs/performance.md says %d", name, size.is, size.want)
		}
	}
	begins := unsafe.Offsetof(e.place) + unsafe.Offsetof(e.place.uses)
	for name, offset := range map[string]uintptr{
		"own": unsafe.Offsetof(e.own), "memo": unsafe.Offsetof(e.memo), "value": unsafe.Offsetof(e.value),
		"expires": unsafe.Offsetof(e.expires), "absent": unsafe.Offsetof(e.absent),
		"n": unsafe.Offsetof(e.n), "short": unsafe.Offsetof(e.short),
	} {
		if offset < begins {
			t.Errorf("a hit looks at %s, which stands before the others", name)
		}
	}
	if begins%64 != 0 { // and an entry begins at a multiple of 32
		t.Errorf("what a hit looks at begins at %d, and can be in three lines", begins)
	}
}

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
		"what a hit looks at":       {unsafe.Sizeof(e) - unsafe.Offsetof(e.place.uses) - unsafe.Offsetof(e.place), 88},
		"a slot of the table":       {unsafe.Sizeof(s), 16},
		"a place in a second order": {unsafe.Sizeof(l), 32},
	} {
		if size.is != size.want {
			t.Errorf("%s has %d bytes, docs/performance.md says %d", name, size.is, size.want)
		}
	}
}

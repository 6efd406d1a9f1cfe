package suite

import (
	"fmt"
	"sync"

	"github.com/tunica-go/tunica/internal/bench/workload"
)

const (
	manyKeys  = 100_000
	valueSize = 1 << 10
	seed      = 20261130
)

// data is what the contests over many keys have in common: made once, and
// written by nobody.
type data struct {
	keys          []string // "k00000042"
	full          []string // "sessions:k00000042"
	values        [][]byte
	zipf, uniform []uint32
}

var world = sync.OnceValue(func() *data {
	d := &data{
		keys:    make([]string, manyKeys),
		full:    make([]string, manyKeys),
		values:  make([][]byte, manyKeys),
		zipf:    workload.Zipf(manyKeys, 1<<20, seed),
		uniform: workload.Uniform(manyKeys, 1<<20, seed),
	}
	for i := range d.keys {
		d.keys[i] = keyName(i)
		d.full[i] = "sessions:" + keyName(i)
		d.values[i] = value(i, valueSize)
	}
	return d
})

// keyName and keyNumber are inverse to each other.
func keyName(i int) string { return fmt.Sprintf("k%08d", i) }

// keyNumber reads the last eight bytes of key.
func keyNumber(key string) int {
	n := 0
	for _, c := range []byte(key[len(key)-8:]) {
		n = 10*n + int(c-'0')
	}
	return n
}

// value returns size bytes that differ from key to key and do not compress.
func value(i, size int) []byte {
	v := make([]byte, size)
	x := uint64(i)*0x9e3779b97f4a7c15 + 1
	for j := range v {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		v[j] = byte(x)
	}
	return v
}

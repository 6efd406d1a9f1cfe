// Package leaktest is for the TestMain of packages whose tests must leave no
// goroutine.
package leaktest

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// Run runs the tests and returns their exit code, which is 1 if within ten
// seconds there are not as few goroutines as before and kept more. Those that
// live as long as the process does are kept.
func Run(m *testing.M, kept int) int {
	before := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && !Settles(before+kept) {
		fmt.Fprintf(os.Stderr, "goroutines: %d before the tests, %d after, %d are kept\n", before, runtime.NumGoroutine(), kept)
		return 1
	}
	return code
}

// Settles reports whether there are no more than so many goroutines within ten
// seconds, and prints them if there are.
func Settles(goroutines int) bool {
	for range 1000 {
		if runtime.NumGoroutine() <= goroutines {
			return true
		}
		<-time.After(10 * time.Millisecond)
	}
	_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	return false
}

package contest

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"testing"
)

// Host is what a contest needs of a test, outside of one: it cleans up, and
// ends what cannot go on. It is a [testing.TB] for helpers that want one; of
// its methods those work that are written out here.
type Host struct {
	testing.TB // nil

	mu      sync.Mutex
	cleanup []func()
	failed  bool
}

// ErrSkipped is the error of what cannot be done here.
var ErrSkipped = errors.New("skipped")

// stop is what ends the function that [Host.Run] runs.
type stop struct{ err error }

// Run runs fn and then what it has given to Cleanup. The error is what fn gave
// to Fatal, or matches [ErrSkipped].
func (h *Host) Run(fn func()) error {
	defer h.Close()
	return enter(fn)
}

// Try is Run without the cleanup.
func (h *Host) Try(fn func()) error { return enter(fn) }

// Close does what was given to Cleanup, last first.
func (h *Host) Close() {
	for {
		h.mu.Lock()
		n := len(h.cleanup)
		if n == 0 {
			h.mu.Unlock()
			return
		}
		fn := h.cleanup[n-1]
		h.cleanup = h.cleanup[:n-1]
		h.mu.Unlock()
		fn()
	}
}

// Cleanup has fn called by Close.
func (h *Host) Cleanup(fn func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cleanup = append(h.cleanup, fn)
}

// Must ends the run if err is not nil.
func (h *Host) Must(err error) {
	if err != nil {
		panic(stop{err})
	}
}

// Fatal ends the run.
func (h *Host) Fatal(args ...any) { panic(stop{errors.New(fmt.Sprint(args...))}) }

// Fatalf ends the run.
func (h *Host) Fatalf(format string, args ...any) { panic(stop{fmt.Errorf(format, args...)}) }

// Skip ends the run.
func (h *Host) Skip(args ...any) { panic(stop{fmt.Errorf("%w: %s", ErrSkipped, fmt.Sprint(args...))}) }

// Skipf ends the run.
func (h *Host) Skipf(format string, args ...any) {
	panic(stop{fmt.Errorf("%w: %s", ErrSkipped, fmt.Sprintf(format, args...))})
}

// Errorf says on standard error what is wrong.
func (h *Host) Errorf(format string, args ...any) {
	h.mu.Lock()
	h.failed = true
	h.mu.Unlock()
	h.Logf(format, args...)
}

// Logf writes to standard error.
func (h *Host) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Failed reports whether there was an error.
func (h *Host) Failed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failed
}

// Helper does nothing.
func (h *Host) Helper() {}

// Name is the name of the program's only test, so to say.
func (h *Host) Name() string { return "bench" }

// TempDir returns a directory that Close removes.
func (h *Host) TempDir() string {
	dir, err := os.MkdirTemp("", "bench")
	h.Must(err)
	h.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// settle has garbage collected twice, so that finalizers have run and what
// they kept is gone.
func settle() {
	runtime.GC()
	runtime.GC()
}

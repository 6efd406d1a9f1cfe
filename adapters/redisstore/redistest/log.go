package redistest

import (
	"bytes"
	"sync"
)

// What every Redis and Valkey logs when it listens, and has loaded its data.
var (
	serverReady   = []byte("Ready to accept connections")
	sentinelReady = []byte("Sentinel ID is")
)

// A logBuffer keeps what a server prints, and tells when it says that it is ready.
type logBuffer struct {
	sign []byte // by which a server says that it is ready

	mu    sync.Mutex
	data  []byte
	mark  int           // where the log of the present instance begins
	ready chan struct{} // closed when the sign appears after mark; nil when it has
}

// watch returns a channel that is closed when the instance that is started next
// says that it is ready.
func (l *logBuffer) watch() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mark = len(l.data)
	ready := make(chan struct{})
	l.ready = ready
	return ready
}

func (l *logBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.data = append(l.data, b...)
	if l.ready != nil && bytes.Contains(l.data[l.mark:], l.sign) {
		close(l.ready)
		l.ready = nil
	}
	return len(b), nil
}

// String returns the log over all restarts.
func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.data)
}

// last returns the log of the present instance.
func (l *logBuffer) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.data[l.mark:])
}

package redistest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// pollInterval is how long to wait between two looks at what has not happened yet.
const pollInterval = 10 * time.Millisecond

// Ports are taken from a range below the ones that operating systems give to
// outgoing connections (from 32768 on Linux, from 49152 elsewhere), so that a
// client that dials while the server is down never occupies its port; and such
// that the port of a Redis Cluster's bus, 10000 higher, is below them too.
const (
	minPort = 10000
	maxPort = 19999

	// A proxy that refuses connections has given its port away for a while, so
	// proxies have ports that servers do not choose.
	minProxyPort = 30000
	maxProxyPort = 32767
)

// busOffset is how much higher than a node's port the one of its bus is.
const busOffset = 10000

// freePort returns a port on which nobody listens at this moment.
func freePort() (int, error) {
	l, err := listen(minPort, maxPort)
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// freeNodePort returns a port such that nobody listens on it or on the port of
// its bus at this moment.
func freeNodePort() (int, error) {
	var err error
	for range 100 {
		var port int
		if port, err = freePort(); err != nil {
			return 0, err
		}
		var bus net.Listener
		if bus, err = net.Listen("tcp", loopback(port+busOffset)); err == nil {
			return port, bus.Close()
		}
	}
	return 0, fmt.Errorf("no free port for a cluster's bus: %w", err)
}

// listen listens on a port from low to high.
func listen(low, high int) (net.Listener, error) {
	var err error
	for range 100 {
		var l net.Listener
		if l, err = net.Listen("tcp", loopback(low+rand.IntN(high-low+1))); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("no free port from %d to %d: %w", low, high, err)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

package redistest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
)

// freePort returns a port on which nobody listens at this moment.
func freePort() (int, error) {
	var err error
	for range 100 {
		port := minPort + rand.IntN(maxPort-minPort+1)
		var l net.Listener
		if l, err = net.Listen("tcp", loopback(port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port from %d to %d: %w", minPort, maxPort, err)
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// ping returns nil when the server at addr answers, be it with a demand for a
// password. It leaves by QUIT and waits until the server has let it go, so that
// it does not count among the server's clients any more.
func ping(addr string, deadline time.Time) error {
	conn, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\nQUIT\r\n")); err != nil {
		return err
	}
	reply, err := io.ReadAll(io.LimitReader(conn, 4096))
	line, _, _ := bytes.Cut(reply, []byte("\r\n"))
	switch {
	case bytes.HasPrefix(line, []byte("-LOADING")):
		return errors.New("server is loading its data")
	case len(line) > 0 && (line[0] == '+' || line[0] == '-'):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("server answered PING with %q", line)
	}
}

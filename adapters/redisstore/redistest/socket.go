package redistest

import "path/filepath"

const (
	socketName = "redis.sock"

	// maxSocketPath is how long a path may be on every system; some take a little
	// more.
	maxSocketPath = 100
)

// Socket makes the server listen on a Unix socket too: [Server.Socket] is its
// path. Where there are no such sockets the server does not start.
func Socket() Option {
	return optionFunc(func(c *conf) error {
		c.socket = true
		return nil
	})
}

// Socket returns the path of the server's Unix socket, or "" for a server without
// the option [Socket]. The path is short enough for every system, and stays the
// same over a Restart.
func (s *Server) Socket() string {
	if !s.p.conf.socket {
		return ""
	}
	return filepath.Join(s.p.dir, socketName)
}

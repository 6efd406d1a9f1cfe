package redistest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// An Option changes the server that [Start] starts.
type Option interface{ apply(*conf) error }

type optionFunc func(*conf) error

func (f optionFunc) apply(c *conf) error { return f(c) }

// Config adds a directive to the server's configuration: its name and its
// values, as redis.conf has them but without quoting. Later directives win over
// earlier ones.
//
//	redistest.Start(t, redistest.Config("maxmemory", "1mb"))
//
// The directives on which this package relies are its own, and Start fails when
// it is given one of them: bind, port, tls-port, dir, daemonize, logfile and
// loglevel. [StartCluster] and [StartSentinel] have some more.
func Config(name string, values ...string) Option {
	return optionFunc(func(c *conf) error {
		c.extra = append(c.extra, directive{name, slices.Clone(values)})
		return nil
	})
}

type directive struct {
	name   string
	values []string
}

func set(name string, values ...string) directive { return directive{name, values} }

// A conf is what a server is configured to be.
type conf struct {
	sentinel bool
	forgets  bool        // start without the file by which replicas were synchronized
	socket   bool        // listen on a Unix socket too
	certs    *certs      // nil: without TLS
	base     []directive // set by this package; what a caller sets wins
	extra    []directive // set by a caller
}

// reserved are the directives that hold a server in its place (loopback, its
// port, its directory) and let its start be seen.
var reserved = []string{"bind", "port", "tls-port", "dir", "daemonize", "logfile", "loglevel"}

func newConf(opts []Option, base ...directive) (*conf, error) {
	c := &conf{base: base}
	for _, o := range opts {
		if err := o.apply(c); err != nil {
			return nil, err
		}
	}
	for _, d := range c.extra {
		if d.name == "" || strings.ContainsFunc(d.name, func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' || r == '#' }) {
			return nil, fmt.Errorf("config %q: not a directive's name", d.name)
		}
	}
	return c, c.reserve(reserved...)
}

// reserve returns an error if the caller set one of the directives.
func (c *conf) reserve(names ...string) error {
	for _, d := range c.extra {
		if slices.Contains(names, strings.ToLower(d.name)) {
			return fmt.Errorf("config %s: redistest sets it itself", d.name)
		}
	}
	return nil
}

// file returns the configuration file of a server in dir on the port.
func (c *conf) file(dir string, port int) string {
	own := append(c.certs.directives(dir, port), set("bind", "127.0.0.1"), set("dir", dir), set("save", ""), set("appendonly", "no"))
	if c.socket {
		own = append(own, set("unixsocket", filepath.Join(dir, socketName)), set("unixsocketperm", "700"))
	}
	var b strings.Builder
	for _, d := range slices.Concat(own, c.base, c.extra) {
		b.WriteString(d.name)
		for _, v := range d.values {
			b.WriteByte(' ')
			quote(&b, v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// replicate makes c one of a master and its replicas.
func (c *conf) replicate() {
	// By way of a file: a master that sends its data straight from memory does
	// not send what is written after it for as much as a second, although the
	// replica counts as in sync.
	c.base = append(c.base, set("repl-diskless-sync", "no"))
	c.forgets = c.value("save") == ""
	if password := c.value("requirepass"); password != "" && c.value("masterauth") == "" {
		c.base = append(c.base, set("masterauth", password))
	}
}

// args returns the arguments of the server program after the file.
func (c *conf) args() []string {
	if c.sentinel {
		return []string{"--sentinel"}
	}
	return nil
}

// sign returns what the server logs when it is ready.
func (c *conf) sign() []byte {
	if c.sentinel {
		return sentinelReady
	}
	return serverReady
}

// value returns the last value that the caller gave a directive, and "" for none.
func (c *conf) value(name string) string {
	v := ""
	for _, d := range c.extra {
		if strings.EqualFold(d.name, name) {
			v = strings.Join(d.values, " ")
		}
	}
	return v
}

// scheme returns the scheme of a URL: redis, or rediss for TLS, and a suffix.
func (c *conf) scheme(suffix string) string {
	if c.certs != nil {
		return "rediss" + suffix
	}
	return "redis" + suffix
}

// login returns the commands that a client sends first.
func (c *conf) login() [][]string {
	if password := c.value("requirepass"); password != "" {
		return [][]string{{"AUTH", password}}
	}
	return nil
}

// quote writes s in double quotes as a configuration file has it, byte for byte.
func quote(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}

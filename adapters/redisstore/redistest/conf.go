package redistest

import (
	"fmt"
	"slices"
	"strings"
)

// An Option changes the server that [Start] starts.
type Option interface{ apply(*conf) }

type optionFunc func(*conf)

func (f optionFunc) apply(c *conf) { f(c) }

// Config adds a directive to the server's configuration: its name and its
// values, as redis.conf has them but without quoting. Later directives win over
// earlier ones.
//
//	redistest.Start(t, redistest.Config("maxmemory", "1mb"))
//
// The directives on which this package relies are its own, and Start fails when
// it is given one of them: bind, port, dir, daemonize, logfile and loglevel.
func Config(name string, values ...string) Option {
	return optionFunc(func(c *conf) {
		c.extra = append(c.extra, directive{name, slices.Clone(values)})
	})
}

type directive struct {
	name   string
	values []string
}

type conf struct{ extra []directive }

// reserved are the directives that hold a server in its place (loopback, its
// port, its directory) and let its start be seen.
var reserved = []string{"bind", "port", "dir", "daemonize", "logfile", "loglevel"}

func newConf(opts []Option) (*conf, error) {
	c := new(conf)
	for _, o := range opts {
		o.apply(c)
	}
	for _, d := range c.extra {
		if d.name == "" || strings.ContainsFunc(d.name, func(r rune) bool { return r <= ' ' || r == '"' || r == '\'' || r == '#' }) {
			return nil, fmt.Errorf("config %q: not a directive's name", d.name)
		}
		if slices.Contains(reserved, strings.ToLower(d.name)) {
			return nil, fmt.Errorf("config %s: redistest sets it itself", d.name)
		}
	}
	return c, nil
}

// file returns the configuration file of a server in dir on the port.
func (c *conf) file(dir string, port int) string {
	var b strings.Builder
	for _, d := range append([]directive{
		{"bind", []string{"127.0.0.1"}},
		{"port", []string{fmt.Sprint(port)}},
		{"dir", []string{dir}},
		{"save", []string{""}},
		{"appendonly", []string{"no"}},
	}, c.extra...) {
		b.WriteString(d.name)
		for _, v := range d.values {
			b.WriteByte(' ')
			quote(&b, v)
		}
		b.WriteByte('\n')
	}
	return b.String()
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

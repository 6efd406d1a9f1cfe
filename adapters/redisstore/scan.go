package redisstore

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// scanCount is how many keys the server looks at in one step of a SCAN.
const scanCount = batchKeys

// globEscaper takes the meaning from the characters that have one in a pattern
// of Redis outside of brackets. A backslash before any character makes it stand
// for itself. ^ and - mean something inside brackets only, and there are none.
var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)

// startsWith returns the pattern of the keys that begin with prefix.
func startsWith(prefix string) string { return globEscaper.Replace(prefix) + "*" }

// Keys implements [storage.KeyLister] by SCAN, which visits every key of the
// database, whatever the prefix: it is for maintenance, not for requests. It
// lists keys of every type. A key may come more than once.
//
// In a Cluster it visits every master, and those again to which keys have moved
// meanwhile. It is the same with a server that was restarted or replaced by
// another meanwhile, which INFO tells. If that does not come to an end, or a
// master cannot be reached, or slots have none, the listing is partial and ends
// with [storage.ErrUnavailable].
func (s *keyspace) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for page, err := range s.scan(ctx, storage.OpKeys, s.prefix+prefix) {
			if err != nil {
				yield("", err)
				return
			}
			for _, wire := range page {
				if !yield(wire[len(s.prefix):], nil) {
					return
				}
			}
		}
	}
}

// DeletePrefix implements [storage.PrefixDeleter] by SCAN, as Keys does, and UNLINK.
func (s *keyspace) DeletePrefix(ctx context.Context, prefix string) error {
	full := s.prefix + prefix
	if full == "" {
		return storage.ErrInvalidKey
	}
	for page, err := range s.scan(ctx, storage.OpDeletePrefix, full) {
		if err != nil {
			return err
		}
		if err := s.unlink(ctx, storage.OpDeletePrefix, page); err != nil {
			return err
		}
	}
	return nil
}

// maxScans bounds how often a scan begins again because something has changed.
const maxScans = 8

// errRestless says that something changed during each of maxScans scans.
var errRestless = errors.New("servers or slots keep changing, the listing is partial")

// A scan lists the wire keys of store that begin with prefix, by pages.
type scan struct {
	store  *keyspace
	op     storage.Op
	prefix string
	yield  func([]string, error) bool
}

func (s *keyspace) scan(ctx context.Context, op storage.Op, prefix string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		sc := scan{store: s, op: op, prefix: prefix, yield: yield}
		var err error
		if s.link.client.cluster != nil {
			err = sc.cluster(ctx)
		} else {
			err = sc.server(ctx, s.link.client)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// cluster scans every master, and then those to which keys came from the ones
// that were scanned, until there are none. A key that stays in the Cluster is
// then on a list: while the masters were scanned that might have it, it was on one
// of them all the time, or it came to a master that is scanned next. It goes on
// while nothing moves between the ones that are left, and does not wait for slots
// to arrive that it has seen leave.
func (sc *scan) cluster(ctx context.Context) error {
	before, err := sc.topology(ctx)
	if err != nil {
		return err
	}
	todo := before.masters
	for range maxScans {
		scanned := make(map[string]bool)
		for _, m := range todo {
			scanned[m.id] = true
			if more, err := sc.pages(ctx, m.client); !more || err != nil {
				return sc.left(ctx, err)
			}
		}
		now, err := sc.topology(ctx)
		if err != nil {
			return err
		}
		if todo = now.gained(before, scanned); len(todo) == 0 {
			return nil
		}
		before = now
	}
	return sc.store.link.fail(ctx, sc.op, errRestless, nil)
}

// left returns err, of the scan of one master. The client of a master that has
// left the Cluster is closed after a while: the client of the Cluster is not.
func (sc *scan) left(ctx context.Context, err error) error {
	if !errors.Is(err, storage.ErrClosed) {
		return err
	}
	if _, err := sc.topology(ctx); err != nil {
		return err
	}
	return sc.store.link.fail(ctx, sc.op, errRestless, nil)
}

func (sc *scan) topology(ctx context.Context) (*topology, error) {
	l := sc.store.link
	return read(ctx, l, sc.op, func(ctx context.Context) (*topology, error) { return settled(ctx, l.client.cluster) })
}

// server scans one server, and again if it is another one at the end: to that,
// the position in the old one meant something else.
func (sc *scan) server(ctx context.Context, client redis.UniversalClient) error {
	before, err := sc.run(ctx, client)
	if err != nil {
		return err
	}
	for range maxScans {
		if more, err := sc.pages(ctx, client); !more || err != nil {
			return err
		}
		now, err := sc.run(ctx, client)
		if err != nil || now == before {
			return err
		}
		before = now
	}
	return sc.store.link.fail(ctx, sc.op, errRestless, nil)
}

func (sc *scan) run(ctx context.Context, client redis.UniversalClient) (string, error) {
	return read(ctx, sc.store.link, sc.op, func(ctx context.Context) (string, error) { return runOf(ctx, client) })
}

// pages yields what SCAN finds from its beginning to its end, and reports whether
// there is somebody to go on for. The key that is the prefix of the store itself
// is not in the store.
func (sc *scan) pages(ctx context.Context, client redis.UniversalClient) (more bool, err error) {
	type page struct {
		keys   []string
		cursor uint64
	}
	pattern := startsWith(sc.prefix)
	var cursor uint64
	for {
		p, err := read(ctx, sc.store.link, sc.op, func(ctx context.Context) (page, error) {
			keys, cursor, err := client.Scan(ctx, cursor, pattern, scanCount).Result()
			return page{keys, cursor}, err
		})
		if err != nil {
			return false, err
		}
		keys := p.keys[:0]
		for _, key := range p.keys {
			if strings.HasPrefix(key, sc.prefix) && key != sc.store.prefix { // whatever the server makes of the pattern
				keys = append(keys, key)
			}
		}
		if !sc.yield(keys, nil) {
			return false, nil
		}
		if p.cursor == 0 {
			return true, nil
		}
		cursor = p.cursor
	}
}

package redisstore

import (
	"context"
	"iter"
	"strings"

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
func (s *Store) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
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

// DeletePrefix implements [storage.PrefixDeleter] by SCAN and UNLINK.
func (s *Store) DeletePrefix(ctx context.Context, prefix string) error {
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

// scan yields the wire keys that begin with prefix, a page at a time. The key
// that is the prefix of the store itself is not in the store.
func (s *Store) scan(ctx context.Context, op storage.Op, prefix string) iter.Seq2[[]string, error] {
	type page struct {
		keys   []string
		cursor uint64
	}
	pattern := startsWith(prefix)
	return func(yield func([]string, error) bool) {
		var cursor uint64
		for {
			p, err := read(ctx, s.link, op, func(ctx context.Context) (page, error) {
				keys, cursor, err := s.link.client.Scan(ctx, cursor, pattern, scanCount).Result()
				return page{keys, cursor}, err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			keys := p.keys[:0]
			for _, key := range p.keys {
				if strings.HasPrefix(key, prefix) && key != s.prefix { // whatever the server makes of the pattern
					keys = append(keys, key)
				}
			}
			if !yield(keys, nil) || p.cursor == 0 {
				return
			}
			cursor = p.cursor
		}
	}
}

package redisstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/storage"
)

// A pipeline takes this many keys and about this many bytes at a time, so that
// a large batch neither fills the server's buffers nor keeps a connection so
// long that it times out.
const (
	batchKeys  = 500
	batchBytes = 1 << 20
)

// GetMany implements [storage.ManyGetter] by pipelines of GET. (MGET would call
// a key of another type absent.) With an error the result holds the values
// that were read, in a Cluster those of the masters that have answered.
func (s *keyspace) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	return readMany(ctx, s, storage.OpGetMany, keys, func(ctx context.Context, wires []string, got func(int, []byte, error)) error {
		gets := make([]question, len(wires))
		for i, wire := range wires {
			gets[i].Cmder = redis.NewStringCmd(ctx, "get", wire)
		}
		err := s.link.client.askMany(ctx, gets)
		for i := range gets {
			if err := gets[i].err(); err != nil {
				got(i, nil, err)
				continue
			}
			value, err := gets[i].Cmder.(*redis.StringCmd).Bytes()
			got(i, value, err)
		}
		return err
	})
}

// readMany reads keys in pipelines. run calls got with the outcome of each of
// the wire keys, and returns the error of the pipeline as a whole.
func readMany[T any](ctx context.Context, s *keyspace, op storage.Op, keys []string, run func(ctx context.Context, wires []string, got func(int, T, error)) error) (map[string]T, error) {
	type item struct {
		value T
		found bool
	}
	wires, err := s.wires(op, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string]T, len(keys))
	for wires := range slices.Chunk(wires, batchKeys) {
		items, err := read(ctx, s.link, op, func(ctx context.Context) ([]item, error) {
			items, outcome := make([]item, len(wires)), outcome{}
			err := run(ctx, wires, func(i int, value T, err error) {
				outcome.add(err)
				items[i] = item{value, err == nil}
			})
			return items, outcome.of(err)
		})
		for i, item := range items {
			if item.found {
				found[keys[i]] = item.value
			}
		}
		if err != nil {
			return found, err
		}
		keys = keys[len(wires):]
	}
	return found, nil
}

// An outcome is the error of a pipeline: of its commands the one that leaves
// most in doubt, which is no reply before a refusal.
type outcome struct{ unanswered, refused, missing error }

func (o *outcome) add(err error) {
	switch {
	case err == nil || err == redis.Nil:
	case err == errNoReply:
		o.missing = err
	case isAnswer(err):
		o.refused = cmp.Or(o.refused, err)
	default:
		o.unanswered = cmp.Or(o.unanswered, err)
	}
}

// of returns the outcome, where pipeline is what the client says of all of it.
func (o *outcome) of(pipeline error) error {
	o.add(pipeline)
	return cmp.Or(o.unanswered, o.refused, o.missing)
}

// SetMany implements [storage.ManySetter] by pipelines of SET PX.
func (s *keyspace) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	const op = storage.OpSetMany
	if ttl < 0 {
		return storage.ErrInvalidTTL
	}
	type pair struct {
		wire  string
		value []byte
	}
	pairs := make([]pair, 0, len(values))
	for key, value := range values {
		wire, err := s.wire(op, key)
		if err != nil {
			return err
		}
		if err := s.checkSize(op, value); err != nil {
			return err
		}
		pairs = append(pairs, pair{wire, value})
	}
	for len(pairs) > 0 {
		n, size := 0, 0
		for n < len(pairs) && n < batchKeys && (n == 0 || size+len(pairs[n].value) <= batchBytes) {
			size += len(pairs[n].value)
			n++
		}
		b := newWriteBatch(n)
		for _, p := range pairs[:n] {
			b.add(ctx, p.wire, func(key *write) []any { return setArgs(key, keep(ctx, p.value), ttl) })
		}
		if err := b.send(ctx, s.link, op); err != nil {
			return err
		}
		pairs = pairs[n:]
	}
	return nil
}

// DeleteMany implements [storage.ManyDeleter] by pipelines of UNLINK.
func (s *keyspace) DeleteMany(ctx context.Context, keys []string) error {
	wires, err := s.wires(storage.OpDeleteMany, keys)
	if err != nil {
		return err
	}
	return s.unlink(ctx, storage.OpDeleteMany, wires)
}

func (s *keyspace) unlink(ctx context.Context, op storage.Op, wires []string) error {
	for wires := range slices.Chunk(wires, batchKeys) {
		b := newWriteBatch(len(wires))
		for _, wire := range wires {
			b.add(ctx, wire, func(key *write) []any { return []any{"unlink", key} })
		}
		if err := b.send(ctx, s.link, op); err != nil {
			return err
		}
	}
	return nil
}

// A writeBatch is a pipeline of commands with one key each, none of which goes
// out twice.
type writeBatch struct {
	fate   fate
	writes []write
	cmds   []once
}

func newWriteBatch(size int) *writeBatch {
	return &writeBatch{writes: make([]write, 0, size), cmds: make([]once, 0, size)}
}

// add adds a command whose key among args is to be the one that it is given. A
// batch does not grow beyond the size that it was made for.
func (b *writeBatch) add(ctx context.Context, wire string, args func(key *write) []any) {
	i := len(b.writes)
	b.writes = b.writes[:i+1]
	w := &b.writes[i]
	w.key, w.fate = wire, &b.fate
	b.fate.commands++
	b.cmds = append(b.cmds, newOnce(ctx, args(w)))
}

func (b *writeBatch) send(ctx context.Context, l *link, op storage.Op) error {
	_, err := send(ctx, l, op, &b.fate, func(ctx context.Context) (struct{}, error) {
		err := l.client.pipeline(ctx, func(p redis.Pipeliner) {
			for _, cmd := range b.cmds {
				_ = p.Process(ctx, cmd)
			}
		})
		var outcome outcome
		for _, cmd := range b.cmds {
			outcome.add(cmd.Err())
		}
		return struct{}{}, outcome.of(err)
	})
	return err
}

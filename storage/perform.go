package storage

import (
	"context"
	"fmt"
	"time"
)

// perform is the operation itself, on the store below. Of what the
// interceptor could change it uses the ttl only.
func (f *frame[V]) perform(ctx context.Context) (err error) {
	next, key, keys := f.layer.next, f.args.Key, f.args.Keys
	f.call.Hits = 0
	switch f.args.Op {
	case OpGet:
		if f.wantsMemo {
			f.value, f.memo, err = GetMemo(ctx, next, key)
		} else {
			f.value, err = next.Get(ctx, key)
		}
		f.found(f.value, err)
	case OpSet:
		err = next.Set(ctx, key, f.value, f.ttl())
	case OpDelete:
		err = next.Delete(ctx, key)
	case OpHas:
		f.has, err = Has(ctx, next, key)
		if f.has {
			f.call.Hits = 1
		}
	case OpGetMany:
		f.values, err = GetMany(ctx, next, keys)
		f.call.Hits, f.call.Size = len(f.values), 0
		for _, value := range f.values {
			f.call.Size += size(value)
		}
	case OpSetMany:
		err = SetMany(ctx, next, f.values, f.ttl())
	case OpDeleteMany:
		err = DeleteMany(ctx, next, keys)
	case OpGetEntry:
		f.entry, err = GetEntry(ctx, next, key)
		f.found(f.entry.Value, err)
	case OpGetEntries:
		f.entries, err = GetEntries(ctx, next, keys)
		f.call.Hits, f.call.Size = len(f.entries), 0
		for _, entry := range f.entries {
			f.call.Size += size(entry.Value)
		}
	case OpCompareAndSwap:
		var version Version
		version, err = CompareAndSwap(ctx, next, key, f.version, f.value, f.ttl())
		if err == nil {
			f.version = version
		}
	case OpTake:
		f.value, err = Take(ctx, next, key)
		f.found(f.value, err)
	case OpTouch:
		err = Touch(ctx, next, key, f.ttl())
	case OpKeys:
		err = f.stream(ctx)
	case OpDeletePrefix:
		err = DeletePrefix(ctx, next, key)
	case OpPing:
		err = Ping(ctx, next)
	default:
		panic(fmt.Sprintf("storage: no such operation: %v", f.args.Op))
	}
	return err
}

// found notes the result of a read of one key.
func (f *frame[V]) found(value V, err error) {
	if err == nil {
		f.call.Hits, f.call.Size = 1, size(value)
	}
}

// ttl is the ttl of a write: the interceptor's, but a caller's invalid one
// stays invalid. An invalid one of the interceptor would be an error that
// blames the caller.
func (f *frame[V]) ttl() time.Duration {
	if f.args.TTL < 0 {
		return f.args.TTL
	}
	if f.call.TTL < 0 {
		f.err = ErrInvalidTTL // nothing was done
		panic(misuse(f.layer.interceptor, f.args.Op, "set a negative ttl"))
	}
	return f.call.TTL
}

// stream yields the keys below until the caller leaves its loop. A loop whose
// body panics has ended too.
func (f *frame[V]) stream(ctx context.Context) error {
	if f.stopped {
		panic(misuse(f.layer.interceptor, f.args.Op, "called next again after a panic of its caller's loop"))
	}
	for key, err := range Keys(ctx, f.layer.next, f.args.Key) {
		if err != nil {
			return err
		}
		f.call.Hits++
		f.stopped = true
		if !f.yield(key, nil) {
			return nil
		}
		f.stopped = false
	}
	return nil
}

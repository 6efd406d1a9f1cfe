package faults

import (
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// canary is in all keys and values, and must be in no error.
const canary = "s3cr3t-canary"

var canaryVersion = storage.Version(fmt.Sprintf("%x", sha1.Sum([]byte(canary))))

// An operation is called with the keys of its cell, which have the value canary
// and an expiry. Of a Cluster each of them is on another master.
type operation struct {
	name      string
	carrier   string // the command that carries it, on the wire
	inCluster string // the same in a Cluster, if it is another one
	writes    string // the command that the server executes, "" for a read
	batch     bool   // so many times as there are keys; once otherwise
	call      func(ctx context.Context, s storage.ByteStore, prefix string, keys []string) error
}

// errMissed is what a read ends with that did not find what is there.
var errMissed = errors.New("missed what is there")

var operations = []operation{
	{name: "Get", carrier: "get", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		value, err := s.Get(ctx, keys[0])
		return found(string(value) == canary, err)
	}},
	{name: "Has", carrier: "exists", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		ok, err := storage.Has(ctx, s, keys[0])
		return found(ok, err)
	}},
	{name: "GetMany", carrier: "get", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		values, err := storage.GetMany(ctx, s, keys)
		return found(len(values) == len(keys), err)
	}},
	{name: "GetEntry", carrier: "exec", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		e, err := storage.GetEntry(ctx, s, keys[0])
		return found(string(e.Value) == canary && !e.Expires.IsZero(), err)
	}},
	{name: "GetEntries", carrier: "exec", inCluster: "eval", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		entries, err := storage.GetEntries(ctx, s, keys)
		return found(len(entries) == len(keys), err)
	}},
	{name: "Keys", carrier: "scan", call: func(ctx context.Context, s storage.ByteStore, prefix string, keys []string) error {
		seen := make(map[string]bool)
		for key, err := range storage.Keys(ctx, s, prefix) {
			if err != nil {
				return err
			}
			seen[key] = true
		}
		return found(len(seen) == len(keys), nil)
	}},
	{name: "Ping", carrier: "ping", call: func(ctx context.Context, s storage.ByteStore, _ string, _ []string) error {
		return storage.Ping(ctx, s)
	}},
	{name: "Set", carrier: "set", writes: "set", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		return s.Set(ctx, keys[0], []byte(canary), time.Hour)
	}},
	{name: "Delete", carrier: "unlink", writes: "unlink", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		return s.Delete(ctx, keys[0])
	}},
	{name: "SetMany", carrier: "set", writes: "set", batch: true, call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		values := make(map[string][]byte)
		for _, key := range keys {
			values[key] = []byte(canary)
		}
		return storage.SetMany(ctx, s, values, time.Hour)
	}},
	{name: "DeleteMany", carrier: "unlink", writes: "unlink", batch: true, call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		return storage.DeleteMany(ctx, s, keys)
	}},
	{name: "DeletePrefix", carrier: "unlink", writes: "unlink", batch: true, call: func(ctx context.Context, s storage.ByteStore, prefix string, _ []string) error {
		return storage.DeletePrefix(ctx, s, prefix)
	}},
	{name: "CompareAndSwap", carrier: "evalsha", writes: "set", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		_, err := storage.CompareAndSwap(ctx, s, keys[0], canaryVersion, []byte(canary), time.Hour)
		return found(!errors.Is(err, storage.ErrConflict), err)
	}},
	{name: "Take", carrier: "getdel", writes: "getdel", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		value, err := storage.Take(ctx, s, keys[0])
		return found(string(value) == canary, err)
	}},
	{name: "Touch", carrier: "pexpire", writes: "pexpire", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		return found(true, storage.Touch(ctx, s, keys[0], time.Hour))
	}},
	{name: "Touch/NoExpiry", carrier: "evalsha", writes: "persist", call: func(ctx context.Context, s storage.ByteStore, _ string, keys []string) error {
		return found(true, storage.Touch(ctx, s, keys[0], storage.NoExpiry))
	}},
}

// found returns err, or errMissed for an answer that is no error and wrong, or
// that says of what is there that it is not.
func found(ok bool, err error) error {
	if err == nil && !ok || errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrConflict) {
		return errMissed
	}
	return err
}

// times is how many executions of o.writes make it done.
func (o operation) times(keys int) int {
	switch {
	case o.writes == "":
		return 0
	case o.batch:
		return keys
	}
	return 1
}

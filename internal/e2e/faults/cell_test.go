package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tunica-go/tunica/adapters/redisstore"
	"github.com/tunica-go/tunica/adapters/redisstore/redistest"
	"github.com/tunica-go/tunica/storage"
)

// A class is how a call ended.
type class byte

const (
	done     class = '='
	refused  class = 'R' // a failure, definite
	unknown  class = 'U' // a failure, of unknown outcome
	left     class = 'c' // the caller's context ended, definite
	leftSent class = 'C' // the caller's context ended, of unknown outcome
	misused  class = 'X' // the call can never succeed
	missed   class = 'M' // an answer, and a wrong one
)

func classOf(err error) class {
	ended := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	lost := errors.Is(err, storage.ErrUnknownOutcome)
	switch {
	case err == nil:
		return done
	case errors.Is(err, errMissed):
		return missed
	case ended && lost:
		return leftSent
	case ended:
		return left
	case lost:
		return unknown
	case storage.Failed(err):
		return refused
	}
	return misused
}

// A cell is one call of an operation under a fault.
type cell struct {
	tb     testing.TB
	w      *world
	fault  *fault
	op     operation
	prefix string
	keys   []string
	client redis.UniversalClient
	heals  []func()
	armed  []*redistest.Proxy
}

// A report is what came of a cell.
type report struct {
	class    class
	executed int // how many times the servers executed the write, all keys together
	took     time.Duration
	leaks    bool // a secret in the error
	wrong    []string
}

// heal runs f when the call is over.
func (c *cell) heal(f func()) { c.heals = append(c.heals, f) }

// healAll undoes what was done last first.
func (c *cell) healAll() {
	heals := c.heals
	c.heals = nil
	for _, heal := range slices.Backward(heals) {
		heal()
	}
}

func (c *cell) run() (r report) {
	c.fill()
	set := settings{
		user: appUser, password: appPassword, dialer: c.w.proxies.Dial,
		poolSize: 4, readTimeout: 3 * time.Second, poolTimeout: 3 * time.Second,
	}
	if c.fault.settings != nil {
		c.fault.settings(c.w, &set)
	}
	c.client = c.w.connect(set)
	store := redisstore.New(c.client, c.fault.options...)
	if !c.fault.cold {
		c.warmUp(store)
	}
	c.masters("config", "resetstat")
	defer c.healAll()
	c.fault.strike(c)
	ctx, cancel := context.WithTimeout(c.tb.Context(), 10*time.Second)
	if c.fault.patience != nil {
		ctx, cancel = c.fault.patience(c.tb.Context())
	}
	defer cancel()
	began := time.Now()
	err := c.op.call(ctx, store, c.prefix, c.keys)
	r.took = time.Since(began)
	if !c.struck() {
		r.wrong = append(r.wrong, "was not struck by the fault")
	}
	c.healAll()
	if err := store.Close(); err != nil {
		r.wrong = append(r.wrong, fmt.Sprintf("Close: %v", err))
	}
	if err := c.client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		r.wrong = append(r.wrong, fmt.Sprintf("Close of the client: %v", err))
	}
	c.w.awaitNoConnections(c.tb)
	r.executed = c.executed()
	r.class = classOf(err)
	r.wrong = append(r.wrong, c.judge(r, err)...)
	if told := secrets(err); len(told) > 0 {
		r.leaks = true
		r.wrong = append(r.wrong, told...)
	}
	return r
}

// fill gives the cell keys of its own, each on another master.
func (c *cell) fill() {
	c.prefix = fmt.Sprintf("%s:%d:", canary, next.Add(1))
	c.keys = make([]string, len(c.w.masters))
	for i, found := 0, 0; found < len(c.keys); i++ {
		key := fmt.Sprint(c.prefix, i)
		if at := c.w.master(key); c.keys[at] == "" {
			c.keys[at] = key
			found++
		}
	}
	for i, key := range c.keys {
		if err := c.w.admins[i].Set(c.tb.Context(), key, canary, time.Hour).Err(); err != nil {
			c.tb.Fatal(err)
		}
	}
}

// warmUp makes connections to all masters, for single commands and for
// pipelines, and loads the scripts.
func (c *cell) warmUp(store *redisstore.Store) {
	ctx := c.tb.Context()
	eventually(c.tb, "the store is warm", func() bool {
		for _, key := range c.keys {
			_, err := store.GetEntry(ctx, key)
			_, errSwap := store.CompareAndSwap(ctx, key, "0", nil, 0)
			errTouch := store.Touch(ctx, key+"-absent", storage.NoExpiry)
			if err != nil || !errors.Is(errSwap, storage.ErrConflict) || !errors.Is(errTouch, storage.ErrNotFound) {
				return false
			}
		}
		_, err := store.GetMany(ctx, c.keys)
		return err == nil
	})
}

// executed returns how many times the masters have executed the command that
// writes, in scripts too, without the times that it failed.
func (c *cell) executed() int {
	c.tb.Helper()
	if c.op.writes == "" {
		return 0
	}
	n := 0
	for _, admin := range c.w.admins {
		stats, err := admin.Info(c.tb.Context(), "commandstats").Result()
		if err != nil {
			c.tb.Fatal(err)
		}
		_, line, ok := strings.Cut(stats, "cmdstat_"+c.op.writes+":")
		if !ok {
			continue
		}
		line, _, _ = strings.Cut(line, "\r\n")
		for field := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(field, "=")
			k, _ := strconv.Atoi(value)
			switch name {
			case "calls":
				n += k
			case "failed_calls":
				n -= k
			}
		}
	}
	return n
}

// judge returns what is wrong with how a call ended.
func (c *cell) judge(r report, err error) (wrong []string) {
	want, strikes := c.fault.reads, c.fault.strikes == nil || c.fault.strikes(c.op)
	if c.op.writes != "" && !(c.fault.first && c.op.name == "DeletePrefix") { // which lists keys first
		want = c.fault.writes
	}
	if !strikes {
		want = string(done)
	}
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if !strings.ContainsRune(want, rune(r.class)) {
		add("ended as %c, want one of %q: %v", r.class, want, err)
	}
	times := c.op.times(len(c.keys))
	switch r.class {
	case done:
		if r.executed != times {
			add("is done, and was executed %d times, want %d", r.executed, times)
		}
	case refused, left, misused:
		if r.executed != 0 {
			add("is refused, and was executed %d times", r.executed)
		}
	default:
		if r.executed > times {
			add("was executed %d times, want %d at most", r.executed, times)
		}
	}
	if r.took > 5*time.Second {
		add("took %v", r.took)
	}
	if err == nil {
		return wrong
	}
	if (r.class == refused || r.class == unknown || r.class == misused) && !errors.Is(err, c.fault.err) {
		add("ended with %v, want %v", err, c.fault.err)
	}
	if !strings.Contains(err.Error(), c.fault.says) {
		add("%q does not say %q", err, c.fault.says)
	}
	return wrong
}

// secrets returns what of err, or of what it wraps, is not for everybody.
func secrets(err error) (wrong []string) {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), canary) {
		wrong = append(wrong, fmt.Sprintf("a secret is in an error: %v", err))
	}
	if _, raw := err.(redis.Error); raw {
		wrong = append(wrong, fmt.Sprintf("the server's words are in the chain: %v", err))
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		wrong = append(wrong, secrets(err.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			wrong = append(wrong, secrets(inner)...)
		}
	}
	return wrong
}

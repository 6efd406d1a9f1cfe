package storage_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tunica-go/tunica/storage"
)

var hammerSeed = flag.Uint64("seed", 0, "what TestHammer makes its chances of; 0 takes a new one")

// Whatever interceptors do, a caller gets its own values and the truth about
// its writes, or a panic that is clear.
func TestHammer(t *testing.T) {
	const workers, rounds = 6, 400
	for name, layers := range map[string]int{"one": 1, "three": 3} {
		t.Run(name+" hostile", func(t *testing.T) {
			seed := *hammerSeed
			if seed == 0 {
				seed = rand.Uint64()
			}
			t.Logf("go test ./storage -run TestHammer -seed %d", seed)
			h := &hammer{t: t, ledger: newLedger(t, seed), exact: layers == 1}
			h.store = h.ledger
			var all []*hostile
			for i := range layers {
				all = append(all, &hostile{t: t, dice: newDice(seed, uint64(100+i))})
				h.store = storage.Intercept(h.store, pass, all[i])
			}
			h.store = storage.Intercept(h.store, pass)

			var working, haunting sync.WaitGroup
			var over atomic.Bool
			for _, one := range all {
				haunting.Go(func() {
					for !over.Load() {
						one.haunt(t.Context())
						runtime.Gosched()
					}
				})
			}
			for w := range workers {
				working.Go(func() {
					dice := newDice(seed, uint64(200+w))
					for i := range rounds {
						call := hammerCalls[dice.roll(len(hammerCalls))]
						call(h, dice, fmt.Sprintf("w%d-%d;", w, i))
					}
				})
			}
			working.Wait()
			over.Store(true)
			haunting.Wait()
			for _, one := range all {
				one.running.Wait()
			}
			for _, name := range h.refused {
				if done, _ := h.ledger.counts(name); done != 0 {
					t.Errorf("%s was refused and done later", name)
				}
			}
		})
	}
}

// hammer is a stack with hostile layers over a ledger.
type hammer struct {
	t      *testing.T
	ledger *ledger
	store  storage.Store[string]
	exact  bool // nothing between the hostile layer and the ledger tries again

	mu      sync.Mutex
	refused []string
}

// call does one operation, and returns its error and whether it panicked.
// Every key that an operation needs is there, so nothing is ever missing.
func (h *hammer) call(name string, do func(ctx context.Context) error) (err error, panicked bool) {
	h.ledger.enter(name)
	got := recovered(func() { err = do(h.t.Context()) })
	h.ledger.exit(name)
	checkPanic(h.t, got)
	if answers(err) {
		h.t.Errorf("%s: %v is made up", name, err)
	}
	return err, got != nil
}

// write is call, and checks what the books say. It reports whether the write
// was done.
func (h *hammer) write(name string, do func(ctx context.Context) error) bool {
	err, panicked := h.call(name, do)
	if panicked {
		return false
	}
	done, acked := h.ledger.counts(name)
	switch {
	case err == nil && (done == 0 || acked == 0 || h.exact && acked != 1):
		h.t.Errorf("%s: no error; it was done %d times, and %d times with a reply", name, done, acked)
	case definite(err):
		if done != 0 {
			h.t.Errorf("%s: %v; it was done %d times", name, err, done)
		}
		h.mu.Lock()
		h.refused = append(h.refused, name)
		h.mu.Unlock()
	}
	return err == nil
}

// plant stores key below all layers.
func (h *hammer) plant(key string) {
	if err := h.ledger.next.Set(h.t.Context(), key, valueOf(key), 0); err != nil {
		h.t.Error(err)
	}
}

// below checks what the store below all layers has under key.
func (h *hammer) below(key, want string) {
	got, err := h.ledger.next.Get(h.t.Context(), key)
	if got != want || (err != nil) != (want == "") {
		h.t.Errorf("after a write of %q there is %q, %v, want %q", key, got, err, want)
	}
}

// own checks that a value is the caller's, and that there is none with an error.
func (h *hammer) own(key, got string, err error) {
	if err == nil && got != valueOf(key) || err != nil && got != "" {
		h.t.Errorf("the value of %q is %q, with %v", key, got, err)
	}
}

// hammerCalls do an operation with keys that begin with id, which is of this
// call only.
var hammerCalls = []func(h *hammer, dice *dice, id string){
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		_, _ = h.call(name(storage.OpGet, id), func(ctx context.Context) error {
			got, err := h.store.Get(ctx, id)
			h.own(id, got, err)
			return err
		})
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		_, _ = h.call(name(storage.OpHas, id), func(ctx context.Context) error {
			has, err := storage.Has(ctx, h.store, id)
			if has != (err == nil) {
				h.t.Errorf("has is %v with %v", has, err)
			}
			return err
		})
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		_, _ = h.call(name(storage.OpGetEntry, id), func(ctx context.Context) error {
			got, err := storage.GetEntry(ctx, h.store, id)
			h.own(id, got.Value, err)
			return err
		})
	},
	func(h *hammer, _ *dice, id string) {
		a, b := id+"a", id+"b"
		h.plant(a)
		_, _ = h.call(name(storage.OpGetMany, a, b), func(ctx context.Context) error {
			keys := []string{a, b}
			got, err := storage.GetMany(ctx, h.store, keys)
			if err == nil && len(got) != 1 || len(got) > 1 || len(got) == 1 && got[a] != valueOf(a) || keys[0] != a || keys[1] != b {
				h.t.Errorf("GetMany of %q: %v, %v", keys, got, err)
			}
			return err
		})
	},
	func(h *hammer, _ *dice, id string) {
		a, b := id+"a", id+"b"
		h.plant(a)
		_, _ = h.call(name(storage.OpGetEntries, a, b), func(ctx context.Context) error {
			got, err := storage.GetEntries(ctx, h.store, []string{a, b})
			if err == nil && len(got) != 1 || len(got) > 1 || len(got) == 1 && got[a].Value != valueOf(a) {
				h.t.Errorf("GetEntries of %q: %v, %v", id, got, err)
			}
			return err
		})
	},
	func(h *hammer, dice *dice, id string) {
		for _, key := range []string{"a", "b", "c"} {
			h.plant(id + key)
		}
		var inBody, over bool
		_, panicked := h.call(name(storage.OpKeys, id), func(ctx context.Context) (last error) {
			defer func() { over = true }()
			for key, err := range storage.Keys(ctx, h.store, id) {
				if inBody || over {
					h.t.Error("a loop runs twice at once, or after its end")
				}
				inBody = true
				runtime.Gosched()
				if err == nil && !strings.HasPrefix(key, id) {
					h.t.Errorf("Keys of %q: %q", id, key)
				}
				if last = err; dice.roll(8) == 0 {
					panic(fault{})
				}
				inBody = false
				if dice.roll(8) == 0 {
					break
				}
			}
			return last
		})
		if inBody && !panicked {
			h.t.Error("the panic of a loop is lost")
		}
	},
	func(h *hammer, _ *dice, id string) {
		if h.write(name(storage.OpSet, id), func(ctx context.Context) error {
			return h.store.Set(ctx, id, valueOf(id), time.Hour)
		}) {
			h.below(id, valueOf(id))
		}
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		if h.write(name(storage.OpDelete, id), func(ctx context.Context) error { return h.store.Delete(ctx, id) }) {
			h.below(id, "")
		}
	},
	func(h *hammer, _ *dice, id string) {
		a, b := id+"a", id+"b"
		values := map[string]string{a: valueOf(a), b: valueOf(b)}
		if h.write(name(storage.OpSetMany, a, b), func(ctx context.Context) error {
			return storage.SetMany(ctx, h.store, values, time.Hour)
		}) {
			h.below(a, valueOf(a))
			h.below(b, valueOf(b))
		}
	},
	func(h *hammer, _ *dice, id string) {
		a, b := id+"a", id+"b"
		h.plant(a)
		h.plant(b)
		keys := []string{a, b}
		if h.write(name(storage.OpDeleteMany, a, b), func(ctx context.Context) error {
			return storage.DeleteMany(ctx, h.store, keys)
		}) {
			h.below(a, "")
			h.below(b, "")
		}
		keys[0] = "the caller uses its slice again"
	},
	func(h *hammer, _ *dice, id string) {
		var version storage.Version
		if h.write(name(storage.OpCompareAndSwap, id), func(ctx context.Context) (err error) {
			version, err = storage.CompareAndSwap(ctx, h.store, id, "", valueOf(id), time.Hour)
			return err
		}) {
			h.below(id, valueOf(id))
			if e, err := h.ledger.next.GetEntry(h.t.Context(), id); err != nil || e.Version != version {
				h.t.Errorf("the version is %q, want %q, %v", version, e.Version, err)
			}
		}
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		if h.write(name(storage.OpTake, id), func(ctx context.Context) error {
			got, err := storage.Take(ctx, h.store, id)
			h.own(id, got, err)
			return err
		}) {
			h.below(id, "")
		}
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id)
		h.write(name(storage.OpTouch, id), func(ctx context.Context) error {
			err := storage.Touch(ctx, h.store, id, time.Hour)
			if errors.Is(err, storage.ErrInvalidTTL) {
				h.t.Errorf("Touch blames its caller: %v", err)
			}
			return err
		})
	},
	func(h *hammer, _ *dice, id string) {
		h.plant(id + "a")
		if h.write(name(storage.OpDeletePrefix, id), func(ctx context.Context) error {
			return storage.DeletePrefix(ctx, h.store, id)
		}) {
			h.below(id+"a", "")
		}
	},
}

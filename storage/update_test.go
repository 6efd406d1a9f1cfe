package storage_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/storage"
	"github.com/tunica-go/tunica/storage/storagetest"
)

func increment(e storage.Entry[int]) (int, time.Duration, error) { return e.Value + 1, e.TTL(), nil }

// rival writes to key before each of the first n swaps.
func rival(s storage.Store[int], key string, n int) storage.Interceptor {
	return storage.InterceptorFunc(func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
		if call.Op == storage.OpCompareAndSwap && n > 0 {
			n--
			value, err := s.Get(ctx, key)
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				return err
			}
			if err := s.Set(ctx, key, value+100, storage.NoExpiry); err != nil {
				return err
			}
		}
		return next(ctx)
	})
}

func TestUpdate(t *testing.T) {
	ctx := t.Context()
	s := memstore.New[int]()
	for want := 1; want <= 3; want++ {
		got, err := storage.Update(ctx, s, "n", increment)
		if err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	if got, err := s.Get(ctx, "n"); err != nil || got != 3 {
		t.Errorf("Get: %d, %v, want 3", got, err)
	}
}

func TestUpdateSeesAbsence(t *testing.T) {
	s := memstore.New[int]()
	_, err := storage.Update(t.Context(), s, "n", func(e storage.Entry[int]) (int, time.Duration, error) {
		if e.Version != "" || e.Value != 0 || !e.Expires.IsZero() {
			t.Errorf("an absent key is %+v", e)
		}
		return 1, time.Hour, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = storage.Update(t.Context(), s, "n", func(e storage.Entry[int]) (int, time.Duration, error) {
		if e.Version == "" || e.Value != 1 || e.TTL() <= 59*time.Minute {
			t.Errorf("a present key is %+v", e)
		}
		return 2, e.TTL(), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entry, err := storage.GetEntry(t.Context(), s, "n")
	if err != nil || entry.Value != 2 || entry.TTL() <= 59*time.Minute || entry.TTL() > time.Hour {
		t.Errorf("%+v, %v, want the value 2 with the expiry it had", entry, err)
	}
}

func TestUpdateTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := memstore.New[int]()
		s := storage.Intercept(storage.Store[int](base), rival(base, "n", 20))
		calls := 0
		got, err := storage.Update(t.Context(), s, "n", func(e storage.Entry[int]) (int, time.Duration, error) {
			calls++
			return increment(e)
		})
		if err != nil || got != 20*100+1 || calls != 21 {
			t.Errorf("got %d, %v after %d tries, want %d after 21", got, err, calls, 20*100+1)
		}
	})
}

func TestUpdateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := memstore.New[int]()
		s, faults := storagetest.Faulty(storage.Intercept(storage.Store[int](base), rival(base, "n", 1000)))
		start := time.Now()
		_, err := storage.Update(t.Context(), s, "n", increment)
		if !errors.Is(err, storage.ErrConflict) || storage.Failed(err) {
			t.Errorf("error %v, want ErrConflict", err)
		}
		if n := faults.Calls(storage.OpCompareAndSwap); n != storage.UpdateTries {
			t.Errorf("%d tries, want %d", n, storage.UpdateTries)
		}
		if took := time.Since(start); took == 0 || took > 64*50*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestUpdateStops(t *testing.T) {
	boom := func(storage.Entry[int]) (int, time.Duration, error) { return 0, 0, errBoom }
	negative := func(storage.Entry[int]) (int, time.Duration, error) { return 1, -1, nil }
	tests := []struct {
		name    string
		key     string
		prepare func(*storagetest.Faults)
		fn      func(storage.Entry[int]) (int, time.Duration, error)
		want    error
		swaps   int
	}{
		{"at an error of fn", "n", nil, boom, errBoom, 0},
		{"at a negative ttl", "n", nil, negative, storage.ErrInvalidTTL, 1},
		{"at the empty key", "", nil, increment, storage.ErrInvalidKey, 0},
		{"at a failure to read", "n", func(f *storagetest.Faults) { f.Fail(storage.ErrUnavailable, storage.OpGetEntry) }, increment, storage.ErrUnavailable, 0},
		{"at a failure to write", "n", func(f *storagetest.Faults) { f.Fail(storage.ErrReadOnly, storage.OpCompareAndSwap) }, increment, storage.ErrReadOnly, 0},
		{"at an unknown outcome", "n", func(f *storagetest.Faults) { f.LoseReply(storage.OpCompareAndSwap) }, increment, storage.ErrUnknownOutcome, 1},
		{"at a conflict of unknown outcome", "n", func(f *storagetest.Faults) {
			f.Fail(errors.Join(storage.ErrConflict, storage.ErrUnknownOutcome), storage.OpCompareAndSwap)
		}, increment, storage.ErrUnknownOutcome, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, faults := storagetest.Faulty(storage.Store[int](memstore.New[int]()))
			if err := s.Set(t.Context(), "n", 7, 0); err != nil {
				t.Fatal(err)
			}
			if test.prepare != nil {
				test.prepare(faults)
			}
			calls := 0
			got, err := storage.Update(t.Context(), s, test.key, func(e storage.Entry[int]) (int, time.Duration, error) {
				calls++
				return test.fn(e)
			})
			if !errors.Is(err, test.want) || got != 0 {
				t.Errorf("got %d, %v, want %v", got, err, test.want)
			}
			if n := faults.Calls(storage.OpCompareAndSwap); n != test.swaps || calls > 1 {
				t.Errorf("%d swaps and %d calls of fn, want %d swaps and no second call", n, calls, test.swaps)
			}
			faults.Heal()
			if value, _ := s.Get(t.Context(), "n"); value != 7 && !errors.Is(err, storage.ErrUnknownOutcome) || value > 8 {
				t.Errorf("the value is %d after %v", value, err)
			}
		})
	}
}

func TestUpdateEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := memstore.New[int]()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		// Below the tries Update does not see ctx: it must end in its pause.
		blind := storage.InterceptorFunc(func(ctx context.Context, _ *storage.Call, next func(context.Context) error) error {
			return next(context.WithoutCancel(ctx))
		})
		s := storage.Intercept(storage.Store[int](base), blind, rival(base, "n", 1000))
		_, err := storage.Update(ctx, s, "n", increment)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
	})
}

func TestUpdateIsRefused(t *testing.T) {
	s := storagetest.Minimal[int](memstore.New[int]())
	_, err := storage.Update(t.Context(), s, "n", func(storage.Entry[int]) (int, time.Duration, error) {
		t.Error("fn was called")
		return 0, 0, nil
	})
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("error %v, want errors.ErrUnsupported", err)
	}
}

// junk returns something next to its ErrNotFound.
type junk struct{ *memstore.Store[int] }

func (s junk) GetEntry(ctx context.Context, key string) (storage.Entry[int], error) {
	entry, err := s.Store.GetEntry(ctx, key)
	if err != nil {
		entry = storage.Entry[int]{Value: 41, Version: "junk", Expires: time.Now()}
	}
	return entry, err
}

func TestUpdateTakesNothingFromAMiss(t *testing.T) {
	got, err := storage.Update(t.Context(), junk{memstore.New[int]()}, "n", increment)
	if got != 1 || err != nil {
		t.Errorf("got %d, %v, want 1", got, err)
	}
}

package storagetest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tunica-go/tunica/storage"
)

func TestFaultsFail(t *testing.T) {
	ctx := t.Context()
	s, faults := Faulty(storage.ByteStore(newMighty()))
	broken := errors.New("broken")
	faults.Fail(broken, storage.OpSet, storage.OpHas)
	for range 3 {
		if err := s.Set(ctx, "key", Bytes(1), 0); !errors.Is(err, broken) {
			t.Errorf("Set: %v", err)
		}
	}
	if _, err := storage.Has(ctx, s, "key"); !errors.Is(err, broken) {
		t.Errorf("Has: %v", err)
	}
	if _, err := s.Get(ctx, "key"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Get, which was not told to fail: %v", err)
	}
	if set, get := faults.Calls(storage.OpSet), faults.Calls(storage.OpGet); set != 0 || get != 1 {
		t.Errorf("%d Sets and %d Gets reached the backend, want 0 and 1", set, get)
	}
	faults.Heal()
	if err := s.Set(ctx, "key", Bytes(1), 0); err != nil {
		t.Errorf("Set after Heal: %v", err)
	}

	faults.FailNext(2, broken)
	for i := range 3 {
		if err := s.Set(ctx, "key", Bytes(1), 0); (err != nil) != (i < 2) {
			t.Errorf("Set %d after FailNext(2): %v", i, err)
		}
		if err := s.Delete(ctx, "key"); (err != nil) != (i < 2) {
			t.Errorf("Delete %d after FailNext(2): %v", i, err)
		}
	}
}

func TestFaultsLoseReply(t *testing.T) {
	ctx := t.Context()
	s, faults := Faulty(storage.ByteStore(newMighty()))
	faults.LoseReply()
	if err := s.Set(ctx, "key", Bytes(1), 0); !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("Set: %v", err)
	}
	if _, err := s.Get(ctx, "key"); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Get(ctx, "absent"); !errors.Is(err, storage.ErrNotFound) {
		t.Logf("Get of an absent key: %v", err)
	}
	faults.Heal()
	if value, err := s.Get(ctx, "key"); err != nil || string(value) != string(Bytes(1)) {
		t.Errorf("the write whose reply was lost: %q, %v", value, err)
	}
}

func TestFaultsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, faults := Faulty(storage.ByteStore(newMighty()))
		faults.Delay(time.Minute, storage.OpSet)
		start := time.Now()
		if err := s.Set(t.Context(), "key", Bytes(1), 0); err != nil || time.Since(start) != time.Minute {
			t.Errorf("Set: %v after %v", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := s.Set(ctx, "key", Bytes(2), 0)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("Set: %v", err)
		}
		if n := faults.Calls(storage.OpSet); n != 1 {
			t.Errorf("%d Sets reached the backend, want 1", n)
		}
	})
}

func TestFaultsHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, faults := Faulty(storage.ByteStore(newMighty()))
		faults.Hang(storage.OpSet, storage.OpGet)
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 3)
		go func() { errs <- s.Set(ctx, "left", Bytes(1), 0) }()
		synctest.Wait()
		if n := faults.Hanging(); n != 1 {
			t.Errorf("%d calls hang, want 1", n)
		}
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) || !errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("Set of a caller that left: %v", err)
		}
		go func() { errs <- s.Set(t.Context(), "stayed", Bytes(2), 0) }()
		go func() { _, err := s.Get(ctx, "left"); errs <- err }()
		if err := <-errs; !errors.Is(err, context.Canceled) || errors.Is(err, storage.ErrUnknownOutcome) {
			t.Errorf("Get of a caller that left: %v", err)
		}
		synctest.Wait()
		faults.Heal()
		if err := <-errs; err != nil {
			t.Errorf("Set of a caller that stayed: %v", err)
		}
		if _, err := s.Get(t.Context(), "left"); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("the Set whose caller left: %v", err)
		}
		if n := faults.Calls(storage.OpSet); n != 1 || faults.Hanging() != 0 {
			t.Errorf("%d Sets reached the backend and %d calls hang, want 1 and 0", n, faults.Hanging())
		}
	})
}

func TestSkip(t *testing.T) {
	ran := false
	t.Run("inner", func(t *testing.T) {
		open := func(testing.TB) storage.ByteStore {
			ran = true
			return newTiny()
		}
		skip := make(map[string]string)
		for _, l := range laws[[]byte]() {
			skip[l.path()] = "for this test"
		}
		TestStore(t, open, Options{Native: AllPowers, Skip: skip})
	})
	if ran {
		t.Error("a case that is skipped was run")
	}
}

package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tunica-go/tunica/storage"
)

func TestFailed(t *testing.T) {
	join := func(errs ...error) error { return fmt.Errorf("redisstore: get: %w", errors.Join(errs...)) }
	tests := []struct {
		err  error
		want bool
	}{
		{nil, false},
		{storage.ErrNotFound, false},
		{join(storage.ErrNotFound), false},
		{storage.ErrConflict, false},
		{storage.ErrInvalidKey, false},
		{storage.ErrInvalidTTL, false},
		{storage.ErrInvalidValue, false},
		{storage.ErrTooLarge, false},
		{errors.ErrUnsupported, false},
		{storage.Unsupported(storage.OpTake, 1), false},
		{context.Canceled, false},
		{join(context.Canceled), false},

		{storage.ErrUnavailable, true},
		{storage.ErrReadOnly, true},
		{storage.ErrUnauthorized, true},
		{storage.ErrOverloaded, true},
		{storage.ErrCorrupt, true},
		{storage.ErrClosed, true},
		{storage.ErrUnknownOutcome, true},
		{context.DeadlineExceeded, true},
		{io.ErrUnexpectedEOF, true},
		{errBoom, true},
		{join(storage.ErrUnavailable), true},
		{join(storage.ErrUnknownOutcome, context.Canceled), true},
		{join(context.Canceled, storage.ErrUnavailable), true},
		{join(storage.ErrConflict, storage.ErrUnknownOutcome), true},
		{join(storage.ErrNotFound, storage.ErrCorrupt), true},
		{join(errBoom, context.Canceled), false},
	}
	for _, test := range tests {
		if got := storage.Failed(test.err); got != test.want {
			t.Errorf("Failed(%v) = %v, want %v", test.err, got, test.want)
		}
	}
}

type generic[V any] struct{}

func TestUnsupported(t *testing.T) {
	err := storage.Unsupported(storage.OpCompareAndSwap, &generic[map[string]int]{})
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%v does not match errors.ErrUnsupported", err)
	}
	const want = "storage: compare_and_swap: unsupported operation by *storage_test.generic"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestErrorTexts(t *testing.T) {
	for _, err := range []error{
		storage.ErrNotFound, storage.ErrConflict, storage.ErrInvalidKey, storage.ErrInvalidTTL, storage.ErrInvalidValue, storage.ErrTooLarge,
		storage.ErrUnavailable, storage.ErrReadOnly, storage.ErrUnauthorized, storage.ErrOverloaded,
		storage.ErrCorrupt, storage.ErrClosed, storage.ErrUnknownOutcome,
	} {
		if !strings.HasPrefix(err.Error(), "storage: ") {
			t.Errorf("%q does not say where it comes from", err)
		}
	}
}

package codec

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/tunica-go/tunica/storage"
)

// sizeError is the error of [MaxSize].
type sizeError struct{ size, limit int }

func (e *sizeError) Error() string {
	return fmt.Sprintf("codec: %d bytes are more than the limit of %d", e.size, e.limit)
}

func (e *sizeError) Is(target error) bool { return target == storage.ErrTooLarge }

// notEncoded returns the error of op for a value on which the codec failed
// with err, of which it keeps the type only.
func notEncoded[V any](op storage.Op, err error) error {
	if tooLarge, ok := errors.AsType[*sizeError](err); ok {
		return fmt.Errorf("codec: %s: %w: a %v of %d bytes, the limit is %d",
			op, storage.ErrTooLarge, reflect.TypeFor[V](), tooLarge.size, tooLarge.limit)
	}
	kind := storage.ErrInvalidValue
	if errors.Is(err, storage.ErrTooLarge) {
		kind = storage.ErrTooLarge
	}
	return fmt.Errorf("codec: %s: %w: %v (%T)", op, kind, reflect.TypeFor[V](), err)
}

// corruption collects what did not decode in one operation.
type corruption struct {
	values, bytes int
	reason        string
}

func (c *corruption) add(data []byte, err error) {
	c.values++
	c.bytes += len(data)
	if c.reason != "" {
		return
	}
	if tooLarge, ok := errors.AsType[*sizeError](err); ok {
		c.reason = fmt.Sprintf("more than the limit of %d", tooLarge.limit)
	} else {
		c.reason = fmt.Sprintf("%T", err)
	}
}

// notDecoded returns the error of op for c, or nil if there was none.
func notDecoded[V any](op storage.Op, c corruption) error {
	switch {
	case c.values == 0:
		return nil
	case op.Batch():
		return fmt.Errorf("codec: %s: %w: %d values of %d bytes together do not decode as %v (%s)",
			op, storage.ErrCorrupt, c.values, c.bytes, reflect.TypeFor[V](), c.reason)
	case op == storage.OpTake:
		return fmt.Errorf("codec: %s: %w: %d bytes do not decode as %v (%s); they were removed",
			op, storage.ErrCorrupt, c.bytes, reflect.TypeFor[V](), c.reason)
	default:
		return fmt.Errorf("codec: %s: %w: %d bytes do not decode as %v (%s)",
			op, storage.ErrCorrupt, c.bytes, reflect.TypeFor[V](), c.reason)
	}
}

package flight

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
)

// RunBatch performs loads, all led by the caller and perhaps of several
// tables, as one call of fn in a goroutine of its own. Fn returns a function
// that tells each key's result; a panic of either reaches the callers of all
// loads. The call is cancelled when nobody waits for any of the loads. No lock
// is held.
func RunBatch[R any](ctx context.Context, loads []*Load[R], fn func(context.Context) func(key string) (R, error)) {
	if len(loads) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wanted atomic.Int64
	wanted.Store(int64(len(loads)))
	unwanted := func() {
		if wanted.Add(-1) == 0 {
			cancel()
		}
	}
	for _, l := range loads {
		l.table.Lock.Lock()
		if l.zombie {
			unwanted()
		} else {
			l.cancel = unwanted
		}
		l.table.Lock.Unlock()
	}
	go func() {
		values, errs := make([]R, len(loads)), make([]error, len(loads))
		guard(
			func() {
				result := fn(ctx)
				for i, l := range loads {
					values[i], errs[i] = result(l.Key)
				}
			},
			func(abnormal error) {
				defer cancel()
				for i, l := range slices.Backward(loads) {
					defer func() { l.table.finish(l, values[i], cmp.Or(abnormal, errs[i])) }()
				}
			},
		)
	}()
}

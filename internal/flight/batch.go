package flight

import (
	"context"
	"sync/atomic"
)

// RunBatch performs loads, all led by the caller and perhaps of several
// tables, as one call of fn in a goroutine of its own. Fn returns a function
// that tells each key's result. The call is cancelled when nobody waits for
// any of the loads. No lock is held.
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
		var result func(key string) (R, error)
		guard(
			func() { result = fn(ctx) },
			func(abnormal error) {
				for _, l := range loads {
					var value R
					err := abnormal
					if err == nil {
						value, err = result(l.Key)
					}
					l.table.finish(l, value, err)
					l.table.running.Done()
				}
				cancel()
			},
		)
	}()
}

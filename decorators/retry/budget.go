package retry

import (
	"math"
	"sync/atomic"
)

// token is one further try. A bucket counts in thousandths of it.
const token = 1000

// fullBucket is what a bucket holds at most, and in the beginning.
const fullBucket = 100 * token

// budget is a bucket of tokens. While the store does not fail it is full, and
// an operation only looks.
type budget struct {
	level   atomic.Int64
	deposit int64 // of each operation; negative if there is no bound
}

func newBudget(ratio float64) *budget {
	b := &budget{deposit: -1}
	if ratio != NoBudget {
		b.deposit = int64(math.Ceil(min(ratio*token, fullBucket)))
	}
	b.level.Store(fullBucket)
	return b
}

// pay is what an operation does that could be tried again.
func (b *budget) pay() {
	for {
		level := b.level.Load()
		if level >= fullBucket || b.level.CompareAndSwap(level, min(level+b.deposit, fullBucket)) {
			return
		}
	}
}

// take reports whether there may be a further try, and takes its token.
func (b *budget) take() bool {
	for b.deposit >= 0 {
		level := b.level.Load()
		if level < token {
			return false
		}
		if b.level.CompareAndSwap(level, level-token) {
			break
		}
	}
	return true
}

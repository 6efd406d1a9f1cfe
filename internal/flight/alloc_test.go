package flight

import (
	"context"
	"sync"
	"testing"

	"github.com/tunica-go/tunica/internal/race"
)

func TestAllocOfALoadThatNobodyShares(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	var mu sync.Mutex
	table := Table[[]byte]{Lock: &mu}
	ctx, value := context.Background(), []byte("value")
	load := Func[[]byte](func(context.Context, *Load[[]byte]) ([]byte, error) { return value, nil })
	allocs := testing.AllocsPerRun(1000, func() {
		mu.Lock()
		p, _ := table.Join(ctx, "key", load)
		mu.Unlock()
		if _, err := p.Wait(ctx); err != nil {
			t.Error(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func BenchmarkUnshared(b *testing.B) {
	var mu sync.Mutex
	table := Table[[]byte]{Lock: &mu}
	ctx, value := context.Background(), []byte("value")
	load := Func[[]byte](func(context.Context, *Load[[]byte]) ([]byte, error) { return value, nil })
	for b.Loop() {
		mu.Lock()
		p, _ := table.Join(ctx, "key", load)
		mu.Unlock()
		_, _ = p.Wait(ctx)
	}
}

package visits

import (
	"sync"
	"testing"
)

func TestConcurrentVisits(t *testing.T) {
	p := New(nil)
	const n = 20
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := p.Add(t.Context(), "ann"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := p.Count(t.Context(), "ann"); got != n || err != nil {
		t.Errorf("%d, %v, want %d", got, err, n)
	}
	if got, err := p.Count(t.Context(), "nobody"); got != 0 || err != nil {
		t.Errorf("%d, %v for nobody, want 0", got, err)
	}
}

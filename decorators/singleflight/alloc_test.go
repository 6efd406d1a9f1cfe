package singleflight_test

import (
	"context"
	"testing"

	"github.com/tunica-go/tunica/adapters/memstore"
	"github.com/tunica-go/tunica/decorators/singleflight"
	"github.com/tunica-go/tunica/internal/race"
	"github.com/tunica-go/tunica/storage"
)

func TestAllocOfACallThatNobodyShares(t *testing.T) {
	if race.Enabled {
		t.Skip("the race detector allocates")
	}
	backend := memstore.New[string]()
	must(t, backend.Set(ctx, "key", "value", storage.NoExpiry))
	s := singleflight.New(backend)
	defer s.Close()
	endless := context.Background()
	if n := testing.AllocsPerRun(1000, func() { _, _ = s.Get(endless, "key") }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

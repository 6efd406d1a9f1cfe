package faults

import (
	"context"
	"sync"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// ofTheCaller are the faults of this side.
var ofTheCaller = []fault{
	{
		name:   "context that has ended",
		strike: func(*cell) {},
		patience: func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		},
		reads: "c", writes: "c",
	},
	{
		name:     "no free connection",
		settings: func(_ *world, s *settings) { s.poolSize, s.poolTimeout = 1, 20*time.Millisecond },
		strike:   occupy,
		reads:    "R", writes: "R", err: storage.ErrOverloaded, says: "pool timeout",
	},
	{
		name:   "client that was closed",
		strike: func(c *cell) { c.must(c.client.Close()) },
		reads:  "R", writes: "R", err: storage.ErrClosed,
	},
}

// occupy makes commands that block hold all connections.
func occupy(c *cell) {
	var blocked sync.WaitGroup
	c.heal(blocked.Wait)
	for i, key := range c.keys {
		list := "{" + key + "}" // of the same slot
		blocked.Go(func() { _ = c.client.BLPop(context.WithoutCancel(c.tb.Context()), 0, list).Err() })
		c.heal(func() { c.must(c.w.admins[i].RPush(c.tb.Context(), list, "").Err()) })
	}
	for _, admin := range c.w.admins {
		eventually(c.tb, "a command blocks", func() bool {
			clients, err := admin.ClientList(c.tb.Context()).Result()
			return err == nil && blocks(clients, appUser)
		})
	}
}

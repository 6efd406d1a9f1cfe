package redisstore_test

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// fails is a hook that fails each command.
type fails func() error

func (fails) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f fails) ProcessHook(redis.ProcessHook) redis.ProcessHook {
	return func(context.Context, redis.Cmder) error { return f() }
}

func (fails) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// hears is a hook that calls a function before each command.
type hears func(redis.Cmder)

func (hears) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f hears) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		f(cmd)
		return next(ctx, cmd)
	}
}

func (f hears) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			f(cmd)
		}
		return next(ctx, cmds)
	}
}

// after is a hook that calls a function after each command.
type after func(redis.Cmder)

func (after) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f after) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		f(cmd)
		return err
	}
}

func (after) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// left is a hook of the client of a node that was closed during a scan, as that
// of a node is that has left its Cluster.
type left struct{}

func (left) DialHook(next redis.DialHook) redis.DialHook { return next }

func (left) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if _, ok := cmd.(*redis.ScanCmd); ok {
			return redis.ErrClosed
		}
		return next(ctx, cmd)
	}
}

func (left) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

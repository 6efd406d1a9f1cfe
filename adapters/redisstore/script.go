package redisstore

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/go-redis/v9"
)

// A script is a Lua script with one key. The server keeps scripts until it is
// restarted, fails over or is told to flush them: then it says NOSCRIPT, has
// done nothing, and is sent the whole text.
//
// Scripts use pcall and return its errors, which are those of the command. With
// call, a server may put words of its own before the error's.
type script struct{ text, sha string }

func newScript(text string) script { return script{text, digest(text)} }

// digest is redis.sha1hex of Lua.
func digest[T string | []byte](data T) string {
	sum := sha1.Sum([]byte(data))
	return hex.EncodeToString(sum[:])
}

// write runs the script with the key w, at most once.
func (s script) write(ctx context.Context, c *client, w *write, args ...any) (any, error) {
	reply, err := w.process(ctx, c, append([]any{"evalsha", s.sha, 1, w}, args...)...)
	if err == nil || !redis.HasErrorPrefix(err, "NOSCRIPT") {
		return reply, err
	}
	return w.process(ctx, c, append([]any{"eval", s.text, 1, w}, args...)...)
}

// read runs the script, which only reads.
func (s script) read(ctx context.Context, c *client, key string) (any, error) {
	cmd := redis.NewCmd(ctx, "evalsha", s.sha, 1, key)
	if err := c.ask(ctx, cmd); err == nil || !redis.HasErrorPrefix(err, "NOSCRIPT") {
		return cmd.Val(), err
	}
	cmd = redis.NewCmd(ctx, "eval", s.text, 1, key)
	err := c.ask(ctx, cmd)
	return cmd.Val(), err
}

package redisstore

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
)

// A script is a Lua script with one key. The server keeps scripts until it is
// restarted, fails over or is told to flush them: then it says NOSCRIPT, has
// done nothing, and is sent the whole text.
//
// Scripts use pcall and return its errors, which are those of the command. With
// call, a server may put words of its own before the error's.
type script struct{ text, sha string }

func newScript(text string) *script { return &script{text, digest(text)} }

// digest is redis.sha1hex of Lua.
func digest[T string | []byte](data T) string {
	sum := sha1.Sum([]byte(data))
	var text [2 * sha1.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// writing makes a request that runs the script with the key w.
func (s *script) writing(ctx context.Context, w *write, args ...any) *request {
	r := newWriting(ctx, w, append([]any{"evalsha", s.sha, 1, w}, args...)...)
	r.script = s
	return r
}

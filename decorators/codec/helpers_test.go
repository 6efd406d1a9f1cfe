package codec_test

import (
	"context"
	"errors"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// session is a typical value: about 300 bytes as JSON.
type session struct {
	ID      string            `json:"id"`
	User    int64             `json:"user"`
	Roles   []string          `json:"roles,omitempty"`
	Created time.Time         `json:"created"`
	Agent   string            `json:"agent"`
	Data    map[string]string `json:"data,omitempty"`
}

func typical() session {
	return session{
		ID:      "3f1c9a6e5b7d4c2089ab12cd34ef5678",
		User:    8_231_007,
		Roles:   []string{"reader", "editor", "admin"},
		Created: time.Date(2026, 11, 3, 12, 30, 0, 0, time.UTC),
		Agent:   "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
		Data:    map[string]string{"locale": "en-GB", "theme": "dark", "cart": "b2c9e1f07a", "csrf": "6fd1b4a29c"},
	}
}

// minimal is a third party's adapter: three methods.
type minimal struct{ next storage.ByteStore }

func (m minimal) Get(ctx context.Context, key string) ([]byte, error) { return m.next.Get(ctx, key) }

func (m minimal) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return m.next.Set(ctx, key, value, ttl)
}

func (m minimal) Delete(ctx context.Context, key string) error { return m.next.Delete(ctx, key) }

// watch returns next and the list of the operations that reach it.
func watch(next storage.ByteStore) (storage.ByteStore, *[]storage.Op) {
	ops := new([]storage.Op)
	return storage.Intercept(next, storage.InterceptorFunc(
		func(ctx context.Context, call *storage.Call, next func(context.Context) error) error {
			*ops = append(*ops, call.Op)
			return next(ctx)
		})), ops
}

// failing is a third party's codec whose errors quote what they were given.
type failing struct{ err error }

func (f failing) Encode(value string) ([]byte, error) {
	return nil, errors.Join(f.err, errors.New("cannot encode "+value))
}

func (f failing) Decode(data []byte) (string, error) {
	return "half " + string(data), errors.Join(f.err, errors.New("cannot decode "+string(data)))
}

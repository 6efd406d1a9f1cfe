package storagetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// leaky puts a prefix before the keys of Get, Set and Delete only: what it
// embeds serves the rest without.
type leaky struct{ mighty }

func (s leaky) In(scope storage.Scope) storage.ByteStore {
	return leakyView{s.mighty, storage.In(storage.ByteStore(s.mighty), scope)}
}

type leakyView struct {
	mighty
	view storage.ByteStore
}

func (s leakyView) Get(ctx context.Context, key string) (bytesOf, error) {
	return s.view.Get(ctx, key)
}

func (s leakyView) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	return s.view.Set(ctx, key, v, ttl)
}

func (s leakyView) Delete(ctx context.Context, key string) error { return s.view.Delete(ctx, key) }

func (s leakyView) In(scope storage.Scope) storage.ByteStore { return storage.In(s.view, scope) }

// flat forgets the outer prefix of a view in a view.
type flat struct{ mighty }

func (s flat) In(scope storage.Scope) storage.ByteStore {
	return flatView{storage.In(storage.ByteStore(s.mighty), scope), s}
}

type flatView struct {
	storage.ByteStore
	base flat
}

func (v flatView) In(scope storage.Scope) storage.ByteStore { return v.base.In(scope) }

// foldsPrefix takes prefixes that differ by case for the same.
type foldsPrefix struct{ mighty }

func (s foldsPrefix) In(scope storage.Scope) storage.ByteStore {
	scope.Prefix = strings.ToLower(scope.Prefix)
	return storage.In(storage.ByteStore(s.mighty), scope)
}

// twoDeep forgets the outermost prefix of a view three deep.
type twoDeep struct {
	storage.ByteStore // the view
	inner             string
	base              storage.ByteStore
}

func (s twoDeep) In(scope storage.Scope) storage.ByteStore {
	if s.base == nil {
		s.base = s.ByteStore
	}
	view := storage.In(Minimal(s.base), storage.Scope{Prefix: s.inner + scope.Prefix})
	return twoDeep{view, scope.Prefix, s.base}
}

// closesBase closes the store below when a view is closed.
type closesBase struct {
	*tiny[bytesOf]
	closed *bool
}

func (s closesBase) Get(ctx context.Context, key string) (bytesOf, error) {
	if *s.closed {
		return nil, storage.ErrClosed
	}
	return s.tiny.Get(ctx, key)
}

func (s closesBase) In(scope storage.Scope) storage.ByteStore {
	return closesBaseView{storage.In(Minimal(storage.ByteStore(s)), scope), s}
}

func (s closesBase) Close() error { *s.closed = true; return nil }

type closesBaseView struct {
	storage.ByteStore
	base closesBase
}

func (v closesBaseView) Close() error { return v.base.Close() }

// closesOnce fails the second time.
type closesOnce struct {
	*tiny[bytesOf]
	closed *bool
}

func (s closesOnce) Close() error {
	if *s.closed {
		return storage.ErrClosed
	}
	*s.closed = true
	return nil
}

// tells puts the key into its errors.
type tells struct{ *tiny[bytesOf] }

func (s tells) Get(ctx context.Context, key string) (bytesOf, error) {
	v, err := s.tiny.Get(ctx, key)
	if err != nil {
		err = fmt.Errorf("get %q: %w", key, err)
	}
	return v, err
}

// tellsValue puts the value into its errors.
type tellsValue struct{ *tiny[bytesOf] }

func (s tellsValue) Set(ctx context.Context, key string, v bytesOf, ttl time.Duration) error {
	err := s.tiny.Set(ctx, key, v, ttl)
	if err != nil {
		err = fmt.Errorf("set to %s: %w", v, err)
	}
	return err
}

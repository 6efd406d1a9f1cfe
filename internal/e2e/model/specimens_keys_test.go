package model

import (
	"context"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/tunica-go/tunica/storage"
)

var keySpecimens = []specimen{
	{"Keys takes a pattern", false, glued, func(s store) store { return globKeys{whole{s}} }},
	{"DeletePrefix takes a pattern", false, glued, func(s store) store { return globDeletes{whole{s}} }},
	{"DeletePrefix deletes the key only", false, glued, func(s store) store { return deletesKey{whole{s}} }},
	{"Keys folds case", false, glued, func(s store) store { return foldingKeys{whole{s}} }},
	{"keys fold case", false, glued, mapped(strings.ToLower)},
	{"keys end at NUL", false, glued, mapped(func(key string) string { key, _, _ = strings.Cut(key, "\x00"); return key })},
	{"keys end at a line", false, glued, mapped(func(key string) string { return strings.TrimRight(key, "\r\n") })},
	{"keys lose spaces", false, glued, mapped(strings.TrimSpace)},
	{"keys become UTF-8", false, glued, mapped(func(key string) string { return strings.ToValidUTF8(key, "\uFFFD") })},
	{"keys are 255 bytes", false, glued, mapped(func(key string) string { return key[:min(len(key), 255)] })},
	{"keys are paths", false, glued, mapped(func(key string) string { return strings.TrimPrefix(path.Clean("/"+key), "/") })},
	{"keys lose their tags", false, glued, mapped(func(key string) string { return strings.NewReplacer("{", "", "}", "").Replace(key) })},
	{"an empty key is a key", false, glued, func(s store) store { return noCheck{whole{s}} }},
}

// matches is strings.HasPrefix for somebody who asks with a pattern.
func matches(key, prefix string) bool {
	found, err := path.Match(prefix+"*", key)
	return err == nil && found
}

type globKeys struct{ whole }

func (s globKeys) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range storage.Keys(ctx, s.next, "") {
			if (err != nil || matches(key, prefix)) && !yield(key, err) {
				return
			}
		}
	}
}

type globDeletes struct{ whole }

func (s globDeletes) DeletePrefix(ctx context.Context, prefix string) error {
	if prefix == "" {
		return storage.ErrInvalidKey
	}
	for key := range storage.Keys(ctx, s.next, "") {
		if matches(key, prefix) {
			if err := s.next.Delete(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

type deletesKey struct{ whole }

func (s deletesKey) DeletePrefix(ctx context.Context, prefix string) error {
	return s.next.Delete(ctx, prefix)
}

type foldingKeys struct{ whole }

func (s foldingKeys) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range storage.Keys(ctx, s.next, "") {
			folds := len(key) >= len(prefix) && strings.EqualFold(key[:len(prefix)], prefix)
			if (err != nil || folds) && !yield(key, err) {
				return
			}
		}
	}
}

// renamed changes the keys of three methods and of GetEntry.
type renamed struct {
	whole
	key func(string) string
}

// mapped returns a store that writes and reads by Set, Get, GetEntry and
// Delete under another key. Where that is empty it keeps the key.
func mapped(change func(string) string) func(store) store {
	return func(s store) store {
		return renamed{whole{s}, func(key string) string {
			if changed := change(key); changed != "" {
				return changed
			}
			return key
		}}
	}
}

func (s renamed) Get(ctx context.Context, key string) ([]byte, error) {
	return s.next.Get(ctx, s.key(key))
}

func (s renamed) GetEntry(ctx context.Context, key string) (storage.Entry[[]byte], error) {
	return storage.GetEntry(ctx, s.next, s.key(key))
}

func (s renamed) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.next.Set(ctx, s.key(key), value, ttl)
}

func (s renamed) Delete(ctx context.Context, key string) error { return s.next.Delete(ctx, s.key(key)) }

type noCheck struct{ whole }

func (s noCheck) Has(ctx context.Context, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	return storage.Has(ctx, s.next, key)
}

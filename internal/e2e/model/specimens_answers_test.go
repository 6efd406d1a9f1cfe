package model

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// whole is what specimens are made of: everything forwarded, one thing wrong.
// Their views are the generic key map, which calls them.
type whole = foreign[[]byte]

var glued = traits{glued: true}

var answerSpecimens = []specimen{
	{"Has is truthy", false, glued, func(s store) store { return truthy{whole{s}} }},
	{"an empty value is a miss", false, glued, func(s store) store { return emptyIsMiss{whole{s}} }},
	{"nil deletes", false, glued, func(s store) store { return nilDeletes{whole{s}} }},
	{"an error is swallowed", false, glued, func(s store) store { return swallows{whole{s}} }},
	{"a miss is no error", false, glued, func(s store) store { return noMiss{whole{s}} }},
	{"deleting nothing is an error", false, glued, func(s store) store { return strict{whole{s}} }},
	{"a key twice in GetMany is lost", false, glued, func(s store) store { return twice{whole{s}} }},
	{"GetMany has absent keys", false, glued, func(s store) store { return padded{whole{s}} }},
	{"SetMany stores before it checks", false, glued, func(s store) store { return hasty{whole{s}} }},
	{"DeleteMany leaves the last", false, glued, func(s store) store { return leavesLast{whole{s}} }},
	{"the argument is kept", false, traits{lacks: allPowers}, func(s store) store { return &owning{next: s, keepsArgument: true} }},
	{"the result is the store's own", false, traits{lacks: allPowers}, func(s store) store { return &owning{next: s, lendsResult: true} }},
	{"values are cut at NUL", false, glued, func(s store) store { return cString{whole{s}} }},
	{"big values are cut", false, glued, func(s store) store { return cuts{whole{s}} }},
}

type truthy struct{ whole }

func (s truthy) Has(ctx context.Context, key string) (bool, error) {
	value, err := s.next.Get(ctx, key)
	if errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	return len(value) > 0, err
}

type emptyIsMiss struct{ whole }

func (s emptyIsMiss) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.next.Get(ctx, key)
	if err == nil && len(value) == 0 {
		err = storage.ErrNotFound
	}
	return value, err
}

type nilDeletes struct{ whole }

func (s nilDeletes) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if value == nil && key != "" && ttl >= 0 {
		return s.next.Delete(ctx, key)
	}
	return s.next.Set(ctx, key, value, ttl)
}

type swallows struct{ whole }

func (s swallows) Touch(ctx context.Context, key string, ttl time.Duration) error {
	err := storage.Touch(ctx, s.next, key, ttl)
	if errors.Is(err, storage.ErrInvalidTTL) {
		return nil
	}
	return err
}

type noMiss struct{ whole }

func (s noMiss) Take(ctx context.Context, key string) ([]byte, error) {
	value, err := storage.Take(ctx, s.next, key)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	return value, err
}

type strict struct{ whole }

func (s strict) Delete(ctx context.Context, key string) error {
	if has, err := storage.Has(ctx, s.next, key); err == nil && !has {
		return storage.ErrNotFound
	}
	return s.next.Delete(ctx, key)
}

type twice struct{ whole }

func (s twice) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	values, err := storage.GetMany(ctx, s.next, keys)
	for i, key := range keys {
		if slices.Contains(keys[:i], key) {
			delete(values, key)
		}
	}
	return values, err
}

type padded struct{ whole }

func (s padded) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	values, err := storage.GetMany(ctx, s.next, keys)
	for _, key := range keys {
		if err == nil {
			values[key] = append([]byte{}, values[key]...)
		}
	}
	return values, err
}

type hasty struct{ whole }

func (s hasty) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	for key, value := range values {
		if err := s.Set(ctx, key, value, ttl); err != nil {
			return err
		}
	}
	return nil
}

type leavesLast struct{ whole }

func (s leavesLast) DeleteMany(ctx context.Context, keys []string) error {
	if len(keys) > 1 && !slices.Contains(keys, "") {
		keys = keys[:len(keys)-1]
	}
	return storage.DeleteMany(ctx, s.next, keys)
}

// owning is a map with three methods that copies too little. The store below
// has the same keys.
type owning struct {
	next                       store
	keepsArgument, lendsResult bool
	values                     map[string][]byte
}

func (s *owning) Get(_ context.Context, key string) ([]byte, error) {
	value, ok := s.values[key]
	switch {
	case key == "":
		return nil, storage.ErrInvalidKey
	case !ok:
		return nil, storage.ErrNotFound
	case s.lendsResult:
		return value, nil
	}
	return slices.Clone(value), nil
}

func (s *owning) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	switch {
	case key == "":
		return storage.ErrInvalidKey
	case ttl < 0:
		return storage.ErrInvalidTTL
	case !s.keepsArgument:
		value = slices.Clone(value)
	}
	if s.values == nil {
		s.values = make(map[string][]byte)
	}
	s.values[key] = value
	return s.next.Set(ctx, key, nil, ttl)
}

func (s *owning) Delete(ctx context.Context, key string) error {
	if key == "" {
		return storage.ErrInvalidKey
	}
	delete(s.values, key)
	return s.next.Delete(ctx, key)
}

type cString struct{ whole }

func (s cString) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if i := slices.Index(value, 0); i >= 0 {
		value = value[:i]
	}
	return s.next.Set(ctx, key, value, ttl)
}

type cuts struct{ whole }

func (s cuts) SetMany(ctx context.Context, values map[string][]byte, ttl time.Duration) error {
	kept := make(map[string][]byte)
	for key, value := range values {
		kept[key] = value[:min(len(value), 4096)]
	}
	return storage.SetMany(ctx, s.next, kept, ttl)
}

package storage

import (
	"context"
	"sync/atomic"
)

// A Memo is a place beside a value that a store keeps in memory. What a decorator
// above has made of the value, such as its decoded form, can stay there, for the
// next reader of the same value. It goes when the value goes: one that was written
// since has another Memo.
//
// A Memo keeps one thing. It is safe for concurrent use.
type Memo struct{ note atomic.Pointer[memoNote] }

type memoNote struct{ by, made any }

// Load returns what by has left, if nobody else has left something since.
func (m *Memo) Load(by any) (made any, ok bool) {
	note := m.note.Load()
	if note == nil || note.by != by {
		return nil, false
	}
	return note.made, true
}

// Store leaves what by has made of the value. By is something comparable that
// nobody else has, such as the pointer to a decorator; everybody who has it gets
// made, and must not write to it.
func (m *Memo) Store(by, made any) { m.note.Store(&memoNote{by, made}) }

// MemoGetter is the interface of a store that keeps values in memory, or of a
// decorator that may be above one. See [GetMemo].
type MemoGetter[V any] interface {
	GetMemo(ctx context.Context, key string) (V, *Memo, error)
}

// GetMemo is Get. If the value was in memory, it returns its Memo too, if s has
// one for it, and nil otherwise: then there is nowhere to keep what is made of the
// value.
func GetMemo[V any](ctx context.Context, s Store[V], key string) (V, *Memo, error) {
	if s, ok := s.(MemoGetter[V]); ok {
		return s.GetMemo(ctx, key)
	}
	value, err := s.Get(ctx, key)
	return value, nil, err
}

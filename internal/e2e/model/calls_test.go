package model

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// got is what a stack answered.
type got[V any] struct {
	class   class
	value   V
	has     bool
	values  map[string]V
	entries map[string]storage.Entry[V]
	keys    []string
	updated storage.Entry[V] // what the function of Update got
	version storage.Version  // of a swap
}

// do calls the stack.
func (p *playerOf[V]) do(ctx context.Context, o op, w want) got[V] {
	var (
		g   got[V]
		err error
		s   = p.views[o.view]
	)
	switch o.do {
	case storage.OpGet:
		g.value, err = s.Get(ctx, o.key)
	case storage.OpTake:
		g.value, err = storage.Take(ctx, s, o.key)
	case storage.OpHas:
		g.has, err = storage.Has(ctx, s, o.key)
	case storage.OpGetMany:
		g.values, err = storage.GetMany(ctx, s, o.keys)
	case storage.OpGetEntry:
		var e storage.Entry[V]
		e, err = storage.GetEntry(ctx, s, o.key)
		g.value, g.entries = e.Value, map[string]storage.Entry[V]{o.key: e}
	case storage.OpGetEntries:
		g.entries, err = storage.GetEntries(ctx, s, o.keys)
	case storage.OpSet:
		value := p.to(o.value)
		err = s.Set(ctx, o.key, value, o.ttl)
		p.reuse(value)
	case storage.OpSetMany:
		batch := make(map[string]V)
		for i, key := range o.keys {
			batch[key] = p.to(o.values[i])
		}
		err = storage.SetMany(ctx, s, batch, o.ttl)
		for key, value := range batch {
			p.reuse(value)
			delete(batch, key)
		}
	case storage.OpDelete:
		err = s.Delete(ctx, o.key)
	case storage.OpDeleteMany:
		keys := slices.Clone(o.keys)
		err = storage.DeleteMany(ctx, s, keys)
		clear(keys)
	case storage.OpTouch:
		err = storage.Touch(ctx, s, o.key, o.ttl)
	case storage.OpDeletePrefix:
		err = storage.DeletePrefix(ctx, s, o.key)
	case storage.OpPing:
		err = storage.Ping(ctx, s)
	case storage.OpKeys:
		for key, e := range storage.Keys(ctx, s, o.key) {
			if err = e; err != nil && key != "" {
				err = fmt.Errorf("a key came with it: %w, %w", err, errGaveUp)
			}
			if err == nil {
				g.keys = append(g.keys, key)
			}
		}
	case storage.OpCompareAndSwap:
		old, value := p.oldVersion(ctx, o, w), p.to([]byte(w.write))
		g.version, err = storage.CompareAndSwap(ctx, s, o.key, old, value, w.ttl)
		p.reuse(value)
	case opUpdate:
		g.value, err = storage.Update(ctx, s, o.key, func(e storage.Entry[V]) (V, time.Duration, error) {
			g.updated = e
			switch o.change {
			case givesUp:
				return p.to(o.value), o.ttl, errGaveUp
			case keepsTTL:
				return p.to([]byte(w.write)), e.TTL(), nil
			}
			return p.to([]byte(w.write)), o.ttl, nil
		})
	}
	g.class = classify(err)
	return g
}

// oldVersion returns what the swap o compares with.
func (p *playerOf[V]) oldVersion(ctx context.Context, o op, w want) storage.Version {
	switch w.old {
	case fresh:
		e, _ := storage.GetEntry(ctx, p.views[o.view], o.key) // what goes wrong, the swap shows
		return e.Version
	case remembered:
		return p.versions[w.of.generation]
	case invented:
		return "no such version"
	}
	return ""
}

// reuse writes to a value that the stack was given and should have copied.
func (p *playerOf[V]) reuse(value V) {
	if p.spot != nil {
		p.spot(value)
	}
}

// spoil writes to a value that the stack has handed out.
func (p *playerOf[V]) spoil(value V) {
	if p.spot != nil && !p.shares {
		p.spot(value)
	}
}

package namespace_test

import (
	"maps"
	"slices"
	"time"

	"github.com/tunica-go/tunica/storage"
)

// step is one kind of operation.
type step struct {
	op    storage.Op
	power bool
	do    func(c *call) error
}

var steps = []step{
	{storage.OpGet, false, func(c *call) error {
		c.mustHave()
		value, err := c.s.Get(ctx, c.key)
		c.got(c.key, value, err == nil)
		return err
	}},
	{storage.OpSet, false, func(c *call) error {
		value := c.value()
		c.put(c.key, value, time.Hour)
		return c.s.Set(ctx, c.key, value, time.Hour)
	}},
	{storage.OpDelete, false, func(c *call) error {
		delete(c.want, c.key)
		return c.s.Delete(ctx, c.key)
	}},
	{storage.OpHas, false, func(c *call) error {
		has, err := storage.Has(ctx, c.s, c.key)
		c.got(c.key, c.before[c.key].Value, has)
		return err
	}},
	{storage.OpGetMany, false, func(c *call) error {
		values, err := storage.GetMany(ctx, c.s, c.keysOf())
		for _, key := range c.batch {
			value, ok := values[key]
			c.got(key, value, ok)
		}
		c.onlyAsked(slices.Collect(maps.Keys(values)))
		return err
	}},
	{storage.OpSetMany, false, func(c *call) error {
		values := make(map[string][]byte)
		for _, key := range c.keysOf() {
			values[key] = c.value()
			c.put(key, values[key], 0)
		}
		return storage.SetMany(ctx, c.s, values, storage.NoExpiry)
	}},
	{storage.OpDeleteMany, false, func(c *call) error {
		keys := c.keysOf()
		for _, key := range keys {
			delete(c.want, key)
		}
		return storage.DeleteMany(ctx, c.s, keys)
	}},
	{storage.OpGetEntry, true, func(c *call) error {
		c.mustHave()
		entry, err := storage.GetEntry(ctx, c.s, c.key)
		c.got(c.key, entry.Value, err == nil)
		return err
	}},
	{storage.OpGetEntries, true, func(c *call) error {
		entries, err := storage.GetEntries(ctx, c.s, c.keysOf())
		for _, key := range c.batch {
			entry, ok := entries[key]
			c.got(key, entry.Value, ok)
		}
		c.onlyAsked(slices.Collect(maps.Keys(entries)))
		return err
	}},
	{storage.OpCompareAndSwap, true, func(c *call) error { // creates
		value := c.value()
		if _, ok := c.before[c.key]; ok {
			c.wantErr = storage.ErrConflict
		} else {
			c.put(c.key, value, 0)
		}
		_, err := storage.CompareAndSwap(ctx, c.s, c.key, "", value, storage.NoExpiry)
		return err
	}},
	{storage.OpCompareAndSwap, true, func(c *call) error { // replaces
		value := c.value()
		c.put(c.key, value, time.Hour)
		_, err := storage.CompareAndSwap(ctx, c.s, c.key, c.before[c.key].Version, value, time.Hour)
		return err
	}},
	{storage.OpTake, true, func(c *call) error {
		c.mustHave()
		delete(c.want, c.key)
		value, err := storage.Take(ctx, c.s, c.key)
		c.got(c.key, value, err == nil)
		return err
	}},
	{storage.OpTouch, true, func(c *call) error {
		c.mustHave()
		if entry, ok := c.before[c.key]; ok {
			c.put(c.key, entry.Value, time.Hour)
		}
		return storage.Touch(ctx, c.s, c.key, time.Hour)
	}},
	{storage.OpKeys, true, func(c *call) error {
		prefix := cut(c.key, c.key2)
		var keys []string
		for key, err := range storage.Keys(ctx, c.s, prefix) {
			if err != nil {
				return c.listed(prefix, err, keys)
			}
			keys = append(keys, key)
		}
		return c.listed(prefix, nil, keys)
	}},
	{storage.OpDeletePrefix, true, func(c *call) error {
		for _, key := range c.before.under(c.key) {
			delete(c.want, key)
		}
		c.batch = []string{"no key"}
		return storage.DeletePrefix(ctx, c.s, c.key)
	}},
	{storage.OpPing, true, func(c *call) error {
		c.batch = []string{"no key"}
		return storage.Ping(ctx, c.s)
	}},
}

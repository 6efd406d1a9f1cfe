package cache

import (
	"strings"
	"time"
)

// holdFor is how long nothing is kept of a key after a write with an unknown
// outcome: the write may yet happen.
const holdFor = int64(5 * time.Second)

// holds are the keys and prefixes of a shard that must not be kept for now.
// All holds last equally long, so the oldest ends first.
type holds struct {
	keys     map[string]int64 // when the hold ends
	queue    []hold           // by end; a key held again is in it twice
	prefixes []hold           // by end
}

type hold struct {
	name string
	ends int64
}

func (h *holds) add(key string, now int64) {
	h.expire(now)
	if h.keys == nil {
		h.keys = make(map[string]int64)
	}
	h.keys[key] = now + holdFor
	h.queue = append(h.queue, hold{key, now + holdFor})
}

func (h *holds) addPrefix(prefix string, now int64) {
	h.expire(now)
	h.prefixes = append(h.prefixes, hold{prefix, now + holdFor})
}

func (h *holds) held(key string, now int64) bool {
	h.expire(now)
	if _, ok := h.keys[key]; ok {
		return true
	}
	for _, p := range h.prefixes {
		if strings.HasPrefix(key, p.name) {
			return true
		}
	}
	return false
}

// expire ends the holds that are over.
func (h *holds) expire(now int64) {
	for len(h.queue) > 0 && h.queue[0].ends <= now {
		if key := h.queue[0].name; h.keys[key] <= now {
			delete(h.keys, key)
		}
		h.queue = h.queue[1:]
	}
	for len(h.prefixes) > 0 && h.prefixes[0].ends <= now {
		h.prefixes = h.prefixes[1:]
	}
}

package flight

import "iter"

// slots finds the slot of a key. One slot is kept outside the map, which would
// cost more than all the rest of a load that nobody shares.
type slots[R any] struct {
	lone   *slot[R]
	others map[string]*slot[R]
	spare  *slot[R] // for the next key
}

func (t *slots[R]) find(key string) *slot[R] {
	if t.lone != nil && t.lone.key == key {
		return t.lone
	}
	return t.others[key]
}

// add makes a slot for a key that has none.
func (t *slots[R]) add(key string) *slot[R] {
	s := t.spare
	t.spare = nil
	if s == nil {
		s = new(slot[R])
	}
	s.key = key
	if t.lone == nil {
		t.lone = s
		return s
	}
	if t.others == nil {
		t.others = make(map[string]*slot[R])
	}
	t.others[key] = s
	return s
}

func (t *slots[R]) remove(s *slot[R]) {
	if t.lone == s {
		t.lone = nil
		return
	}
	delete(t.others, s.key)
}

// reuse makes a slot that was removed, and that nobody knows any more, one for
// another key.
func (t *slots[R]) reuse(s *slot[R]) {
	*s = slot[R]{}
	t.spare = s
}

func (t *slots[R]) all() iter.Seq[*slot[R]] {
	return func(yield func(*slot[R]) bool) {
		if t.lone != nil && !yield(t.lone) {
			return
		}
		for _, s := range t.others {
			if !yield(s) {
				return
			}
		}
	}
}

func (t *slots[R]) len() int {
	if t.lone != nil {
		return len(t.others) + 1
	}
	return len(t.others)
}

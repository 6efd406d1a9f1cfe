package storage

// Supporter is implemented by stores, and by interceptors, whose operations
// depend on what is below or on how they are set up. Every decorator is one.
type Supporter interface {
	// Supports reports whether op is native here and in every layer below.
	Supports(op Op) bool
}

// Supports reports whether op is native in s, through every layer: s has the
// method and, if s implements [Supporter], s.Supports(op) agrees. Get, Set and
// Delete are native in every store that is no Supporter.
//
// A shortcut such as [GetMany] works without; a power such as
// [CompareAndSwap] is refused without.
func Supports[V any](s Store[V], op Op) bool {
	if !implements(s, op) {
		return false
	}
	if s, ok := s.(Supporter); ok {
		return s.Supports(op)
	}
	return true
}

func implements[V any](s Store[V], op Op) (ok bool) {
	switch op {
	case OpGet, OpSet, OpDelete:
		ok = true
	case OpHas:
		_, ok = s.(Haser)
	case OpGetMany:
		_, ok = s.(ManyGetter[V])
	case OpSetMany:
		_, ok = s.(ManySetter[V])
	case OpDeleteMany:
		_, ok = s.(ManyDeleter)
	case OpGetEntry:
		_, ok = s.(EntryGetter[V])
	case OpGetEntries:
		_, ok = s.(EntriesGetter[V])
	case OpCompareAndSwap:
		_, ok = s.(Swapper[V])
	case OpTake:
		_, ok = s.(Taker[V])
	case OpTouch:
		_, ok = s.(Toucher)
	case OpKeys:
		_, ok = s.(KeyLister)
	case OpDeletePrefix:
		_, ok = s.(PrefixDeleter)
	case OpPing:
		_, ok = s.(Pinger)
	case OpIn:
		_, ok = s.(Scoper[V])
	}
	return ok
}

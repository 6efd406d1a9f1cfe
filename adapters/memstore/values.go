package memstore

import "reflect"

// copyOf returns what may be handed out of the store, or kept in it.
func (s *settings[V]) copyOf(value V) V {
	if s.clone == nil {
		return value
	}
	return s.clone(value)
}

// usualClone returns the function that copies values which are bytes, or nil
// if V is of another kind.
func usualClone[V any]() func(V) V {
	if clone, ok := any(cloneBytes).(func(V) V); ok {
		return clone
	}
	if clone, ok := any(cloneAny).(func(V) V); ok {
		return clone
	}
	if t := reflect.TypeFor[V](); t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return cloneNamed[V]
	}
	return nil
}

// cloneBytes returns a copy with no room to grow; nil stays nil.
func cloneBytes(b []byte) []byte {
	if b == nil {
		return nil
	}
	c := make([]byte, len(b))
	copy(c, b)
	return c
}

func cloneAny(v any) any {
	if b, ok := v.([]byte); ok {
		return cloneBytes(b)
	}
	return v
}

// cloneNamed is cloneBytes for a type such as json.RawMessage.
func cloneNamed[V any](value V) (c V) {
	reflect.ValueOf(&c).Elem().SetBytes(cloneBytes(reflect.ValueOf(value).Bytes()))
	return c
}

// usualWeigh returns len for values that have a length in bytes, or nil if V
// is of another kind.
func usualWeigh[V any]() func(V) int {
	if weigh, ok := any(func(b []byte) int { return len(b) }).(func(V) int); ok {
		return weigh
	}
	if weigh, ok := any(func(s string) int { return len(s) }).(func(V) int); ok {
		return weigh
	}
	t := reflect.TypeFor[V]()
	if t.Kind() == reflect.String || t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return func(value V) int { return reflect.ValueOf(value).Len() }
	}
	return nil
}

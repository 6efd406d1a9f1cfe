package flight

// Clip cuts the capacity of bytes to their length, so that one of several
// callers who share them may append without writing into another's value.
// It returns values of other types as they are.
func Clip[V any](v V) V {
	if b, ok := any(v).([]byte); ok && b != nil {
		return any(b[:len(b):len(b)]).(V)
	}
	return v
}

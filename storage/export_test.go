package storage

// What the constructors return, for assertions in the external tests.
type (
	Intercepted[V any] = intercepted[V]
	Scoped[V any]      = scoped[V]
)

// UpdateTries is how often Update tries.
const UpdateTries = updateTries

//go:build race

// Package race tells tests whether the race detector is on. It makes pools
// forget, so that allocations cannot be counted.
package race

// Enabled reports whether the program was built with -race.
const Enabled = true

//go:build !race

package storage

// raceEnabled reports whether the program was built with -race.
const raceEnabled = false

// Package load puts a whole program under load, which must not grow.
//
// The program is [the host]: plugins on one stack over a real Redis, a process of
// its own that serves HTTP. The test is the other process. It asks as much as it
// can over a few dozen connections, and pauses from time to time, until nothing
// is in progress any more, to see what the host holds then: goroutines, and what
// its heap has after a collection.
//
// make test runs it for some seconds, make load for ten minutes.
//
// [the host]: https://pkg.go.dev/github.com/tunica-go/tunica/internal/e2e/load/host
package load

// Package suite has the contests between this module and its peers, and the
// bars that they are measured for. docs/performance.md says how to read them,
// and what of a peer has to be minded.
package suite

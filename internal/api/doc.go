// Package api has no code. Its test compares every exported name of the
// module, with its signature, with testdata/api.txt, so that a change of the
// API is deliberate: go test ./internal/api -update writes the file anew.
package api

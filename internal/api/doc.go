// Package api has no code. Its test compares what a program can use of the
// module, with its signature, with testdata/api.txt, so that a change of the
// API is deliberate: go test ./internal/api -update writes the file anew.
//
// That is every exported name; fields and methods, promoted ones too, with
// tags, and whether a method is one of values; whether values can be compared;
// the values of constants; and of a type that is not exported, but can be
// reached through what is, its fields and methods. What only another operating
// system has is not seen.
package api

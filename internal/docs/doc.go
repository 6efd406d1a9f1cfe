// Package docs has no code: its tests compile and run the Go blocks of
// README.md and of the pages under docs.
//
// A block is what stands between a line "```go" and a line "```".
//
//   - A block that begins with a package clause is a file. Blocks of one page
//     with the same package name are one package; those of package main are a
//     program each.
//   - Any other block is a fragment: declarations or statements. It may use the
//     variables of preamble.go.txt, and the packages that it uses by their usual
//     names are imported for it.
//
// Every block is type-checked. A package with tests is tested, and a program
// that is followed by a block "```text" is run and must print that.
package docs

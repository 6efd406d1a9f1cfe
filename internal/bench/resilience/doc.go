// Package resilience has no code. It compares decorators/breaker and
// decorators/retry with the same made of the libraries that everybody knows:
// what they promise, as a test that fails if a row of the table in
// docs/decisions/010 is not so any more, and what they cost, as benchmarks.
package resilience

// Package layers holds the rules of who may import whom, as a test:
//
//   - storage depends on the standard library only;
//   - no decorator and no adapter depends on another decorator or adapter, but
//     for decorators of values, which may use codec, and metrics, which shows
//     what a cache counts;
//   - a program of storage, memstore and namespace links no third-party package.
//
// What a package depends on includes what its imports import. Tests are free.
package layers

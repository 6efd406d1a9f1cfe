// Package isolation has no code. Its tests hold a view, such as a plugin is
// handed, against law 9: its holder has no way to a key outside it.
//
//   - What can be reached from a view without unsafe, by exported fields and by
//     methods that need no argument, is walked by reflection. There is no store
//     in it, no client, and no method that package storage does not know.
//   - Whatever is done with a view, and with views that it makes in hostile
//     scopes, the keys beside it stay as they are, and nobody sees them.
//
// Both are tried on specimens that leak, which they must find.
package isolation

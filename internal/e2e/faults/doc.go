// Package faults strikes redisstore with everything that can go wrong between a
// caller and Redis, and checks what each operation makes of it: on one server,
// behind Sentinel, and on a Cluster.
//
// The matrix is fault × operation × topology. Each cell is one call, of which
// the servers tell how many times they executed it:
//
//   - done is executed once, refused never, and what is of unknown outcome once
//     at most;
//   - a failure is never a miss, false or an empty listing;
//   - no error holds a key or a value, or the words of the client.
//
// make faults prints the matrix, and what became of writes when a master was
// killed under load.
package faults

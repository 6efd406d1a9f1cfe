package faults

// onTheWire are the faults of the connection.
var onTheWire = []fault{}

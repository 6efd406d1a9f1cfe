package storage

import "strconv"

// Op names an operation of a store. Its String is a stable lower-case word
// such as "get_many", made for span names and metric labels.
type Op uint8

// The operations. OpIn only asks [Supports]; it is never a [Call].
const (
	OpGet Op = iota + 1
	OpSet
	OpDelete
	OpHas
	OpGetMany
	OpSetMany
	OpDeleteMany
	OpGetEntry
	OpGetEntries
	OpCompareAndSwap
	OpTake
	OpTouch
	OpKeys
	OpDeletePrefix
	OpPing
	OpIn
)

var opNames = [...]string{
	OpGet:            "get",
	OpSet:            "set",
	OpDelete:         "delete",
	OpHas:            "has",
	OpGetMany:        "get_many",
	OpSetMany:        "set_many",
	OpDeleteMany:     "delete_many",
	OpGetEntry:       "get_entry",
	OpGetEntries:     "get_entries",
	OpCompareAndSwap: "compare_and_swap",
	OpTake:           "take",
	OpTouch:          "touch",
	OpKeys:           "keys",
	OpDeletePrefix:   "delete_prefix",
	OpPing:           "ping",
	OpIn:             "in",
}

// String returns the name of op.
func (op Op) String() string {
	if op == 0 || int(op) >= len(opNames) {
		return "Op(" + strconv.Itoa(int(op)) + ")"
	}
	return opNames[op]
}

// ReadOnly reports whether op changes nothing in the store: the reads,
// [OpKeys] and [OpPing].
func (op Op) ReadOnly() bool {
	switch op {
	case OpGet, OpHas, OpGetMany, OpGetEntry, OpGetEntries, OpKeys, OpPing, OpIn:
		return true
	}
	return false
}

// Idempotent reports whether op may be sent again after a failure without
// anybody being able to tell. That holds for what is [Op.ReadOnly] and for
// nothing else: a Set or a Delete sent twice may undo a write between them.
func (op Op) Idempotent() bool { return op.ReadOnly() }

// Streaming reports whether op lasts as long as its caller's loop does.
// A timeout for a call leaves such an operation alone.
func (op Op) Streaming() bool { return op == OpKeys }

// Batch reports whether op takes many keys at once, which are in [Call].Keys.
func (op Op) Batch() bool {
	switch op {
	case OpGetMany, OpSetMany, OpDeleteMany, OpGetEntries:
		return true
	}
	return false
}

package storage_test

import (
	"testing"

	"github.com/tunica-go/tunica/storage"
)

func TestOps(t *testing.T) {
	tests := []struct {
		op                         storage.Op
		name                       string
		readOnly, batch, streaming bool
	}{
		{storage.OpGet, "get", true, false, false},
		{storage.OpSet, "set", false, false, false},
		{storage.OpDelete, "delete", false, false, false},
		{storage.OpHas, "has", true, false, false},
		{storage.OpGetMany, "get_many", true, true, false},
		{storage.OpSetMany, "set_many", false, true, false},
		{storage.OpDeleteMany, "delete_many", false, true, false},
		{storage.OpGetEntry, "get_entry", true, false, false},
		{storage.OpGetEntries, "get_entries", true, true, false},
		{storage.OpCompareAndSwap, "compare_and_swap", false, false, false},
		{storage.OpTake, "take", false, false, false},
		{storage.OpTouch, "touch", false, false, false},
		{storage.OpKeys, "keys", true, false, true},
		{storage.OpDeletePrefix, "delete_prefix", false, false, false},
		{storage.OpPing, "ping", true, false, false},
		{storage.OpIn, "in", true, false, false},
		{0, "Op(0)", false, false, false},
		{200, "Op(200)", false, false, false},
	}
	for i, test := range tests[:16] {
		if int(test.op) != i+1 {
			t.Errorf("%v is number %d of the table: one is missing", test.op, i+1)
		}
	}
	if next := storage.Op(17).String(); next != "Op(17)" {
		t.Errorf("the table lacks %s", next)
	}
	for _, test := range tests {
		if got := test.op.String(); got != test.name {
			t.Errorf("String of %d: %q, want %q", test.op, got, test.name)
		}
		if got := test.op.ReadOnly(); got != test.readOnly {
			t.Errorf("ReadOnly of %v: %v", test.op, got)
		}
		if got := test.op.Idempotent(); got != test.readOnly {
			t.Errorf("Idempotent of %v: %v", test.op, got)
		}
		if got := test.op.Batch(); got != test.batch {
			t.Errorf("Batch of %v: %v", test.op, got)
		}
		if got := test.op.Streaming(); got != test.streaming {
			t.Errorf("Streaming of %v: %v", test.op, got)
		}
	}
}

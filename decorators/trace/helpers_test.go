package trace_test

import (
	"context"
	"time"
)

// fixed is a store that answers the same to every Get, Set and Delete.
type fixed struct{ err error }

func (f fixed) Get(context.Context, string) (string, error)              { return "value", f.err }
func (f fixed) Set(context.Context, string, string, time.Duration) error { return f.err }
func (f fixed) Delete(context.Context, string) error                     { return f.err }

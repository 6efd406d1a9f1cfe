//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package redistest

import (
	"errors"
	"os"
)

const (
	canPause    = false
	canEndAlone = false
)

// endWithUs does nothing here: the server ends in the cleanup of its test.
func endWithUs(int, string) (release func(), err error) { return func() {}, nil }

func stop(*os.Process) error { return errors.ErrUnsupported }

func cont(*os.Process) error { return errors.ErrUnsupported }

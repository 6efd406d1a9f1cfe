package model

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tunica-go/tunica/storage"
)

// A class is the kind of an answer: two stores that answer alike agree in it.
type class string

const (
	ok          class = "success"
	notFound    class = "ErrNotFound"
	conflict    class = "ErrConflict"
	invalidKey  class = "ErrInvalidKey"
	invalidTTL  class = "ErrInvalidTTL"
	unsupported class = "errors.ErrUnsupported"
	gaveUp      class = "the function's own error"
)

var errGaveUp = errors.New("model: the function gives up")

var classes = []struct {
	class class
	err   error
}{
	{notFound, storage.ErrNotFound},
	{conflict, storage.ErrConflict},
	{invalidKey, storage.ErrInvalidKey},
	{invalidTTL, storage.ErrInvalidTTL},
	{unsupported, errors.ErrUnsupported},
	{gaveUp, errGaveUp},
}

// classify returns the class of err. What is of no class, of two, or a failure
// is one of its own, which is never wanted.
func classify(err error) class {
	if err == nil {
		return ok
	}
	var found []string
	for _, c := range classes {
		if errors.Is(err, c.err) {
			found = append(found, string(c.class))
		}
	}
	if len(found) != 1 || storage.Failed(err) != (found[0] == string(gaveUp)) {
		return class(fmt.Sprintf("the error %q (%s)", err, strings.Join(found, ", ")))
	}
	return class(found[0])
}

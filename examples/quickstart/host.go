package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/examples/quickstart/sessions"
	"github.com/tunica-go/tunica/examples/quickstart/visits"
	"github.com/tunica-go/tunica/storage"
)

// host serves requests with its plugins. Only the host has the whole stack.
type host struct {
	stack    storage.ByteStore
	sessions *sessions.Plugin
	visits   *visits.Plugin

	tracer oteltrace.Tracer
	spans  *spanTree
	w      io.Writer
}

func newHost(stack storage.ByteStore, provider oteltrace.TracerProvider, spans *spanTree, w io.Writer) *host {
	return &host{
		stack:    stack,
		sessions: sessions.New(namespace.New(stack, "sessions")),
		visits:   visits.New(namespace.New(stack, "visits")),
		tracer:   provider.Tracer("quickstart"),
		spans:    spans,
		w:        w,
	}
}

// serve serves the requests of a script, one a line.
func (h *host) serve(ctx context.Context, script string) error {
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			fmt.Fprintln(h.w, line)
			continue
		}
		verb, id, _ := strings.Cut(line, " ")
		ctx, span := h.tracer.Start(ctx, verb)
		answer, err := h.handle(ctx, verb, id)
		span.End()
		if err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		fmt.Fprintf(h.w, "> %s\n%s\n", line, answer)
		h.spans.print(h.w)
	}
	return nil
}

// handle serves one request. For the script's sake a session's id is the name
// of its user; in the real world it is a long random text.
func (h *host) handle(ctx context.Context, verb, id string) (string, error) {
	switch verb {
	case "login":
		return "welcome, " + id, h.sessions.Login(ctx, id, id)
	case "whoami":
		session, err := h.sessions.Resume(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return "nobody is logged in", nil
		}
		return "you are " + session.User, err
	case "logout":
		return "goodbye, " + id, h.sessions.Logout(ctx, id)
	case "visit":
		n, err := h.visits.Add(ctx, id)
		return fmt.Sprintf("visit %d of %s", n, id), err
	case "visits":
		n, err := h.visits.Count(ctx, id)
		return fmt.Sprintf("%s came %d times", id, n), err
	case "deploy":
		h.sessions = sessions.New(namespace.New(h.stack, "sessions"))
		return "the sessions plugin has started again", nil
	case "keys":
		return h.keys(ctx)
	}
	return "", errors.New("unknown request")
}

// keys lists the keys of the whole stack, which no plugin can.
func (h *host) keys(ctx context.Context) (string, error) {
	var keys []string
	for key, err := range storage.Keys(ctx, h.stack, "") {
		if err != nil {
			return "", err
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return strings.Join(slices.Compact(keys), "\n"), nil
}

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/examples/quickstart/visits"
	"github.com/tunica-go/tunica/storage"
)

// How long a probe and a request wait for the store.
const (
	probePatience   = 250 * time.Millisecond
	requestPatience = 2 * time.Second
)

// unavailable is all that others are told of a failure; the log has the rest.
const unavailable = "the storage is not available"

type service struct {
	stack  storage.ByteStore
	visits *visits.Plugin
	log    *slog.Logger
	state  atomic.Int32
}

// What the last probe of readiness found.
const (
	unknown int32 = iota
	ready
	notReady
)

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("POST /visits/{visitor}", s.visit)
	return mux
}

func (s *service) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), probePatience)
	defer cancel()
	err := storage.Ping(ctx, s.stack)
	if r.Context().Err() != nil {
		return // nobody waits for the answer, so it says nothing
	}
	if err != nil {
		if s.state.Swap(notReady) != notReady {
			s.log.Warn("not ready", "error", err)
		}
		http.Error(w, unavailable, http.StatusServiceUnavailable)
		return
	}
	if s.state.Swap(ready) != ready {
		s.log.Info("ready")
	}
	fmt.Fprintln(w, "ok")
}

func (s *service) visit(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), requestPatience)
	defer cancel()
	n, err := s.visits.Add(ctx, r.PathValue("visitor"))
	switch {
	case storage.Failed(err):
		s.log.Warn("a visit was not counted, or may not have been", "error", err)
		http.Error(w, unavailable, http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, "no such visitor can be", http.StatusBadRequest)
	default:
		fmt.Fprintln(w, n)
	}
}

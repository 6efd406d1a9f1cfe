package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/tunica-go/tunica/internal/e2e/load"
	"github.com/tunica-go/tunica/storage"
)

// counters are of what is in progress, and of what was done.
type counters struct {
	operations            atomic.Uint64
	requests, connections atomic.Int64
}

func newServer(s *stack) *http.Server {
	c := new(counters)
	all := plugins(s)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /do/{operation}/{key}", func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		defer c.requests.Add(-1)
		do(w, r, s, all[r.PathValue("operation")])
		c.operations.Add(1)
	})
	mux.HandleFunc("GET /growth", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(c.growth(s))
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	return &http.Server{Handler: mux, ReadHeaderTimeout: patience, ConnState: func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			c.connections.Add(1)
		case http.StateClosed:
			c.connections.Add(-1)
		}
	}}
}

// do runs op for a request, and says by the status how it ended.
func do(w http.ResponseWriter, r *http.Request, s *stack, op operation) {
	if op == nil {
		http.Error(w, "no such operation", http.StatusBadRequest)
		return
	}
	ctx := r.Context()
	if within := r.FormValue("within"); within != "" {
		d, err := time.ParseDuration(within)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	ctx, span := s.tracer.Start(ctx, r.PathValue("operation"))
	defer span.End()
	status := http.StatusInternalServerError
	err := op(ctx, r.PathValue("key"))
	switch {
	case err == nil:
		return
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		status = http.StatusGatewayTimeout
	case storage.Failed(err):
	case errors.Is(err, storage.ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, storage.ErrConflict):
		status = http.StatusConflict
	}
	http.Error(w, err.Error(), status)
}

func (c *counters) growth(s *stack) load.Growth {
	runtime.GC()
	runtime.GC() // a sync.Pool forgets at the second one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return load.Growth{
		Operations:  c.operations.Load(),
		Requests:    c.requests.Load(),
		Connections: c.connections.Load(),
		Spans:       s.spans.open.Load(),
		Left:        s.store.Stats().Left,
		Goroutines:  runtime.NumGoroutine(),
		HeapBytes:   m.HeapAlloc,
		HeapObjects: m.HeapObjects,
		Cache:       s.cache.Stats(),
	}
}

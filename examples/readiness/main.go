// Readiness is a small service that counts visits, made to be operated: it says
// whether it lives and whether it can serve, it starts and goes on while Redis is
// down, and it ends without breaking off a request.
//
//	go run ./examples/readiness
//	REDIS_URL=redis://127.0.0.1:6379 ADDR=127.0.0.1:8080 go run ./examples/readiness
//
//	curl -X POST localhost:8080/visits/ann
//	curl localhost:8080/livez
//	curl localhost:8080/readyz
//
// What asks /livez restarts the process if the answer is bad, which mends no
// Redis; so /livez asks nobody. What asks /readyz sends no requests here until the
// answer is good again; so /readyz asks the store, through every layer, and does
// not wait long for it.
package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/tunica-go/tunica/decorators/cache"
	"github.com/tunica-go/tunica/decorators/namespace"
	"github.com/tunica-go/tunica/examples/quickstart/visits"
)

// grace is how long requests have to end when the process is told to.
const grace = 10 * time.Second

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	listener, err := net.Listen("tcp", cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"))
	if err == nil {
		err = run(ctx, listener, os.Getenv("REDIS_URL"), log)
	}
	if err != nil {
		log.Error("readiness ends", "error", err)
		os.Exit(1)
	}
}

// run serves on listener until ctx ends, and closes what it opened, the outermost
// first. The store is the server at url, or memory if url is empty.
func run(ctx context.Context, listener net.Listener, url string, log *slog.Logger) (err error) {
	defer listener.Close()
	backend, closeBackend, err := open(url, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeBackend()) }()
	stack := cache.New(backend, cache.Options{MaxEntries: 1000})
	defer stack.Close()

	service := &service{stack: stack, visits: visits.New(namespace.New(stack, "visits")), log: log}
	server := &http.Server{Handler: service.handler(), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", "address", listener.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}

	log.Info("shutting down")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err = server.Shutdown(ctx) // no new requests; the ones that are there end
	if err != nil {
		_ = server.Close()
	}
	<-served
	return err
}
